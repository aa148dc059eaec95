// One configuration takes the same time in the finals alone, beside one other and beside fifty, in whatever order they
// are given.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "tuner/base/files.hpp"
#include "tuner/session/plan.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::gpu {
namespace {

constexpr int kRounds = 24;  // Eight on each place.
constexpr double kApartAtMost = 0.005;

struct Pair {
  const char* problem;
  const char* dtype;
};
void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.problem << ' ' << pair.dtype; }

class Company : public ::testing::TestWithParam<Pair> {
 protected:
  void SetUp() override {
    const auto data = tuner::data_folder();
    auto catalog = tuner::Catalog::load(data, {});
    ASSERT_TRUE(catalog.has_value()) << catalog.error().message();
    catalog_ = std::move(*catalog);
    tuner::SessionEnvironment environment;
    environment.catalog = &catalog_;
    environment.data = data;
    if (const char* worker = std::getenv("FUSELINE_WORKER")) environment.worker_program = worker;
    tuner::SweepRequest request;
    request.problem = GetParam().problem;
    request.dtype = GetParam().dtype;
    request.device = "cuda:0";
    auto plan = tuner::make_plan(request, environment);
    ASSERT_TRUE(plan.has_value()) << plan.error().message();
    plan_.emplace(std::move(*plan));
    auto recording = tuner::find_recording(data, "h200", *plan_->instance);
    if (!recording) GTEST_SKIP() << recording.error().message();
    recording_ = std::move(*recording);
    plan_->backend->prepare(*plan_->job);
    ASSERT_TRUE(answer<tuner::PreparedReply>().has_value()) << refused_;
  }

  template <class T>
  std::optional<T> answer() {
    for (int turns = 0; turns < 2400; ++turns) {
      for (tuner::BackendEvent& event : plan_->backend->wait(std::chrono::milliseconds(50))) {
        if (auto* wanted = std::get_if<T>(&event)) return std::move(*wanted);
        if (auto* refused = std::get_if<tuner::Refused>(&event)) refused_ = refused->reason;
        if (auto* gone = std::get_if<tuner::GaveUp>(&event)) refused_ = gone->error.message();
      }
      if (!refused_.empty()) return std::nullopt;
    }
    return std::nullopt;
  }

  /// Median time of the configuration with that id, among these. What the device did meanwhile goes into `clocks_`.
  double median_of(std::uint64_t id, const std::vector<tuner::Configuration>& configurations,
                   const std::vector<std::uint64_t>& order) {
    tuner::FinalsRequest request;
    request.rounds = kRounds;
    for (const std::uint64_t each : order) {
      auto made = plan_->request(each, configurations[each]);
      EXPECT_TRUE(made.has_value());
      if (made) request.finalists.push_back(std::move(*made));
    }
    plan_->backend->submit_finals(std::move(request));
    const auto reply = answer<tuner::FinalsReply>();
    EXPECT_TRUE(reply.has_value()) << refused_;
    if (!reply) return 0;
    const auto place = std::find(reply->ids.begin(), reply->ids.end(), id) - reply->ids.begin();
    EXPECT_LT(static_cast<std::size_t>(place), reply->ids.size()) << "it is wrong or cannot be launched";
    if (static_cast<std::size_t>(place) == reply->ids.size()) return 0;
    clocks_ = {};
    for (const auto& round : reply->rounds) {
      if (round.clocks) clocks_.add(*round.clocks);
    }
    std::vector<double> times_ms;
    for (const auto& round : reply->rounds_ms) times_ms.push_back(round[static_cast<std::size_t>(place)]);
    for (std::size_t i = 0; i < times_ms.size(); ++i) note_round(order.size(), reply->rounds[i], times_ms[i]);
    return tuner::median(times_ms);
  }

  /// A line in the file that $FUSELINE_COMPANY_ROUNDS names: what the device did beside each sample.
  void note_round(std::size_t finalists, const tuner::FinalRound& round, double time_ms) {
    const char* path = std::getenv("FUSELINE_COMPANY_ROUNDS");
    if (path == nullptr) return;
    const tuner::Clocks clocks = round.clocks.value_or(tuner::Clocks{});
    std::ofstream(path, std::ios::app) << fmt::format("{},{},{},{},{},{:.5f},{:.1f},{:.0f},{:.1f},{},{:.0f}\n",
                                                      GetParam().problem, GetParam().dtype, take_, finalists,
                                                      round.place, time_ms, clocks.power_w, clocks.temperature_c,
                                                      clocks.sm_mhz, clocks.retaken, round.copy_gbps);
  }

  tuner::Catalog catalog_;
  std::optional<tuner::SweepPlan> plan_;
  std::shared_ptr<const tuner::Recording> recording_;
  std::string refused_;
  tuner::Clocks clocks_;
  int take_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Best, Company,
                         ::testing::Values(Pair{"softmax_bias_scale_sigmoid", "f16"},
                                           Pair{"softmax_bias_scale_sigmoid", "bf16"},
                                           Pair{"layernorm_gelu_scale", "f32"},
                                           Pair{"softmax_bias_scale_sigmoid_backward", "f16"}, Pair{"swiglu", "f16"}),
                         [](const auto& tested) {
                           return std::string(tested.param.problem) + "_" + tested.param.dtype;
                         });

TEST_P(Company, ChangesNoTime) {
  std::vector<tuner::Configuration> configurations;
  for (const tuner::Evaluation* evaluation : recording_->run.ranked()) {
    if (configurations.size() < 51) configurations.push_back(evaluation->configuration);
  }
  ASSERT_GT(configurations.size(), 10U);
  std::vector<std::uint64_t> listed(configurations.size());
  for (std::size_t i = 0; i < listed.size(); ++i) listed[i] = i;
  std::vector<std::uint64_t> reversed(listed.rbegin(), listed.rend()), shuffled = listed;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(3));
  std::vector<double> times_ms;
  std::string table;
  const auto take = [&](const char* how, const std::vector<std::uint64_t>& order) {
    times_ms.push_back(median_of(0, configurations, order));
    ++take_;
    table += fmt::format("  {:<28} {:.5f} ms  {:.0f} W, {:.0f} C, SM {:.0f} MHz, {} retaken\n", how, times_ms.back(),
                         clocks_.power_w, clocks_.temperature_c, clocks_.sm_mhz_lowest, clocks_.retaken);
  };
  take("all, while they are compiled", listed);
  times_ms.clear();  // The device idled before it: it was not yet as it is in a sweep.
  take("alone", {0});
  take("beside one other", {0, 1});
  take("beside the others, as listed", listed);
  take("beside them, reversed", reversed);
  take("beside them, shuffled", shuffled);
  take("alone once more", {0});
  const auto [least, most] = std::minmax_element(times_ms.begin(), times_ms.end());
  std::cout << table << fmt::format("  apart by {:.2f} %\n", 100 * (*most / *least - 1));
  EXPECT_LE(*most / *least - 1, kApartAtMost) << table;
}

}  // namespace
}  // namespace fuseline::gpu
