// Packages for C++ from recorded runs, with images that are made up. tests/exported builds and calls them.
#include "tuner/package/cpp_package.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/tuner/package/package_samples.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/package/cpp_images.hpp"
#include "tuner/package/cpp_names.hpp"
#include "tuner/package/folder.hpp"
#include "tuner/package/torch_package.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CppPackage : public ::testing::Test {
 protected:
  [[nodiscard]] PackageRequest request(const std::vector<tuner::Run>& runs, const std::string& name) const {
    PackageRequest made = samples::request(runs, folder(name), targets_, build_);
    made.distil = distil_;
    return made;
  }
  [[nodiscard]] Result<PackageExported> write(const std::vector<tuner::Run>& runs,
                                              const std::string& name = "fused_ops") const {
    return export_cpp(request(runs, name));
  }
  [[nodiscard]] std::string error(const std::vector<tuner::Run>& runs, const std::string& name = "fused_ops") const {
    const auto written = write(runs, name);
    return written ? "" : written.error().message();
  }
  [[nodiscard]] std::filesystem::path folder(const std::string& name = "fused_ops") const {
    return temporary_.path() / name;
  }

  TemporaryFolder temporary_;
  std::vector<Target> targets_ = package_targets(data_folder(), "rtx4090", {}).value();
  ImageBuilder build_ = samples::builder();
  std::size_t distil_ = 0;
  tuner::Run forward_ = samples::recorded("layernorm_gelu_scale.f32.kernelbench");
  tuner::Run backward_ = samples::recorded("layernorm_gelu_scale_backward.f32.kernelbench");
};

TEST_F(CppPackage, HasOneHeaderALibraryAndWhatTheOtherKindHas) {
  ASSERT_TRUE(write({forward_}));
  const FileContents files = read_package(folder()).value();
  for (const char* file : {"fused_ops.hpp", "CMakeLists.txt", "example.cpp", "README.md", "src/operations.cpp",
                           "src/images.cpp", "src/sources.cpp", "src/runtime.cpp", "wisdom.json",
                           "sources/layernorm_gelu_scale/row_group.cu", "sources/common/dtype.cuh"})
    EXPECT_TRUE(files.contains(file)) << file;
  const std::string& header = files.at("fused_ops.hpp");
  EXPECT_THAT(header, HasSubstr("namespace fused_ops {"));
  EXPECT_THAT(header, HasSubstr("Status layernorm_gelu_scale(const void* x, const void* gamma, const void* beta, "
                                "void* out,"));
  EXPECT_THAT(header, HasSubstr("  double eps = 1e-05;\n  double scale = 1.5;\n"));
  EXPECT_THAT(header, HasSubstr("  std::int64_t W = 0;  ///< 1 to 65536\n"));
  EXPECT_THAT(files.at("CMakeLists.txt"), HasSubstr("add_library(fused_ops::fused_ops ALIAS fused_ops)"));
  for (const auto& [file, text] : files) {
    EXPECT_THAT(file + text, AllOf(Not(HasSubstr("fuseline_package")), Not(HasSubstr(FUSELINE_SOURCE_DIR)))) << file;
  }
  ASSERT_TRUE(export_torch(request({forward_}, "for_torch")));
  EXPECT_EQ(files.at("wisdom.json"), read_text(folder("for_torch") / "wisdom.json"));
}

