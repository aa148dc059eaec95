// Preloaded into a sanitized fuseline-gui: libraries stay loaded until the end, so that the leak checker can name whose
// leak it is (Mesa's are suppressed by name).
extern "C" int dlclose(void*) noexcept { return 0; }
