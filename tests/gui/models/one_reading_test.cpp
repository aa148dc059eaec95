// Every recording, read by everything that shows a run: window, result, table, CSV and plots say the same.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "app/gui/models/counters_model.hpp"
#include "app/gui/models/results_model.hpp"
#include "app/gui/models/roofline_scene.hpp"
#include "app/gui/models/why_model.hpp"
#include "tests/gui/models/support.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/formats/counters_json.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/plot/why_plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/session/recordings.hpp"

namespace fuseline::app::gui {
namespace {

using ::testing::HasSubstr;
using Records = std::vector<std::map<std::string, std::string>>;

/// No recording has a comma in a cell but in quotes, and no line end.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted)
      cells.emplace_back();
    else if (c != '\r' && c != '"')
      cells.back() += c;
  }
  return cells;
}

Records records_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  const auto header = cells_of(line);
  Records records;
  while (std::getline(lines, line)) {
    const auto cells = cells_of(line);
    auto& record = records.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) record[header[i]] = cells.at(i);
  }
  return records;
}

/// One recording, read in every way.
struct Reading {
  std::shared_ptr<const tuner::Run> run;
  RunData data;
  ResultsModel results;
  tuner::OrderedJson json;
  Records csv;
  std::string text, progress;
  tuner::RooflineModel roofline;

  explicit Reading(const std::filesystem::path& file) {
    const auto recording = tuner::load_recording(file, "h200");
    if (!recording) throw std::runtime_error(recording.error().message());
    run = std::make_shared<const tuner::Run>((*recording)->run);
    data.show(run);
    results.update(data);
    json = tuner::result_json(*run).value();
    csv = records_of(tuner::csv(*run));
    text = tuner::result_text(*run, 10, false);
    roofline = tuner::roofline_model(*run, {.hierarchy = true});
    tuner::Snapshot ended;
    ended.state = tuner::SessionState::finished;
    ended.info = run->info;
    ended.best = std::make_shared<const tuner::Evaluation>(*run->ranked().front());
    progress = tuner::progress_line(ended, 200);
  }

  [[nodiscard]] const Row& row_at_rank(std::size_t rank) const { return data.rows()[results.order().at(rank)]; }
  [[nodiscard]] std::string table_line(std::size_t rank) const {
    std::istringstream lines(text);
    const std::string start = fmt::format("{} ", rank);
    bool in_table = false;  // Other lines begin with a number too.
    for (std::string line; std::getline(lines, line);) {
      in_table = in_table || line.starts_with("-");
      if (!in_table) continue;
      const auto first = line.find_first_not_of(' ');
      if (first != std::string::npos && line.compare(first, start.size(), start) == 0) return line;
    }
    return "";
  }
};

void expect_entry(const tuner::OrderedJson& entry, const Row& row) {
  EXPECT_EQ(entry.at("variant"), row.evaluation->configuration.variant);
  EXPECT_EQ(nlohmann::json::parse(entry.at("config").dump()), row.evaluation->configuration.values_json());
  EXPECT_EQ(entry.at("time_ms").at("median").get<double>(), row.time_ms);
  EXPECT_EQ(entry.at("bandwidth").at("achieved_gbps").get<double>(), row.gbps);
  EXPECT_EQ(entry.at("bandwidth").at("of_copy").get<double>(), row.of_copy);
  EXPECT_EQ(entry.at("bandwidth").at("of_peak").get<double>(), row.of_peak);
  EXPECT_EQ(entry.at("timed_in"), row.finalist ? "finals" : "sweep");
  if (row.finalist) {
    EXPECT_EQ(entry.at("against_best").at("ratio").get<double>(), row.against_best);
  }
}

void expect_one_best(const Reading& reading) {
  const Row& best = *reading.data.best_row();
  EXPECT_EQ(&reading.row_at_rank(0), &best);
  EXPECT_EQ(reading.run->ranked().front()->sequence, best.evaluation->sequence);
  expect_entry(reading.json.at("best"), best);
  EXPECT_EQ(reading.json.at("best").at("roofline").at("gflops").get<double>(), best.gflops);
  const std::string ms = tuner::format_ms(best.time_ms), gbps = tuner::grouped(best.gbps),
                    of_copy = tuner::percent_text(best.of_copy);
  for (const std::string& part : {ms, gbps, of_copy}) {
    EXPECT_THAT(reading.table_line(1), HasSubstr(part));
    EXPECT_THAT(reading.progress, HasSubstr(part));
  }
  EXPECT_THAT(reading.table_line(1), HasSubstr(tuner::percent_text(best.of_peak)));
  const tuner::EffectsModel effects = tuner::effects_model(*reading.run);
  EXPECT_EQ(effects.best_ms, best.time_ms);
  const auto shown = parameter_effects(testing::standing_rows(reading.data), reading.data.best(), effects.variant);
  ASSERT_EQ(shown.size(), effects.parameters.size());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    for (std::size_t j = 0; j < shown[i].values.size(); ++j) {
      EXPECT_EQ(shown[i].values[j].best_ms, effects.parameters[i].values[j].best_ms);
      if (!shown[i].values[j].of_best) continue;
      EXPECT_EQ(shown[i].values[j].best_ms, best.time_ms) << shown[i].name;
    }
  }
  std::size_t drawn = 0;
  for (const tuner::RooflineMark& mark : reading.roofline.marks) {
    if (!mark.best) continue;
    ++drawn;
    EXPECT_EQ(mark.gflops, best.gflops);
    EXPECT_EQ(mark.of_copy, best.of_copy);
    EXPECT_THAT(mark.callout, HasSubstr(tuner::time_text(best.time_ms)));
  }
  EXPECT_EQ(drawn, 1U);
}

