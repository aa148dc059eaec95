// Asks a window to close as a window manager does when its cross is clicked: close_window TITLE. Exit code 1 where there is no such window.
#include <X11/Xlib.h>

#include <cstring>
#include <iostream>

namespace {

Window find(Display* display, Window from, const char* title) {
  char* name = nullptr;
  const bool found = XFetchName(display, from, &name) != 0 && name != nullptr && std::strcmp(name, title) == 0;
  if (name != nullptr) XFree(name);
  if (found) return from;
  Window root = 0, parent = 0, result = 0;
  Window* children = nullptr;
  unsigned count = 0;
  if (XQueryTree(display, from, &root, &parent, &children, &count) == 0) return 0;
  for (unsigned i = 0; i < count && result == 0; ++i) result = find(display, children[i], title);
  if (children != nullptr) XFree(children);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  Display* display = argc == 2 ? XOpenDisplay(nullptr) : nullptr;
  const Window window = display != nullptr ? find(display, XDefaultRootWindow(display), argv[1]) : 0;
  if (window == 0) {
    std::cerr << "usage: close_window TITLE, with DISPLAY set; no such window\n";
    return 1;
  }
  XEvent event{};
  event.xclient.type = ClientMessage;
  event.xclient.window = window;
  event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", 0);
  event.xclient.format = 32;
  event.xclient.data.l[0] = static_cast<long>(XInternAtom(display, "WM_DELETE_WINDOW", 0));
  event.xclient.data.l[1] = CurrentTime;
  const bool sent = XSendEvent(display, window, 0, NoEventMask, &event) != 0;
  XCloseDisplay(display);
  return sent ? 0 : 1;
}
