#include "profiler/cuda/nvrtc_library.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace fuseline::profiler {
namespace {

/// A toolkit that the loader does not know has NVRTC's own built-ins beside NVRTC, and NVRTC asks for them by name.
TEST(NvrtcLibrary, ItsBuiltinsAreOpenFromItsOwnFolder) {
  const auto nvrtc = NvrtcLibrary::load();
  if (!nvrtc) GTEST_SKIP() << nvrtc.error().message();
  const std::string name = "libnvrtc-builtins.so." + (*nvrtc)->version;
  const auto beside = std::filesystem::path((*nvrtc)->file).parent_path() / name;
  if (!std::filesystem::exists(beside)) GTEST_SKIP() << "there are none beside " << (*nvrtc)->file;
  void* library = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  ASSERT_NE(library, nullptr) << dlerror();
  dlclose(library);
}

}  // namespace
}  // namespace fuseline::profiler