/// A variant that no shape's best is of has no image: its macros, its source and its kernels are there all the same.
TEST_F(CppPackage, HasTheDistilledConfigurationsThatShapesRunWhichWereNotTuned) {
  tuner::Run wide = forward_;
  const auto ranked = forward_.ranked();
  const std::string best = ranked.front()->configuration.variant;
  const Evaluation first = *ranked[0], second = *ranked[1];
  const Evaluation other = **std::find_if(ranked.begin(), ranked.end(),
                                          [&](const Evaluation* each) { return each->configuration.variant != best; });
  for (tuner::Run* run : {&forward_, &wide}) run->info.finals.clear();
  forward_.evaluations = {first, other};
  wide.evaluations = {second, other};
  for (Dimension& dim : wide.info.dims) dim.value *= dim.name == "N" ? 2 : 1;
  distil_ = 1;
  targets_.clear();
  const auto written = write({forward_, wide});
  ASSERT_TRUE(written) << written.error().message();
  const std::string operations = read_text(folder() / "src/operations.cpp");
  const std::string& variant = other.configuration.variant;
  for (const char* entry : {"entry0", "entry1"}) {
    const std::string name = fmt::format("layernorm_gelu_scale_{}_untuned", entry);
    EXPECT_THAT(operations, HasSubstr(fmt::format("const Configuration {} = {{", name)));
    EXPECT_THAT(operations, HasSubstr(fmt::format(", &{}}}", name)));
  }
  EXPECT_THAT(operations, HasSubstr(fmt::format("{{\"{0}\", layernorm_gelu_scale_in_{0}, "
                                                "layernorm_gelu_scale_in_{0}_macros, ",
                                                variant)));
  const auto wisdom = read_json_file(folder() / "wisdom.json").value();
  const std::string source =
      wisdom.at("problems").at("layernorm_gelu_scale").at("variants").at(variant).at("source").get<std::string>();
  EXPECT_THAT(operations, HasSubstr(fmt::format("{{\"{}\", source_", source)));
  distil_ = 0;
  ASSERT_TRUE(write({forward_, wide}, "plain"));
  EXPECT_THAT(read_text(folder("plain") / "src/operations.cpp"),
              AllOf(Not(HasSubstr("_untuned")), HasSubstr(", nullptr},")));
}

TEST_F(CppPackage, ImagesAreArraysOfTheirVeryBytes) {
  ASSERT_TRUE(write({forward_}));
  ASSERT_TRUE(export_torch(request({forward_}, "for_torch")));
  const auto wisdom = read_json_file(folder() / "wisdom.json").value();
  const std::string operations = read_text(folder() / "src/operations.cpp");
  for (const OrderedJson& image : wisdom.at("images")) {
    const auto file = image.at("file").get<std::string>();
    const std::string bytes = read_text(folder("for_torch") / file);
    EXPECT_EQ(cpp_image_bytes(read_text(folder() / cpp_image_file(file))), bytes) << file;
    EXPECT_THAT(operations, HasSubstr(sha256_hex(bytes)));
  }
}

TEST_F(CppPackage, IsTheSameByteForByteAndGrows) {
  ASSERT_TRUE(write({forward_, backward_}));
  ASSERT_TRUE(write({backward_}, "in_turn"));
  ASSERT_TRUE(write({forward_}, "in_turn"));
  std::vector<std::size_t> asked;
  build_ = [&](const std::vector<BuildRequest>& requests) -> Result<std::vector<BuildReply>> {
    asked.push_back(requests.size());
    return samples::builder()(requests);
  };
  ASSERT_TRUE(write({forward_}, "in_turn")) << "once more changes nothing";
  EXPECT_EQ(asked, (std::vector<std::size_t>{1, 4})) << "whether the target can run the best, then its images: what is "
                                                        "there of the other problem is kept";
  const FileContents at_once = read_package(folder()).value();
  const FileContents in_turn = read_package(folder("in_turn")).value();
  ASSERT_EQ(at_once.size(), in_turn.size());
  for (const auto& [file, text] : at_once) {
    const bool header = file == "fused_ops.hpp";
    const auto other = in_turn.find(header ? "in_turn.hpp" : file);
    ASSERT_NE(other, in_turn.end()) << file;
    // All that differs is the name.
    std::string renamed = other->second;
    for (std::size_t at = renamed.find("in_turn"); at != std::string::npos; at = renamed.find("in_turn", at))
      renamed.replace(at, std::string("in_turn").size(), "fused_ops");
    EXPECT_EQ(renamed, text) << file;
  }
}

