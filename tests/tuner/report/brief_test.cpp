// The document that a kernel's writer is given, of recordings that the tree has.
#include "tuner/report/brief.hpp"

#include <gmock/gmock.h>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/report/brief_parts.hpp"
#include "tuner/report/documents.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Briefs : public ::testing::Test {
 protected:
  static const Catalog& catalog() {
    static const Catalog loaded = Catalog::load(data_folder(), {}).value();
    return loaded;
  }
  static tuner::Run recorded(const std::string& name) {
    return read_run(data_folder() / "presets" / "recordings" / "h200" / (name + ".t4.json")).value();
  }
  static std::string text_of(const tuner::Run& run) { return brief({&run, &catalog()}).value(); }
  /// From a heading to the next.
  static std::string section(const std::string& text, const std::string& heading) {
    const auto begin = text.find("\n## " + heading);
    EXPECT_NE(begin, std::string::npos) << heading;
    return begin == std::string::npos ? "" : text.substr(begin, text.find("\n## ", begin + 4) - begin);
  }
};

TEST_F(Briefs, SaysEverythingThatAWriterNeeds) {
  tuner::Run run = recorded("layernorm_gelu_scale.f32.kernelbench");
  set_target(run.info, find_target(data_folder(), "rtx4090").value());
  const std::string text = text_of(run);
  EXPECT_THAT(section(text, "The GPU"),
              AllOf(HasSubstr("Nothing was measured on it"), HasSubstr("| SMs | 128 | 132 |"),
                    HasSubstr("| DRAM bandwidth, peak | 1008 GB/s (published) |"), HasSubstr("GB/s (estimated)"),
                    HasSubstr("GB/s (measured) |"), HasSubstr("| L2 | 72 MiB | 60 MiB |")));
  EXPECT_THAT(
      section(text, "What the kernel must do"),
      AllOf(HasSubstr("out = scale * GELU("), HasSubstr("| `x` | read once | f32 | [N, C, D, H, W] | 268,435,456"),
            HasSubstr("| `out` | written once"), HasSubstr("2,147,484,160 (1,073,742,336 read"),
            HasSubstr("Floor on NVIDIA H200, measured: "),
            HasSubstr("Floor on NVIDIA GeForce RTX 4090, not measured here: 2.332 ms at 921 GB/s")));
  const std::string code = section(text, "The best code so far");
  const Evaluation& best = *run.ranked().front();
  EXPECT_THAT(code, AllOf(HasSubstr(best.configuration.key()), HasSubstr("grid ("), HasSubstr("arguments: x, gamma, "),
                          HasSubstr("--gpu-architecture=sm_90"), HasSubstr("`common/row_tile.cuh`, included:"),
                          HasSubstr("__global__")));
  const std::string metrics = section(text, "Nsight Compute metrics");
  EXPECT_THAT(metrics, AllOf(HasSubstr("\"dram__throughput.avg.pct_of_peak_sustained_elapsed\": "),
                             HasSubstr("\"launch__grid_size\": "), HasSubstr("given and not measured here"),
                             Not(HasSubstr("were not read"))));
  EXPECT_THAT(section(text, "What bounds it"), AllOf(HasSubstr("Fusion is complete"), HasSubstr("What to try:")));
  EXPECT_THAT(section(text, "On NVIDIA GeForce RTX 4090"),
              AllOf(HasSubstr("Projected, not measured"), HasSubstr("in 80 of 100 cases")));
  EXPECT_THAT(section(text, "What was tried"),
              AllOf(HasSubstr("| 1 | `" + best.configuration.key()), HasSubstr("times as long as the best"),
                    HasSubstr("- incorrect: 1, the first `row_per_block")));
}

TEST_F(Briefs, WithoutCountersAndTargetItSaysSo) {
  tuner::Run run = recorded("swiglu.bf16.default");
  for (Evaluation& evaluation : run.evaluations) evaluation.measurement.counters.clear();
  run.info.target.reset();
  const std::string text = text_of(run);
  EXPECT_THAT(section(text, "The GPU"), HasSubstr("There is no target beside the device measured"));
  EXPECT_THAT(section(text, "Nsight Compute metrics"),
              AllOf(HasSubstr("Hardware counters were not read"), HasSubstr("\"launch__grid_size\""),
                    Not(HasSubstr("\"dram__"))));
  EXPECT_THAT(section(text, "What bounds it"), HasSubstr("no hardware counters were read"));
}

TEST_F(Briefs, ARunOfNoProblemAtHandIsRefused) {
  tuner::Run run = recorded("swiglu.f32.default");
  run.info.problem = "swiglo";
  const auto refused = brief({&run, &catalog()});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("did you mean swiglu?"));
  run.evaluations.clear();
  EXPECT_EQ(brief({&run, &catalog()}).error().kind, ErrorKind::worker);
}

TEST_F(Briefs, AFenceIsLongerThanWhatItHolds) {
  EXPECT_EQ(fenced("a\n", "cuda"), "```cuda\na\n```");
  EXPECT_EQ(fenced("x ```` y", "text"), "`````text\nx ```` y\n`````");
}

TEST_F(Briefs, AFileIsADocumentOrAFormatByItsId) {
  const tuner::Run run = testing::sample_run();
  EXPECT_EQ(file_text("csv", {&run, nullptr}).value(), csv(run));
  const auto unknown = file_text("brif", {&run, nullptr});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("did you mean brief?"));
}

TEST_F(Briefs, EveryDocumentHasAnIdOfItsOwn) {
  EXPECT_EQ(document_named("brief")->ending, ".md");
  EXPECT_EQ(document_named("briefs"), nullptr);
  EXPECT_THAT(documents_help(), HasSubstr("brief (Brief for a kernel's writer"));
}

}  // namespace
}  // namespace fuseline::tuner
