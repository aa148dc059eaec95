// What NVRTC keeps until the end of the process is no leak of ours; read by the leak sanitizer where the tests are
// built with it. NOLINTBEGIN(bugprone-reserved-identifier): the sanitizer chose the name.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libnvrtc"; }
// NOLINTEND(bugprone-reserved-identifier)
