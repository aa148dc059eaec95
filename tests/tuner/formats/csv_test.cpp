#include "tuner/formats/csv.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/formats/ncu.hpp"

namespace fuseline::tuner {
namespace {

using testing::sample_run;
using Rows = std::vector<std::vector<std::string>>;

/// RFC 4180, strictly: a lone quote, a bare line feed outside quotes or a missing CRLF fails.
Rows read_csv(const std::string& text) {
  Rows rows(1);
  std::string cell;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '"' && cell.empty()) {
      for (++i; i < text.size(); ++i) {
        if (text[i] != '"') {
          cell += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
          cell += text[i++];
        } else {
          break;
        }
      }
      ++i;
      EXPECT_TRUE(text[i] == ',' || text[i] == '\r') << "text after a closing quote at " << i;
      continue;
    }
    if (text[i] == ',') {
      rows.back().push_back(cell);
      cell.clear();
    } else if (text[i] == '\r') {
      EXPECT_EQ(text[i + 1], '\n');
      rows.back().push_back(cell);
      cell.clear();
      rows.emplace_back();
      ++i;
    } else {
      EXPECT_NE(text[i], '"');
      EXPECT_NE(text[i], '\n');
      cell += text[i];
    }
    ++i;
  }
  EXPECT_TRUE(rows.back().empty());
  rows.pop_back();
  return rows;
}

std::vector<std::map<std::string, std::string>> table(const std::string& text) {
  const Rows rows = read_csv(text);
  std::vector<std::map<std::string, std::string>> records;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].size(), rows[0].size());
    std::map<std::string, std::string> record;
    for (std::size_t c = 0; c < rows[0].size() && c < rows[i].size(); ++c) record[rows[0][c]] = rows[i][c];
    EXPECT_EQ(record.size(), rows[0].size()) << "two columns have one name";
    records.push_back(record);
  }
  return records;
}

TEST(Csv, OneRowAnEvaluation) {
  const auto records = table(csv(sample_run()));
  ASSERT_EQ(records.size(), 9u);
  const auto& best = records[1];
  EXPECT_EQ(best.at("sequence"), "1");
  EXPECT_EQ(best.at("backend"), "cuda");
  EXPECT_EQ(best.at("variant"), "rows");
  EXPECT_EQ(best.at("block"), "256");
  EXPECT_EQ(best.at("gelu"), "erf");
  EXPECT_EQ(best.at("outcome"), "ok");
  EXPECT_EQ(best.at("median_ms"), "0.506");
  EXPECT_EQ(best.at("tied"), "true");
  EXPECT_EQ(best.at("registers"), "40");
  EXPECT_EQ(best.at("grid_y"), "2");
  EXPECT_EQ(best.at("counter dram__bytes_read.sum"), "1070000000");
  EXPECT_EQ(records[0].at("counter dram__bytes_read.sum"), "");
  EXPECT_EQ(records[2].at("retimed"), "false");
}

TEST(Csv, EveryRowNamesTheScalars) {
  tuner::Run run = sample_run();
  EXPECT_EQ(table(csv(run))[0].at("scalars"), "");
  run.info.scalars = {{"scale", 1.5}, {"eps", 1e-6}};
  EXPECT_EQ(table(csv(run))[0].at("scalars"), "scale=1.5 eps=1e-06");
}

TEST(Csv, FailuresKeepTheirReasonsAndHaveNoTimes) {
  const auto records = table(csv(sample_run()));
  EXPECT_EQ(records[3].at("outcome"), "compile_error");
  EXPECT_EQ(records[3].at("median_ms"), "");
  EXPECT_EQ(records[3].at("registers"), "");
  EXPECT_EQ(records[5].at("max_absolute_error"), "inf");
  EXPECT_EQ(records[5].at("max_relative_error"), "nan");
}

TEST(Csv, NoCellIsAFormula) {
  auto run = sample_run();
  run.info.device.name = "+device";
  for (const char* text : {"=1+1", "+1", "-1", "@sum", "\tx", "\rx", "\nx"}) {
    run.evaluations[3].measurement.reason = text;
    EXPECT_EQ(table(csv(run))[3].at("reason"), std::string("'") + text);
  }
  EXPECT_EQ(table(csv(run))[3].at("device"), "'+device");
}

TEST(Csv, NumbersThatBeginWithAMinusStayNumbers) {
  auto run = sample_run();
  run.evaluations[0].configuration.values = {{"shift", -3}};
  EXPECT_EQ(table(csv(run))[0].at("shift"), "-3");
}

TEST(Csv, QuotesCommasAndLineEndsRoundTrip) {
  auto run = sample_run();
  run.evaluations[3].measurement.reason = "say \"hi\", then\r\nstop";
  EXPECT_EQ(table(csv(run))[3].at("reason"), "say \"hi\", then\r\nstop");
}

TEST(Csv, AParameterMayHaveTheNameOfAColumn) {
  auto run = sample_run();
  run.evaluations[0].configuration.values.push_back({"outcome", "x"});
  const auto records = table(csv(run));
  EXPECT_EQ(records[0].at("outcome"), "ok");
  EXPECT_EQ(records[0].at("parameter outcome"), "x");
}

TEST(Csv, AReplaySaysSoInEveryRow) {
  auto run = sample_run();
  run.info.backend = Backend::replay;
  for (const auto& record : table(csv(run))) EXPECT_EQ(record.at("backend"), "replay");
}

TEST(Csv, ARunWithNothingIsAHeader) { EXPECT_EQ(read_csv(csv(tuner::Run{})).size(), 1u); }

TEST(NcuJson, NamesTheBestAndItsTies) {
  const auto json = ncu_json(sample_run());
  ASSERT_TRUE(json) << json.error().message();
  ASSERT_EQ(json->size(), 2u);
  EXPECT_EQ(json->begin().key(), "rows block=256 gelu=erf");
  const OrderedJson& best = json->front();
  EXPECT_DOUBLE_EQ(best["gpu__time_duration.sum"].get<double>(), 506'000);
  EXPECT_EQ(best["launch__grid_size"], 2048);
  EXPECT_EQ(best["launch__block_size"], 256);
  EXPECT_EQ(best["launch__registers_per_thread"], 40);
  EXPECT_EQ(best["sm__warps_active.avg.pct_of_peak_sustained_active"], 91.25);
  EXPECT_EQ(json->contains("rows block=512 gelu=erf"), false);
}

TEST(NcuJson, AloneTheVariantIsTheKernelsName) {
  auto run = sample_run();
  run.info.finals.clear();
  const auto json = ncu_json(run);
  ASSERT_TRUE(json);
  ASSERT_EQ(json->size(), 1u);
  EXPECT_EQ(json->begin().key(), "rows");
}

}  // namespace
}  // namespace fuseline::tuner
