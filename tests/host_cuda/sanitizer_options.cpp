// Options of the sanitizers that every program of these tests starts with.
#include <sanitizer/asan_interface.h>

extern "C" const char* __asan_default_options();
// Looking for leaks needs ptrace, which containers forbid, and the loaded kernels stay loaded on purpose.
extern "C" const char* __asan_default_options() { return "detect_leaks=0:strict_string_checks=1"; }
