// How the runtime calls a kernel whose signature it does not know: through an array of pointers to the arguments, as
// cuLaunchKernel does.
#ifndef FUSELINE_HOST_CUDA_ENTRY_HPP
#define FUSELINE_HOST_CUDA_ENTRY_HPP

#include <stddef.h>

#include <tuple>
#include <type_traits>
#include <utility>

namespace fuseline::host_cuda {

/// What a kernel takes: 'p' for a pointer, 'f' and 'd' for reals, 'i' and 'l' for integers of 32 and 64 bits, '?' for
/// anything else, one letter an argument.
template <typename Argument>
constexpr char kind_of() {
  if (std::is_pointer_v<Argument>) return 'p';
  if (std::is_same_v<Argument, float>) return 'f';
  if (std::is_same_v<Argument, double>) return 'd';
  if (!std::is_integral_v<Argument>) return '?';
  return sizeof(Argument) == 4 ? 'i' : sizeof(Argument) == 8 ? 'l' : '?';
}

struct KernelEntry {
  const char* name;
  const char* kinds;
  void (*call)(void** arguments);
};

template <auto kernel>
struct Entry;

template <typename... Arguments, void (*kernel)(Arguments...)>
struct Entry<kernel> {
  static constexpr char kinds[] = {kind_of<Arguments>()..., '\0'};
  static void call(void** arguments) { call_with(arguments, std::index_sequence_for<Arguments...>()); }

 private:
  template <size_t... at>
  static void call_with([[maybe_unused]] void** arguments, std::index_sequence<at...>) {
    kernel(*static_cast<std::remove_cv_t<Arguments>*>(arguments[at])...);
  }
};

/// The static shared arrays of a module.
struct SharedRange {
  char* begin;
  char* end;
};

}  // namespace fuseline::host_cuda

#endif
