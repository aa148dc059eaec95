// The staged spaces of a variant: what constraints remove, what is left, and what is never left.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tuner/check/case.hpp"
#include "tuner/check/finding_list.hpp"
#include "tuner/problem/variant.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {

/// The space of one case; nothing where it is empty, the device lacks the capability, or an expression failed.
struct CaseSpace {
  const CheckCase* looked_at = nullptr;
  std::shared_ptr<const Space> space;
};

/// Fills in spaces, constraints and remarks of `check`. Findings: an expression that fails, a value that nothing lets
/// through, a variant of which nothing is left, a block over the device's limit.
///
/// A variant may be for other sizes than those looked at. So these are remarks: a case without a configuration where
/// others have some, a variant that a constraint on the problem's sizes alone leaves empty, and a value that would be
/// let through but for constraints over sizes.
[[nodiscard]] std::vector<CaseSpace> check_spaces(const Problem& problem, const Variant& variant,
                                                  const std::vector<CheckCase>& cases, VariantCheck& check,
                                                  FindingList& findings);

/// Positions 0 .. count-1, all or `most` of them spread evenly.
[[nodiscard]] std::vector<std::uint64_t> spread(std::uint64_t count, std::uint64_t most);

}  // namespace fuseline::tuner