TEST_F(CppPackage, ReplacesWhatWasMeasuredAnewAndDropsItsImages) {
  ASSERT_TRUE(write({forward_}));
  const FileContents before = read_package(folder()).value();
  std::swap(forward_.info.finals[0], forward_.info.finals[1]);
  ASSERT_TRUE(write({forward_}));
  const FileContents after = read_package(folder()).value();
  std::size_t gone = 0;
  for (const auto& [file, text] : before) {
    if (!file.starts_with("images/") || after.contains(file)) continue;
    ++gone;
    EXPECT_FALSE(std::filesystem::exists(folder() / file)) << file;
    EXPECT_THAT(after.at("src/images.cpp"), Not(HasSubstr(file)));
  }
  EXPECT_GT(gone, 0U);
}

TEST_F(CppPackage, OneKindIsNotWrittenIntoTheOther) {
  ASSERT_TRUE(write({forward_}));
  const FileContents before = read_package(folder()).value();
  const auto torch = export_torch(request({forward_}, "fused_ops"));
  ASSERT_FALSE(torch);
  EXPECT_THAT(torch.error().message(), HasSubstr("the folder holds a package of --format cpp, and torch is to be"));
  EXPECT_EQ(read_package(folder()).value(), before);
  ASSERT_TRUE(export_torch(request({forward_}, "for_torch")));
  EXPECT_THAT(error({forward_}, "for_torch"),
              HasSubstr("the folder holds a package of --format torch, and cpp is to be written"));
}

TEST_F(CppPackage, NamesThatCppDoesNotTakeAreRefused) {
  for (const char* name : {"fused-ops", "namespace", "std", "test", "a__b", "_Ops", "2d"}) {
    EXPECT_THAT(error({forward_}, name), HasSubstr("cannot be a namespace and a target of CMake")) << name;
    EXPECT_FALSE(std::filesystem::exists(folder(name))) << name;
  }
  const auto problem = [](const char* name, const char* dim, const char* tensor) {
    return OrderedJson{
        {name, {{"dims", {{{"name", dim}}}}, {"scalars", OrderedJson::object()}, {"tensors", {{{"name", tensor}}}}}}};
  };
  EXPECT_TRUE(check_cpp_names(problem("gemm", "n", "x")));
  EXPECT_FALSE(check_cpp_names(problem("union", "n", "x")));
  EXPECT_FALSE(check_cpp_names(problem("Status", "n", "x")));
  EXPECT_FALSE(check_cpp_names(problem("gemm", "long", "x")));
  const auto stream = check_cpp_names(problem("gemm", "n", "stream"));
  ASSERT_FALSE(stream);
  EXPECT_THAT(stream.error().message(), HasSubstr("gemm: the tensor 'stream' cannot be a name in C++"));
}

TEST_F(CppPackage, DamagedPackagesAreLeftAlone) {
  ASSERT_TRUE(write({forward_}));
  temporary_.write("fused_ops/src/images.cpp", "// gone");
  EXPECT_THAT(error({forward_}), AllOf(HasSubstr("images.cpp"), HasSubstr("was changed since the package")));
}

TEST(CppImages, KeepEveryByteOfAnyLength) {
  for (std::size_t size = 0; size < 20; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(0xf0 + i);
    EXPECT_EQ(cpp_image_bytes(cpp_image_text(bytes)), bytes) << size;
  }
  EXPECT_EQ(cpp_image_text("\x01\x02"), "// Bytes: 2\n0x0000000000000201,\n");
  for (const char* text :
       {"", "// Bytes: x\n", "// Bytes: 9\n0x0000000000000201,\n", "// Bytes: 1\n", "// Bytes: 1\n0xq"})
    EXPECT_FALSE(cpp_image_bytes(text)) << text;
}

}  // namespace
}  // namespace fuseline::tuner
