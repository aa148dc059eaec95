// What a program of kernels on the CPU says, and what becomes of it in a report.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tuner/check/report.hpp"

namespace fuseline::tuner {

/// One line of its output (profiler/host/runner.cpp).
struct HostAnswer {
  std::size_t number = 0;  ///< Of the case.
  std::size_t setting = 0;
  bool ended = false;  ///< Else it has begun.
  std::string kind;    ///< What went wrong, as the runner classes it; empty: nothing.
  std::string what;
  std::string place;  ///< "FILE:LINE", or nothing.
  std::string run;    ///< Such as "threads in ascending order, copies late".
};
/// Nothing where the line is no answer: a kernel may print.
[[nodiscard]] std::optional<HostAnswer> host_answer(std::string_view line);

/// The finding of an answer that something went wrong. `errors`: the end of what the program wrote to standard error,
/// where the undefined-behaviour sanitizer says its reason. `file`: the source, which is blamed where no place is
/// known.
[[nodiscard]] Finding host_finding(const HostAnswer& answer, std::string_view errors, const std::string& file);

/// Of a compiler's output the first line that is an error, without what stands before it; the first line where there is
/// none.
[[nodiscard]] std::string first_complaint(std::string_view log);

}  // namespace fuseline::tuner
