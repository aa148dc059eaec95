#include "profiler/cuda/toolkit.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/environment_variable.hpp"
#include "tuner/base/files.hpp"

namespace fuseline::profiler {
namespace {

namespace fs = std::filesystem;

/// The prefix of this test program as a wheel's environment: its nvidia packages, which are taken away again.
class Environment {
 public:
  Environment() : python_(tuner::executable_folder().parent_path() / "lib" / "python3.99") {
    fs::create_directories(packages());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    std::error_code ignored;
    fs::remove_all(python_, ignored);
  }
  [[nodiscard]] fs::path packages() const { return python_ / "site-packages" / "nvidia" / "cu13" / "lib"; }

 private:
  fs::path python_;
};

TEST(Toolkit, IsThatOfTheEnvironmentThatTheProgramLiesIn) {
  const EnvironmentVariable home("CUDA_HOME", std::nullopt), path("CUDA_PATH", std::nullopt);
  const EnvironmentVariable active("VIRTUAL_ENV", std::nullopt), conda("CONDA_PREFIX", std::nullopt);
  std::string looked_for;
  EXPECT_EQ(open_toolkit_library({"libfuseline-stand-in.so"}, looked_for), nullptr);
  const Environment environment;
  const fs::path file = environment.packages() / "libfuseline-stand-in.so";
  fs::copy_file(FUSELINE_FAKE_DRIVER, file);
  looked_for.clear();
  void* library = open_toolkit_library({"libfuseline-stand-in.so"}, looked_for);
  ASSERT_NE(library, nullptr) << looked_for;
  EXPECT_EQ(fs::canonical(file_of_symbol(dlsym(library, "cuInit"))), fs::canonical(file));
  dlclose(library);
}

}  // namespace
}  // namespace fuseline::profiler
