// Expressions as C++: compiled and run, they have the values that evaluate() gives.
#include "tuner/package/cpp_expression.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/expression.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

TEST(CppExpressions, ReadAsTheyDoInAManifest) {
  const CppNames names = {
      {"n", {"n_", true}}, {"device.sm_count", {"device.sm_count", false}}, {"load.wide", {"1.0", false}}};
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"n", "n_"},
      {"n*2+1", "n_ * 2.0 + 1.0"},
      {"(n + 1) * 2", "(n_ + 1.0) * 2.0"},
      {"n - (n - 1)", "n_ - (n_ - 1.0)"},
      {"1/2", "Number(1.0) / 2.0"},
      {"min(n, 1/2, 3)", "min({n_, Number(1.0) / 2.0, 3.0})"},
      {"n == 0 || n > 1 && n < 5", "n_ == 0.0 || (n_ > 1.0 && n_ < 5.0)"},
      {"n ? n : 0", "n_ ? n_ : 0.0"},
      {"load.wide ? 1 : n == 1", "Number(1.0) ? Number(1.0) : n_ == 1.0"},
      {"-2^2", "-power(2.0, 2.0)"},
      {"(n == 1) + 1", "Number(n_ == 1.0) + 1.0"},
      {"device.sm_count * 2", "Number(device.sm_count) * 2.0"},
      {"cdiv(n, 1e3)", "cdiv(n_, 1000.0)"},
  };
  for (const auto& [text, wanted] : cases) {
    const auto made = cpp_expression(text, names);
    ASSERT_TRUE(made) << text << ": " << made.error().message();
    EXPECT_EQ(*made, wanted) << text;
  }
  EXPECT_THAT(cpp_expression("m", names).error().message(), HasSubstr("unknown name \"m\""));
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "n?";
  EXPECT_THAT(cpp_expression(deep, names).error().message(), HasSubstr("nested more than 200 deep"));
  EXPECT_THAT(cpp_expression("cdiv(n)", names).error().message(), HasSubstr("gives cdiv 1 arguments, and it takes 2"));
}

TEST(CppExpressions, TextsAreQuotedWhateverTheyHold) {
  EXPECT_EQ(cpp_quoted("a\"b\\c\nd"), R"("a\"b\\c\nd")");
  EXPECT_EQ(cpp_quoted(std::string("\x01") + "7\xc3\xa9"), "\"\\0017\\303\\251\"");
  EXPECT_EQ(cpp_real(2), "2.0");
  EXPECT_EQ(cpp_real(1e-5), "1e-05");
}

/// tests/package/expressions.json, which the evaluator and the loader in Python are held to as well.
TEST(CppExpressions, HaveTheValuesAndErrorsOfTheEvaluator) {
  const auto cases = read_json_file(std::string(FUSELINE_SOURCE_DIR) + "/tests/package/expressions.json").value();
  std::string body;
  std::vector<std::string> wanted, texts;
  for (const OrderedJson& each : cases) {
    const std::string text = each.at("text");
    CppNames names;
    std::string scope;
    std::size_t number = 0;
    const OrderedJson given = each.value("scope", OrderedJson::object());
    for (const auto& item : given.items()) {
      names[item.key()] = {fmt::format("v{}", number), true};
      scope += fmt::format("[[maybe_unused]] const Number v{} = {}; ", number++, cpp_real(item.value().get<double>()));
    }
    const auto made = cpp_expression(text, names);
    if (!made) {
      EXPECT_TRUE(each.contains("error")) << text << ": " << made.error().message();
      continue;
    }
    body += fmt::format("  {{ {}show({}); }}\n", scope, *made);
    texts.push_back(text + " as " + *made);
    wanted.push_back(each.contains("error") ? "error" : fmt::format("{}", each.at("value").get<double>()));
  }
  ASSERT_GT(texts.size(), 50U);
  const TemporaryFolder folder;
  folder.write("shown.cpp",
               "#include <cstdio>\n#include \"number.hpp\"\nnamespace fuseline_package {\nnamespace detail {\n"
               "void show(Number value) {\n"
               "  if (take_number_error() != nullptr) std::puts(\"error\"); else std::printf(\"%.17g\\n\", "
               "value.value());\n}\nint run() {\n" +
                   body +
                   "  return 0;\n}\n}\n}\n"
                   "int main() { return fuseline_package::detail::run(); }\n");
  const std::string at = folder.path().string();
  const char* const chosen = std::getenv("CXX");
  const std::string command = fmt::format(
      "{} -std=c++17 -Wall -Wextra -Wconversion -Wshadow -Werror -I{}/assets/package_cpp/src {}/shown.cpp -o {}/shown "
      ">{}/said 2>&1 && {}/shown >{}/out",
      chosen != nullptr ? chosen : "c++", FUSELINE_SOURCE_DIR, at, at, at, at, at);
  ASSERT_EQ(std::system(command.c_str()), 0) << read_file(folder.path() / "said").value_or("");
  std::istringstream lines(read_file(folder.path() / "out").value());
  std::string line;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_TRUE(std::getline(lines, line)) << texts[i];
    if (line == "error" || wanted[i] == "error") {
      EXPECT_EQ(line, wanted[i]) << texts[i];
    } else {
      EXPECT_EQ(std::stod(line), std::stod(wanted[i])) << texts[i];
    }
  }
}

}  // namespace
}  // namespace fuseline::tuner
