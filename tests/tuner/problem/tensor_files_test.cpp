// Inputs and references that come from files: what a problem may name, and what is found out without reading values.
#include "tuner/problem/tensor_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "temporary_problem.hpp"
#include "tests/support/npy.hpp"
#include "tuner/base/digest.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

class TensorFiles : public ::testing::Test {
 protected:
  /// The files of an instance, or the message.
  std::string found(const std::string& shape = "", Dtype dtype = Dtype::f32, const std::vector<Dimension>& dims = {},
                    const Scalars& scalars = {}) {
    const auto problem = load_problem(folder_.problem_file());
    if (!problem) return problem.error().message();
    const auto instance = instantiate(*problem, shape, dims, dtype, scalars);
    if (!instance) return instance.error().message();
    const auto files = tensor_files(*instance);
    if (!files) return relative(files.error().message());
    std::string text;
    for (const TensorFile& file : *files)
      text += file.tensor + " " + file.file.filename().string() + " " + std::string(to_string(file.header.type)) + "\n";
    return text;
  }
  /// Without the folder's name.
  [[nodiscard]] std::string relative(std::string message) const {
    const std::string prefix = std::filesystem::canonical(folder_.folder()).string() + "/";
    for (const std::string& each : {prefix, folder_.folder().string() + "/"}) {
      for (std::size_t at = message.find(each); at != std::string::npos; at = message.find(each))
        message.erase(at, each.size());
    }
    return message;
  }
  [[nodiscard]] std::string refused() {
    const auto problem = load_problem(folder_.problem_file());
    return problem ? "taken" : relative(problem.error().message());
  }
  void spoil(const std::string& name, const std::string& content) const { folder_.write(name, content); }

  const TemporaryProblem folder_{"file_problem"};
};

TEST_F(TensorFiles, AreFoundForTheInstance) {
  EXPECT_EQ(found(), "x x.npy <f4\nout out.npy <f4\n");
  EXPECT_EQ(found("small", Dtype::bf16), "x x.npy <f4\nout out.npy <f4\n");
  EXPECT_EQ(found("wide", Dtype::f32, {{"width", 256}}), "x x.npy <f4\nout out.npy <f4\n") << "these are small's";
  const auto problem = load_problem(folder_.problem_file());
  ASSERT_TRUE(problem) << problem.error().message();
  EXPECT_TRUE(problem->reference_from_files());
  EXPECT_TRUE(resolve_reference(*instantiate(*problem, "", {}, Dtype::f32), {})->empty());
  auto files = *tensor_files(*instantiate(*problem, "", {}, Dtype::f32));
  ASSERT_TRUE(digest_files(files));
  EXPECT_EQ(files[1].sha256, sha256_hex(read_file(folder_.folder() / "out.npy").value()));
  EXPECT_FALSE(file_sha256(folder_.folder() / "missing.npy"));
}

TEST_F(TensorFiles, AShapeWithoutAFileFailsAlone) {
  EXPECT_EQ(found("wide"), "x.npy: /: shape (4, 256), the tensor x takes 2048 elements");
  folder_.edit("problem.json", set("/tensors/0/fill/path", "data/x.{shape}.{dtype}.npy"));
  std::filesystem::create_directory(folder_.folder() / "data");
  std::filesystem::rename(folder_.folder() / "x.npy", folder_.folder() / "data/x.small.f32.npy");
  EXPECT_EQ(found(), "x x.small.f32.npy <f4\nout out.npy <f4\n");
  EXPECT_EQ(found("wide"), "data/x.wide.f32.npy: there is no such file");
  EXPECT_EQ(found("", Dtype::bf16), "data/x.small.bf16.npy: there is no such file");
}

