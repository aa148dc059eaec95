// Drops files onto a window as a file manager does (XDND 5): drop_files TITLE FILE... Exit code 0 once the window says
// that it took them.
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>

#include "tests/gui/tools/find_window.hpp"

namespace {

constexpr std::chrono::seconds kPatience{20};

class Drop {
 public:
  Drop(Display* display, Window target, std::string uris) : display_(display), target_(target), uris_(std::move(uris)) {
    source_ = XCreateSimpleWindow(display_, XDefaultRootWindow(display_), 0, 0, 1, 1, 0, 0, 0);
    XSetSelectionOwner(display_, atom("XdndSelection"), source_, CurrentTime);
  }
  /// True where the target took them.
  bool run() {
    send("XdndEnter", 5L << 24, static_cast<long>(atom("text/uri-list")), 0, 0);
    send("XdndPosition", 0, 40L << 16 | 40L, CurrentTime, static_cast<long>(atom("XdndActionCopy")));
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!finished_ && std::chrono::steady_clock::now() < end) {
      pollfd waiting{XConnectionNumber(display_), POLLIN, 0};
      if (XPending(display_) == 0 && poll(&waiting, 1, 200) <= 0) continue;
      XEvent event;
      XNextEvent(display_, &event);
      handle(event);
    }
    return finished_ && taken_;
  }

 private:
  [[nodiscard]] Atom atom(const char* name) const { return XInternAtom(display_, name, 0); }

  void send(const char* type, long a, long b, long c, long d) {
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.window = target_;
    event.xclient.message_type = atom(type);
    event.xclient.format = 32;
    event.xclient.data.l[0] = static_cast<long>(source_);
    event.xclient.data.l[1] = a;
    event.xclient.data.l[2] = b;
    event.xclient.data.l[3] = c;
    event.xclient.data.l[4] = d;
    XSendEvent(display_, target_, 0, NoEventMask, &event);
    XFlush(display_);
  }

  void handle(const XEvent& event) {
    if (event.type == SelectionRequest) return answer(event.xselectionrequest);
    if (event.type != ClientMessage) return;
    if (event.xclient.message_type == atom("XdndStatus") && !dropped_) {
      dropped_ = true;
      if ((event.xclient.data.l[1] & 1) == 0) {
        finished_ = true;  // It does not want them.
      } else {
        send("XdndDrop", 0, CurrentTime, 0, 0);
      }
    }
    if (event.xclient.message_type == atom("XdndFinished")) {
      finished_ = true;
      taken_ = event.xclient.data.l[1] != 0;  // Its lowest bit by the protocol; GLFW 3.3 gives the number of bytes.
    }
  }

  void answer(const XSelectionRequestEvent& request) {
    XChangeProperty(display_, request.requestor, request.property, request.target, 8, PropModeReplace,
                    reinterpret_cast<const unsigned char*>(uris_.data()), static_cast<int>(uris_.size()));
    XEvent reply{};
    reply.xselection.type = SelectionNotify;
    reply.xselection.requestor = request.requestor;
    reply.xselection.selection = request.selection;
    reply.xselection.target = request.target;
    reply.xselection.property = request.property;
    reply.xselection.time = request.time;
    XSendEvent(display_, request.requestor, 0, NoEventMask, &reply);
    XFlush(display_);
  }

  Display* display_;
  Window target_, source_ = 0;
  std::string uris_;
  bool dropped_ = false, finished_ = false, taken_ = false;
};

/// Blanks and what is not ASCII are escaped, as file managers do.
std::string uri_of(const std::string& file) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : file) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '%') {
      uri += c;
    } else {
      uri += {'%', kHex[byte >> 4], kHex[byte & 0xF]};
    }
  }
  return uri;
}

}  // namespace

int main(int argc, char** argv) {
  Display* display = argc >= 3 ? XOpenDisplay(nullptr) : nullptr;
  const Window window = display != nullptr ? find_window(display, XDefaultRootWindow(display), argv[1]) : 0;
  if (window == 0) {
    std::cerr << "usage: drop_files TITLE FILE..., with DISPLAY set; no such window\n";
    return 1;
  }
  std::string uris;
  for (int i = 2; i < argc; ++i) uris += uri_of(argv[i]) + "\r\n";
  const bool taken = Drop(display, window, std::move(uris)).run();
  XCloseDisplay(display);
  return taken ? 0 : 1;
}
