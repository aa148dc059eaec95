// The window whose title has a text in it, anywhere on a display.
#pragma once

#include <X11/Xlib.h>

#include <cstring>

/// 0 where there is none.
inline Window find_window(Display* display, Window from, const char* title) {
  char* name = nullptr;
  const bool found = XFetchName(display, from, &name) != 0 && name != nullptr && std::strstr(name, title) != nullptr;
  if (name != nullptr) XFree(name);
  if (found) return from;
  Window root = 0, parent = 0, result = 0;
  Window* children = nullptr;
  unsigned count = 0;
  if (XQueryTree(display, from, &root, &parent, &children, &count) == 0) return 0;
  for (unsigned i = 0; i < count && result == 0; ++i) result = find_window(display, children[i], title);
  if (children != nullptr) XFree(children);
  return result;
}
