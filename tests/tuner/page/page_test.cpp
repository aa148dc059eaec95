// A run as one HTML page: whole, escaped, and with the figures of the result JSON.
#include "tuner/page/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tuner/support/sample_source_profile.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/page/html.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Catalog& catalog() {
  static const Catalog loaded = Catalog::load(data_folder(), {}).value();
  return loaded;
}

Run recorded() {
  return read_run(data_folder() / "presets/recordings/h200/layernorm_gelu_scale.f32.kernelbench.t4.json").value();
}

std::string page_of(const Run& run) {
  const auto page = html_report({{&run}, &catalog(), {}});
  EXPECT_TRUE(page) << page.error().message();
  return page.value_or("");
}

/// What keeps a page from being nested as it should be; empty where nothing does.
std::string nesting_fault(std::string_view page) {
  std::vector<std::string> open;
  while (!page.empty()) {
    const std::size_t begin = page.find('<');
    if (begin == std::string_view::npos) break;
    const std::size_t end = page.find('>', begin);
    if (end == std::string_view::npos) return "a tag that does not end";
    std::string_view tag = page.substr(begin + 1, end - begin - 1);
    page.remove_prefix(end + 1);
    const bool closes = tag.starts_with('/');
    if (closes) tag.remove_prefix(1);
    const std::string name(tag.substr(0, tag.find_first_of(" \n/")));
    if (tag.starts_with('!') || tag.ends_with('/') || name == "meta" || name == "img") continue;
    if (!closes) {
      open.push_back(name);
      continue;
    }
    if (open.empty() || open.back() != name)
      return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
    open.pop_back();
  }
  return open.empty() ? "" : "<" + open.back() + "> is left open";
}

/// The figures in full that cells of a page hold, in order.
std::vector<double> values_in(std::string_view page) {
  constexpr std::string_view kMark = "data-value=\"";
  std::vector<double> values;
  for (std::size_t at = page.find(kMark); at != std::string_view::npos; at = page.find(kMark, at + 1))
    values.push_back(std::strtod(page.data() + at + kMark.size(), nullptr));
  return values;
}

bool holds(const std::vector<double>& values, double wanted) {
  return std::any_of(values.begin(), values.end(),
                     [wanted](double value) { return std::abs(value - wanted) <= 1e-9 * std::abs(wanted); });
}

TEST(Page, IsWholeAndNeedsNothingFromElsewhere) {
  const tuner::Run run = recorded();
  const std::string page = page_of(run);
  EXPECT_EQ(nesting_fault(page), "");
  EXPECT_THAT(page, HasSubstr("<!DOCTYPE html>"));
  for (const char* foreign : {"<script", "<link", "@import", "src=\"http", "href=\"http", "url(http"})
    EXPECT_THAT(page, Not(HasSubstr(foreign)));
  for (const char* part : {"What bounds the best", "Under the roofs", "How the search went", "What each parameter does",
                           "Conditions", "Source of the best", "common/", "prefers-color-scheme: dark"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, HasSubstr("best, measured"));
  EXPECT_THAT(page, HasSubstr("projected on RTX 4090"));
  EXPECT_THAT(page, HasSubstr("not measured"));
  EXPECT_THAT(page, HasSubstr("fuseline sweep layernorm_gelu_scale"));
  tuner::Run replayed = run;
  replayed.info.backend = Backend::replay;
  EXPECT_THAT(page_of(replayed), HasSubstr("best, replayed")) << "nothing was measured now";
  EXPECT_LT(page.size(), std::size_t{3} << 20);
  EXPECT_EQ(page, page_of(run)) << "the same run gives the same bytes";
}

TEST(Page, HasTheFiguresOfTheResult) {
  const tuner::Run run = recorded();
  const OrderedJson json = result_json(run).value();
  const auto values = values_in(page_of(run));
  ASSERT_FALSE(json["top"].empty());
  for (const auto& entry : json["top"]) {
    EXPECT_TRUE(holds(values, entry["time_ms"]["median"])) << entry.dump();
    EXPECT_TRUE(holds(values, entry["bandwidth"]["of_copy"])) << entry.dump();
    EXPECT_TRUE(holds(values, entry["bandwidth"]["achieved_gbps"])) << entry.dump();
    if (entry["on_target"].is_null()) continue;
    EXPECT_TRUE(holds(values, entry["on_target"]["time_ms"])) << entry.dump();
  }
  EXPECT_TRUE(holds(values, json["best"]["registers"]));
  EXPECT_TRUE(holds(values, json["best"]["occupancy"]));
  EXPECT_TRUE(holds(values, json["target"]["projected"]["time_ms"]));
}

TEST(Page, ShowsHostileTextAndDoesNotObeyIt) {
  tuner::Run run = recorded();
  const std::string hostile = "</code></pre><script>alert(1)</script>\"'&\x1b[31m\xff";
  run.info.note = run.info.problem_title = run.info.device.name = run.info.stop_reason = hostile;
  run.info.device.driver = run.info.request.strategy = run.info.tool_version = hostile;
  run.info.request.problem = hostile;
  for (Evaluation& evaluation : run.evaluations) {
    evaluation.configuration.variant += hostile;
    evaluation.configuration.values.push_back({"p<b>", Value(hostile)});
  }
  run.evaluations.back().measurement.outcome = Outcome::crashed;
  run.evaluations.back().measurement.reason = hostile;
  run.remarks = {hostile};
  const std::string page = page_of(run);
  EXPECT_EQ(nesting_fault(page), "");
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("p<b>")));
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)"));
}

