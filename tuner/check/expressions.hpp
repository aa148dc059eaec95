// The expressions of a manifest, each worked out for every configuration of a space.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tuner/check/case.hpp"
#include "tuner/check/finding_list.hpp"
#include "tuner/problem/variant.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {

/// Looks at derived values, grid, block, shared memory, arguments and workspace. Each text is judged once for each set
/// of the numbers that it uses.
class ExpressionCheck {
 public:
  /// Both must outlive it.
  ExpressionCheck(const Variant& variant, const CheckCase& looked_at, FindingList& findings);
  ExpressionCheck(const ExpressionCheck&) = delete;
  ExpressionCheck& operator=(const ExpressionCheck&) = delete;
  ~ExpressionCheck();

  void look_at(const Configuration& configuration);
  /// Blocks alone: for what the device cannot launch.
  void look_at_blocks(const Configuration& configuration);

 private:
  struct Place;
  [[nodiscard]] bool take(const Configuration& configuration);
  void judge(std::vector<Place>& places, const Configuration& configuration);
  void add_places();
  void add_place(std::vector<Place>& places, const std::string& path, const std::string& text,
                 std::function<Result<void>(const Scope&)> judge);
  void report(const std::string& path, const std::string& reason, const Configuration& configuration);

  const Variant& variant_;
  const CheckCase& case_;
  FindingList& findings_;
  std::string file_;
  Scope constants_;                     ///< Of the case, and what string values stand for.
  std::vector<std::string> variables_;  ///< Parameters, then derived values.
  std::vector<double> values_;          ///< Of the variables, for the configuration at hand.
  std::vector<Expression> derived_;
  std::vector<Place> places_, blocks_;
};

}  // namespace fuseline::tuner
