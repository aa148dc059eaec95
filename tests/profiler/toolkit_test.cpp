#include "profiler/cuda/toolkit.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"
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

/// As conda's packages lay a toolkit into an environment: no folder of its own, headers apart from libraries.
TEST(Toolkit, IsThatOfTheCondaEnvironmentToo) {
  const EnvironmentVariable home("CUDA_HOME", std::nullopt), path("CUDA_PATH", std::nullopt);
  const TemporaryFolder folder;
  const EnvironmentVariable active("VIRTUAL_ENV", std::nullopt), conda("CONDA_PREFIX", folder.path().string());
  const fs::path file = folder.path() / "lib" / "libfuseline-stand-in-of-conda.so";
  fs::create_directories(file.parent_path());
  fs::copy_file(FUSELINE_FAKE_DRIVER, file);
  std::string looked_for;
  void* library = open_toolkit_library({file.filename().string()}, looked_for);
  ASSERT_NE(library, nullptr) << looked_for;
  EXPECT_EQ(fs::canonical(file_of_symbol(dlsym(library, "cuInit"))), fs::canonical(file));
  dlclose(library);
  for (const char* target : {"x86_64-linux", "sbsa-linux"}) {
    fs::create_directories(folder.path() / "targets" / target / "include");
    std::ofstream(folder.path() / "targets" / target / "include" / "cuda_fp16.h") << "";
  }
  std::vector<std::string> looked_for_headers;
  const auto found = toolkit_include_folders(file, looked_for_headers);
  ASSERT_FALSE(found.empty());
  EXPECT_THAT(found.front(), ::testing::StartsWith((fs::canonical(folder.path()) / "targets").string()));
}

}  // namespace
}  // namespace fuseline::profiler