TEST(Page, ShowsWhereTheWarpsOfTheBestWait) {
  tuner::Run run = recorded();
  EXPECT_THAT(page_of(run), HasSubstr("Hot lines of the best")) << "the recording holds them";
  for (Evaluation& evaluation : run.evaluations) evaluation.measurement.source_profile = nullptr;
  EXPECT_THAT(page_of(run), Not(HasSubstr("Hot lines of the best")));
  SourceProfile profile = testing::sample_source_profile();
  profile.remarks = {"<script>nothing</script>"};
  const std::uint64_t best = run.ranked().front()->sequence;
  for (Evaluation& evaluation : run.evaluations) {
    if (evaluation.sequence == best)
      evaluation.measurement.source_profile = std::make_shared<const SourceProfile>(profile);
  }
  const std::string page = page_of(run);
  EXPECT_EQ(nesting_fault(page), "");
  EXPECT_THAT(page, HasSubstr("Hot lines of the best"));
  EXPECT_THAT(page, HasSubstr("common/rows.cuh:41"));
  EXPECT_THAT(page, HasSubstr("global memory (long scoreboard) 99 %"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;nothing"));
  EXPECT_THAT(page, Not(HasSubstr("No text of the lines"))) << "the recording is of the sources that are here";
}

TEST(Page, OfSeveralRunsHasATableFirst) {
  const tuner::Run a = recorded();
  const tuner::Run b =
      read_run(data_folder() / "presets/recordings/h200/softmax_bias_scale_sigmoid.f16.kernelbench.t4.json").value();
  const auto page = html_report({{&a, &b}, &catalog(), {}});
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(nesting_fault(*page), "");
  EXPECT_THAT(*page, HasSubstr("<h1>2 runs</h1>"));
  EXPECT_THAT(*page, HasSubstr("<a href=\"#run-2\">softmax_bias_scale_sigmoid"));
  EXPECT_THAT(*page, HasSubstr("<section id=\"run-2\">"));
  // Names within pictures are of one picture each.
  std::map<std::string, int> ids;
  for (std::size_t at = page->find(" id=\""); at != std::string::npos; at = page->find(" id=\"", at + 1))
    ++ids[page->substr(at + 5, page->find('"', at + 5) - at - 5)];
  EXPECT_GE(ids.size(), 6U);
  for (const auto& [id, count] : ids) EXPECT_EQ(count, 1) << id;
}

TEST(Page, OfARunInWhichNothingWorkedSaysWhy) {
  tuner::Run run = recorded();
  run.info.finals.clear();
  for (Evaluation& evaluation : run.evaluations) {
    evaluation.measurement = {};
    evaluation.measurement.outcome = Outcome::incorrect;
    evaluation.measurement.reason = "off by one";
  }
  const std::string page = page_of(run);
  EXPECT_EQ(nesting_fault(page), "");
  EXPECT_THAT(page, HasSubstr("No configuration worked"));
  EXPECT_THAT(page, HasSubstr("off by one"));
  EXPECT_FALSE(html_report({}));
}

TEST(Page, OfAProblemThatIsNotHereLeavesTheSourceOut) {
  tuner::Run run = recorded();
  run.info.problem = "of_another_machine";
  EXPECT_THAT(page_of(run), HasSubstr("It is not at hand: "));
  const auto page = html_report({{&run}, nullptr, {}});
  ASSERT_TRUE(page);
  EXPECT_THAT(*page, Not(HasSubstr("Source of the best")));
}

TEST(Page, StaysBoundedWhereTheRunIsHuge) {
  tuner::Run run = recorded();
  const std::vector<Evaluation> some = run.evaluations;
  for (std::uint64_t i = 0; run.evaluations.size() < 3'000; ++i) {
    Evaluation copy = some[i % some.size()];
    copy.sequence = run.evaluations.size();
    copy.measurement.time_ms.median *= 1 + 1e-5 * static_cast<double>(i);
    run.evaluations.push_back(std::move(copy));
  }
  const std::string page = page_of(run);
  EXPECT_LT(page.size(), std::size_t{8} << 20);
  EXPECT_EQ(nesting_fault(page), "");
}

TEST(Html, TablesLeaveOutColumnsThatSayNothing) {
  const std::string table = html_table({"a", "b", "c"}, {{{"1"}, {""}, {"<3>", "3", true}}, {{"2"}, {"-"}}});
  EXPECT_THAT(table, Not(HasSubstr(">b<")));
  EXPECT_THAT(table, HasSubstr("<td class=\"number\" data-value=\"3\">&lt;3&gt;</td>"));
}

}  // namespace
}  // namespace fuseline::tuner
