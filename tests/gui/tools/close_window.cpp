// Asks a window to close as a window manager does when its cross is clicked: close_window TITLE. Exit code 1 where
// there is no such window.
#include <X11/Xlib.h>

#include <iostream>

#include "tests/gui/tools/find_window.hpp"

int main(int argc, char** argv) {
  Display* display = argc == 2 ? XOpenDisplay(nullptr) : nullptr;
  const Window window = display != nullptr ? find_window(display, XDefaultRootWindow(display), argv[1]) : 0;
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