TEST_F(TensorFiles, AReferenceBelongsToItsDimensionsAndScalars) {
  EXPECT_EQ(found("", Dtype::f32, {{"rows", 8}, {"width", 128}}),
            "problem.json: /reference/files: the reference was written for the shapes that the problem names (small, "
            "wide), and rows = 8, width = 128 is none of them");
  EXPECT_EQ(found("", Dtype::f32, {}, {{"factor", 3}}),
            "problem.json: /reference/files: the reference was written for factor=2, and cannot be had for factor=3");
  // An input alone goes with any dimensions that it fits.
  folder_.write("reference.cu", "// the reference\n");
  folder_.edit("problem.json", set("/reference", nlohmann::ordered_json::parse(R"({"source": "reference.cu", "launches":
      [{"kernel": "reference", "grid": [1], "block": [1], "args": ["x", "out"]}]})")));
  EXPECT_EQ(found("", Dtype::f32, {{"rows", 8}, {"width", 128}}, {{"factor", 3}}), "x x.npy <f4\n");
  EXPECT_EQ(found("", Dtype::f32, {{"rows", 8}}), "x.npy: /: shape (4, 256), the tensor x takes 2048 elements");
  folder_.edit("problem.json", set("/tensors/0/fill/path", "x.{shape}.npy"));
  EXPECT_EQ(found("", Dtype::f32, {{"rows", 8}}),
            "problem.json: /tensors/0/fill/path: \"x.{shape}.npy\" is named by the shape, and rows = 8, width = 256 is "
            "none that the problem names: small, wide");
}

TEST_F(TensorFiles, TypesServeTheirTensors) {
  const std::vector<double> values(1024, 0.5);
  const std::vector<std::int32_t> whole(1024, 1);
  const std::vector<std::uint16_t> halves(1024, 0x3c00);
  spoil("x.npy", npy_file("<i4", "(1024,)", whole));
  EXPECT_EQ(found(), "x.npy: /: its type \"<i4\" does not serve the tensor x of f32: write \"<f4\" or \"<f8\"");
  spoil("x.npy", npy_file("<f2", "(1024,)", halves));
  spoil("out.npy", npy_file("<f2", "(1024,)", halves));
  EXPECT_EQ(found(), "out.npy: /: its type \"<f2\" is narrower than the output out of f32: write \"<f8\"");
  EXPECT_EQ(found("", Dtype::bf16),
            "out.npy: /: its type \"<f2\" is narrower than the output out of bf16: write \"<f8\"");
  spoil("out.npy", npy_file("<f8", "(1024,)", values));
  EXPECT_EQ(found(), "x x.npy <f2\nout out.npy <f8\n");
  folder_.edit("problem.json", set("/tensors/0/dtype", "i32"));
  EXPECT_EQ(found(), "x.npy: /: its type \"<f2\" does not serve the tensor x of i32: write whole numbers, as \"<i4\"");
}

TEST_F(TensorFiles, WhatLiesElsewhereIsNotRead) {
  for (const char* name : {"/etc/passwd", "../x.npy", "data/../../x.npy"}) {
    folder_.edit("problem.json", set("/reference/files/out", name));
    EXPECT_EQ(refused(),
              "problem.json: /reference/files/out: \"" + std::string(name) +
                  "\" is not taken: a problem reads files of its own folder alone, named without \"..\" from "
                  "there");
  }
  // A link may lead out of it.
  const TemporaryFolder elsewhere;
  elsewhere.write("secret.npy", npy_file("<f4", "(1024,)", std::vector<float>(1024, 1)));
  std::filesystem::create_symlink(elsewhere.path() / "secret.npy", folder_.folder() / "link.npy");
  folder_.edit("problem.json", set("/reference/files/out", "link.npy"));
  EXPECT_THAT(found(), HasSubstr("a problem may not read what lies elsewhere"));
  folder_.edit("problem.json", set("/reference/files/out", "{name}.npy"));
  EXPECT_THAT(refused(), HasSubstr("/reference/files/out: unknown placeholder \"name\""));
}

TEST_F(TensorFiles, AReferenceFromFilesIsWholeAndGoesWithItsInputs) {
  const auto with = [&](const char* pointer, const char* json) {
    const TemporaryProblem folder("file_problem");
    folder.edit("problem.json", set(pointer, nlohmann::ordered_json::parse(json)));
    const auto problem = load_problem(folder.problem_file());
    return problem ? "taken" : problem.error().path + ": " + problem.error().reason;
  };
  EXPECT_EQ(with("/tensors/0/fill", R"({"kind": "constant", "value": 2})"), "taken");
  EXPECT_EQ(with("/tensors/0/fill", R"({"kind": "normal"})"),
            "/reference/files: the input \"x\" is filled with generated numbers, to which a reference from a file does "
            "not belong: give it a fill of kind \"file\" or \"constant\", or a reference source");
  EXPECT_THAT(with("/tensors/0/fill", R"({"kind": "file"})"), HasSubstr("/tensors/0/fill: "));
  EXPECT_EQ(with("/tensors/0/fill", R"({"kind": "constant", "path": "x.npy"})"),
            "/tensors/0/fill: a path goes with the kind \"file\"");
  EXPECT_EQ(with("/tensors/1/fill", R"({"kind": "file", "path": "x.npy"})"),
            "/tensors/1/fill: an output is not filled");
  EXPECT_EQ(with("/reference/files", R"({"y": "out.npy"})"), "/reference/files: names no file of the output \"out\"");
  EXPECT_EQ(with("/reference/files", R"({"out": "out.npy", "x": "x.npy"})"), "/reference/files: \"x\" is no output");
  EXPECT_EQ(with("/reference/source", R"("reference.cu")"),
            "/reference: the reference is a source with launches or files, not both");
  EXPECT_THAT(with("/reference", R"({"launches": []})"), HasSubstr("/reference"));
}

}  // namespace
}  // namespace fuseline::tuner