void expect_same_figures_and_ranks(const Reading& reading) {
  const auto& rows = reading.data.rows();
  ASSERT_EQ(reading.csv.size(), rows.size());
  const auto same = [&](const std::string& cell, double figure) {
    EXPECT_EQ(cell, figure > 0 ? fmt::format("{}", figure) : "");
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& record = reading.csv[i];
    same(record.at("median_ms"), rows[i].time_ms);
    same(record.at("gbps"), rows[i].gbps);
    same(record.at("of_copy"), rows[i].of_copy);
    same(record.at("of_peak"), rows[i].of_peak);
    same(record.at("gflops"), rows[i].gflops);
    same(record.at("rank"), static_cast<double>(rows[i].rank));
    EXPECT_EQ(record.at("tied"), !rows[i].ok() ? "" : rows[i].tied ? "true" : "false");
  }
  const auto ranked = reading.run->ranked();
  for (std::size_t rank = 0; rank < ranked.size(); ++rank) {
    EXPECT_EQ(reading.row_at_rank(rank).evaluation->sequence, ranked[rank]->sequence);
    EXPECT_EQ(reading.row_at_rank(rank).rank, rank + 1);
  }
  const auto& top = reading.json.at("top");
  for (std::size_t rank = 0; rank < top.size(); ++rank) {
    expect_entry(top[rank], reading.row_at_rank(rank));
    EXPECT_THAT(reading.table_line(rank + 1), HasSubstr(tuner::format_ms(reading.row_at_rank(rank).time_ms)));
  }
}

/// Marks of the window's roofline at one level, by row.
std::map<std::uint32_t, SceneMark> marks_at(const RunData& data, Level level) {
  RooflineScene scene;
  scene.update(data, {});
  if (!scene.has(level)) return {};
  scene.set_level(level);
  scene.update(data, {});
  std::map<std::uint32_t, SceneMark> marks;
  for (const SceneMark& mark : scene.marks()) marks[mark.row] = mark;
  return marks;
}

void expect_same_levels(const Reading& reading) {
  const std::map<std::string, Level> levels = {{"DRAM", Level::dram}, {"L2", Level::l2}, {"L1", Level::l1}};
  std::map<std::string, std::map<std::uint32_t, SceneMark>> marks;
  for (const auto& [name, level] : levels) marks[name] = marks_at(reading.data, level);
  std::map<std::string, std::size_t> counted;
  for (std::uint32_t i = 0; i < reading.data.rows().size(); ++i) {
    const auto json = tuner::analysis_json(tuner::analyse(*reading.run, reading.run->evaluations[i]));
    if (json.at("intensities").is_null()) continue;
    for (const auto& level : json.at("intensities").at("levels")) {
      const std::string name = level.at("level").get<std::string>();
      ++counted[name];
      ASSERT_TRUE(marks[name].contains(i)) << name << " of row " << i;
      EXPECT_EQ(marks[name][i].intensity, level.at("intensity").get<double>());
      EXPECT_EQ(marks[name][i].gflops, json.at("intensities").at("gflops").get<double>());
    }
  }
  for (const auto& [name, level] : levels) EXPECT_EQ(marks[name].size(), counted[name]) << name;
  EXPECT_GT(counted["DRAM"], 0U) << "a recording has the counters of its best";
  const auto best = reading.results.order().front();
  for (const tuner::RooflineMark& mark : reading.roofline.marks) {
    if (!levels.contains(mark.callout)) continue;
    EXPECT_EQ(mark.intensity, marks[mark.callout][best].intensity) << mark.callout;
    EXPECT_EQ(mark.gflops, marks[mark.callout][best].gflops) << mark.callout;
  }
}

