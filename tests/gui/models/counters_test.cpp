// The panel that says why a configuration is not faster.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "app/gui/models/counters_model.hpp"
#include "tests/gui/models/support.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/formats/read_run.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::HasSubstr;

tuner::Run recorded() {
  return tuner::read_run(tuner::data_folder() / "presets" / "recordings" / "h200" /
                         "softmax_bias_scale_sigmoid.f16.kernelbench.t4.json")
      .value();
}

TEST(Counters, BeginWithWhatBoundsItAndWhatToTry) {
  const tuner::Run run = recorded();
  const CountersView view = counters_view(run, *run.ranked().front(), nullptr, "");
  EXPECT_EQ(view.headline.text, "Bound by L2");
  EXPECT_THAT(view.headline.reading, HasSubstr("% busy"));
  ASSERT_FALSE(view.explanation.advice.empty());
  EXPECT_LE(view.explanation.advice.size(), 3U);
  EXPECT_FALSE(view.memory.boxes.empty());
  EXPECT_FALSE(view.occupancy.panels.empty());
}

TEST(Counters, EveryReadingIsInOneSectionWithNameAndUnit) {
  const tuner::Run run = recorded();
  const tuner::Evaluation& best = *run.ranked().front();
  const CountersView view = counters_view(run, best, nullptr, "");
  std::set<std::string> metrics;
  for (const CounterSection& section : view.sections) {
    EXPECT_FALSE(section.title.empty());
    for (const CounterLine& line : section.lines) {
      EXPECT_TRUE(metrics.insert(line.metric).second) << line.metric;
      EXPECT_EQ(line.label.find("__"), std::string::npos) << line.label;
      EXPECT_LE(line.value.size(), 12U) << line.value;
      EXPECT_THAT(line.explanation, HasSubstr(line.metric));
    }
  }
  EXPECT_EQ(metrics.size(), best.measurement.counters.size());
}

TEST(Counters, GaugesHaveTheirUnitsAndTheGivenKernelBesideThem) {
  tuner::Run run = recorded();
  const tuner::GivenReading given{"Triton kernel", "rtx4090", "f16", {{tuner::metric::kDramThroughput, 43.21}}};
  run.evaluations.front().measurement.counters.erase(tuner::metric::kL2Throughput);
  const CountersView view = counters_view(run, run.evaluations.front(), &given, "NVIDIA GeForce RTX 4090");
  EXPECT_THAT(view.external, HasSubstr("Triton kernel on RTX 4090, f16"));
  const auto gauge = [&](const std::string& metric) {
    return *std::find_if(view.gauges.begin(), view.gauges.end(),
                         [&](const Gauge& each) { return each.line.metric == metric; });
  };
  EXPECT_EQ(gauge(tuner::metric::kDramThroughput).external, "43.21 %");
  EXPECT_THAT(gauge(tuner::metric::kDramThroughput).line.value, HasSubstr(" %"));
  EXPECT_EQ(gauge(tuner::metric::kL2Throughput).line.value, "not read");
  EXPECT_FALSE(gauge(tuner::metric::kL2Throughput).share);
  EXPECT_FALSE(gauge(tuner::metric::kGridSize).share) << "blocks are no share";
  EXPECT_TRUE(gauge(tuner::metric::kGridSize).reading);
}

TEST(Counters, WithoutAnyTheyAreAskedFor) {
  const tuner::Run run = *small_run();
  const CountersView view = counters_view(run, run.evaluations[1], nullptr, "");
  EXPECT_EQ(view.headline.text, "What bounds it is not known");
  EXPECT_TRUE(view.sections.empty());
  EXPECT_TRUE(view.memory.boxes.empty());
}

}  // namespace
}  // namespace fuseline::app::gui
