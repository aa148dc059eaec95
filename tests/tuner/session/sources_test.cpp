// Sources travel once a worker and job.
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "toy.hpp"
#include "tuner/session/worker_backend.hpp"
#include "tuner/worker/framing.hpp"

namespace fuseline::tuner {
namespace {

using testing::Toy;

TEST(Sources, OfASweepWithFinalsAndCountersAreSentOnce) {
  Toy toy;
  auto request = toy.request();
  request.counters = CounterMode::all;
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), testing::kToySize);
  EXPECT_FALSE(run->info.finals.empty());
  EXPECT_EQ(toy.logged("source plain.cu"), 1);
  EXPECT_EQ(toy.logged("source other.cu"), 1);
}

TEST(Sources, AReplacedWorkerIsSentThemAgain) {
  Toy toy;
  toy.rule("plain block=128 unroll=2", "time", "signal");
  const auto run = toy.sweep();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(toy.logged("start"), 2);
  EXPECT_EQ(toy.logged("source plain.cu"), 2);
  EXPECT_EQ(run->outcome_counts().at(Outcome::ok), testing::kToySize - 1);
}

TEST(Sources, EachWorkerIsSentThem) {
  Toy toy;
  toy.ahead = 4;  // The whole space would otherwise be on its way to the first.
  toy.script["delay_ms"] = 10;
  auto request = toy.request();
  request.workers = {toy.worker(), toy.worker("second.json")};
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(toy.logged("source plain.cu"), 2);
}

/// What the coordinator wrote, by type of message: how many and their bytes.
std::map<std::string, std::pair<std::size_t, std::size_t>> sent(const std::filesystem::path& wire) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> counted;
  FrameReader reader(kMaximumFrameBytes);
  reader.append(read_file(wire, std::size_t{1} << 30).value());
  for (auto payload = reader.next(); payload && *payload; payload = reader.next()) {
    auto& [messages, bytes] = counted[nlohmann::json::parse(**payload).at("type").get<std::string>()];
    ++messages;
    bytes += (*payload)->size();
  }
  return counted;
}

TEST(Sources, AJobOfTenThousandConfigurationsSendsEachOnce) {
  constexpr std::uint64_t kConfigurations = 10'000;
  constexpr std::size_t kSourceBytes = 5'000;
  Toy toy;
  toy.script["log"] = "/dev/null";
  const std::string command = "sh -c 'tee " + toy.path("wire").string() + " | " + toy.worker() + "'";
  auto backend = WorkerBackend::connect({command}, {});
  ASSERT_TRUE(backend) << backend.error().message();
  (*backend)->prepare(Job{});
  const auto source = std::make_shared<const std::string>(kSourceBytes, 'x');
  std::uint64_t asked = 0, answered = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (answered < kConfigurations && std::chrono::steady_clock::now() < deadline) {
    while (asked < kConfigurations && (*backend)->capacity() > 0) {
      EvaluateRequest request;
      request.id = asked++;
      request.resolved.configuration = {"rows", {{"n", static_cast<std::int64_t>(request.id)}}};
      request.resolved.source_name = request.id % 2 == 0 ? "even.cu" : "odd.cu";
      request.source = source;
      (*backend)->submit(std::move(request));
    }
    for (const auto& event : (*backend)->wait(std::chrono::milliseconds(50)))
      answered += std::holds_alternative<OutcomeReply>(event);
  }
  EXPECT_EQ(answered, kConfigurations);
  backend->reset();
  const auto counted = sent(toy.path("wire"));
  EXPECT_EQ(counted.at("source").first, 2U);
  EXPECT_EQ(counted.at("evaluate").first, kConfigurations);
  EXPECT_LT(counted.at("source").second, 2 * (kSourceBytes + 100));
  // A source in every request would be ten times as much.
  EXPECT_LT(counted.at("evaluate").second, kConfigurations * kSourceBytes / 10);
  RecordProperty("bytes_of_sources", std::to_string(counted.at("source").second));
  RecordProperty("bytes_of_evaluations", std::to_string(counted.at("evaluate").second));
}

}  // namespace
}  // namespace fuseline::tuner