void expect_same_bytes(const Reading& reading) {
  const Row& best = *reading.data.best_row();
  const auto shown = analyse(reading.data, best);
  ASSERT_TRUE(shown.fusion);
  const auto& written = reading.json.at("best").at("analysis").at("fusion");
  EXPECT_EQ(written.at("read_ratio").get<double>(), shown.fusion->read_ratio);
  EXPECT_EQ(written.at("written_ratio").get<double>(), shown.fusion->written_ratio);
  const auto table = reading.text.find("Hardware counters");
  ASSERT_NE(table, std::string::npos);
  // The first column is as wide as the number of rows has digits.
  const auto row = std::min(reading.text.find("\n 1 ", table), reading.text.find("\n1 ", table));
  ASSERT_NE(row, std::string::npos);
  const std::string first = reading.text.substr(row + 1, 160);
  EXPECT_THAT(first, HasSubstr(fmt::format("{:.3f}", shown.fusion->read_ratio)));
  EXPECT_THAT(first, HasSubstr(fmt::format("{:.3f}", shown.fusion->written_ratio)));
  EXPECT_EQ(reading.json.at("problem").at("input_bytes").get<std::int64_t>() +
                reading.json.at("problem").at("output_bytes").get<std::int64_t>(),
            reading.run->info.compulsory_bytes);
}

void expect_nothing_above_the_best(Reading& reading) {
  const Row& best = *reading.data.best_row();
  for (const std::string column : {"time", "against_best", "gbps", "of_copy", "of_peak", "gflops", "rank"}) {
    const bool more_is_better = column == "gbps" || column == "of_copy" || column == "of_peak" || column == "gflops";
    reading.results.sort_by(column, more_is_better);
    reading.results.update(reading.data);
    EXPECT_EQ(&reading.row_at_rank(0), &best) << column;
  }
  for (const Row& row : reading.data.rows()) {
    if (!row.ok() || row.tied) continue;
    EXPECT_GE(row.time_ms, best.time_ms) << row.evaluation->configuration.key();
    EXPECT_LE(row.gbps, best.gbps);
  }
  for (const tuner::RooflineMark& mark : reading.roofline.marks) {
    if (mark.tied || !(mark.of_copy > 0)) continue;  // A level or the projection has no share of the copy.
    EXPECT_LE(mark.gflops, best.gflops) << mark.label;
  }
}

class OneReading : public ::testing::TestWithParam<std::filesystem::path> {};

/// One test: reading a recording takes longer than all that is held against each other.
TEST_P(OneReading, IsTheSameInWindowResultTableCsvAndPlotsAndNothingStandsAboveTheBest) {
  Reading reading(GetParam());
  expect_one_best(reading);
  expect_same_figures_and_ranks(reading);
  expect_same_levels(reading);
  expect_same_bytes(reading);
  expect_nothing_above_the_best(reading);
}

std::vector<std::filesystem::path> recordings() {
  std::vector<std::filesystem::path> files;
  for (const auto& recording : tuner::recording_files(tuner::data_folder())) files.push_back(recording.file);
  return files;
}

std::string test_name(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  std::string name = info.param.filename().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Recordings, OneReading, ::testing::ValuesIn(recordings()), test_name);

Reading h200(const std::string& name) {
  return Reading(tuner::data_folder() / "presets" / "recordings" / "h200" / (name + ".t4.json"));
}

TEST(OneReadingOf, LayernormGeluScaleHasTheSameOperationsAByteOfDramEverywhere) {
  const Reading reading = h200("layernorm_gelu_scale.f32.kernelbench");
  const auto marks = marks_at(reading.data, Level::dram);
  const SceneMark& best = marks.at(reading.results.order().front());
  const tuner::Evaluation& evaluation = *reading.run->ranked().front();
  const auto counted = [&](const std::string& metric) { return evaluation.measurement.counters.at(metric); };
  // The compiler sets a constant by one HFMA2 a thread, on pairs: that counts as four.
  const double operations = counted(tuner::metric::kFadd) + counted(tuner::metric::kFmul) +
                            2 * counted(tuner::metric::kFfma) + 4 * counted(tuner::metric::kHfma);
  EXPECT_NEAR(best.intensity, operations / (counted(tuner::metric::kDramRead) + counted(tuner::metric::kDramWritten)),
              1e-9);
  EXPECT_NEAR(best.gflops, operations / reading.data.best_row()->time_ms / 1e6, 1e-6);
  EXPECT_TRUE(best.best);
  const auto& levels = reading.json.at("best").at("analysis").at("intensities");
  EXPECT_EQ(levels.at("levels").at(0).at("intensity").get<double>(), best.intensity);
  EXPECT_EQ(levels.at("gflops").get<double>(), best.gflops);
}

TEST(OneReadingOf, AStridedProblemCountsTheElementsThatAreUsed) {
  const Reading reading = h200("layernorm_gelu_scale_strided.f32.default");
  const auto shown = analyse(reading.data, *reading.data.best_row());
  ASSERT_TRUE(shown.fusion);
  EXPECT_NEAR(shown.fusion->read_ratio, 1, 0.01);
}

}  // namespace
}  // namespace fuseline::app::gui
