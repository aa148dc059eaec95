// A table of faults as Markdown, and the place in a README where a checked-in one stands.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::faults {

struct Row {
  std::string fault, outcome, reason;
};

inline std::string cell(const std::string& text) {
  constexpr std::size_t kLongest = 200;
  std::string safe;
  for (const char c : tuner::printable(text.substr(0, kLongest)))
    safe += c == '|' ? std::string("\\|") : c == '<' ? std::string("&lt;") : std::string(1, c);
  return safe + (text.size() > kLongest ? "..." : "");
}

inline std::string markdown(const std::vector<Row>& rows) {
  std::string text = "| fault | outcome | reason shown |\n|---|---|---|\n";
  for (const Row& row : rows)
    text += fmt::format("| {} | {} | {} |\n", cell(row.fault), cell(row.outcome), cell(row.reason));
  return text;
}

/// `text` with every occurrence of `what` (never empty) replaced.
inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

/// The table between "<!-- NAME -->" and "<!-- end of NAME -->" must be `table`. With FUSELINE_RENEW_TABLES=1 it is put
/// there instead.
inline void expect_checked_in(const std::string& readme, const std::string& name, const std::string& table) {
  auto text = tuner::read_file(readme);
  ASSERT_TRUE(text) << text.error().message();
  const std::string first = "<!-- " + name + " -->\n";
  const std::size_t begin = text->find(first);
  const std::size_t end = text->find("<!-- end of " + name + " -->");
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end)
      << readme << " has no place for the table '" << name << "'";
  const std::size_t from = begin + first.size();
  if (const char* renew = std::getenv("FUSELINE_RENEW_TABLES"); renew != nullptr && std::string(renew) == "1") {
    ASSERT_TRUE(tuner::write_file(readme, text->replace(from, end - from, table)));
    return;
  }
  EXPECT_EQ(text->substr(from, end - from), table)
      << "run this test with FUSELINE_RENEW_TABLES=1 and look at what changes in " << readme;
}

}  // namespace fuseline::faults
