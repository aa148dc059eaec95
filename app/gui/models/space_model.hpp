// Which part of the space is searched: variants and values as toggles, and the number of configurations that remain.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/gui/models/background.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/session/recordings.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::app::gui {

struct ValueToggle {
  std::string text;
  bool on = true;
  std::optional<double> number = std::nullopt;  ///< What it is sorted by.
};
struct ParameterToggle {
  std::string name, description;
  std::vector<ValueToggle> values;
  std::vector<std::string> variants;  ///< Those that have it.
  bool in_use = true;                 ///< Some chosen variant has it.
};
struct VariantToggle {
  std::string name, description;
  bool on = true;
  std::string unavailable;  ///< Why the device cannot run it; empty otherwise.
};
struct ReadableConstraint {
  std::string variant, text, reason;
};

/// How many configurations a selection leaves; `count` is empty while it is not known, and `error` says why there are
/// none.
struct SpaceCount {
  std::optional<std::uint64_t> count;
  std::string error;   ///< One clause.
  std::string detail;  ///< All of it, where that is longer.
};

class SpaceModel {
 public:
  /// Starts afresh for a problem; toggles of names that stay are kept where `entry` is the same.
  void set_problem(std::shared_ptr<const tuner::CatalogEntry> entry, bool full);
  void set_limits(const tuner::DeviceLimits& limits);

  [[nodiscard]] const std::vector<VariantToggle>& variants() const { return variants_; }
  [[nodiscard]] const std::vector<ParameterToggle>& parameters() const { return parameters_; }
  [[nodiscard]] const std::vector<ReadableConstraint>& constraints() const { return constraints_; }
  [[nodiscard]] bool full() const { return full_; }

  /// Errors: no such variant, parameter or value.
  [[nodiscard]] tuner::Result<void> set_variant(const std::string& name, bool on);
  [[nodiscard]] tuner::Result<void> set_value(const std::string& parameter, const std::string& value, bool on);
  /// Turns all other values off.
  [[nodiscard]] tuner::Result<void> only_value(const std::string& parameter, const std::string& value);
  [[nodiscard]] tuner::Result<void> only_variant(const std::string& name);
  /// "block=128,256": exactly these values.
  [[nodiscard]] tuner::Result<void> narrow(const std::string& text);
  void all_values(const std::string& parameter);
  void reset();  ///< Everything on.
  void set_full(bool full);
  [[nodiscard]] bool narrowed() const;

  /// Error: a parameter without any value left, or no variant.
  [[nodiscard]] tuner::Result<tuner::SpaceSelection> selection() const;

  /// What the count is of: an instance on a device, or a recording that is replayed.
  struct Ground {
    std::optional<tuner::ProblemInstance> instance;
    tuner::DeviceLimits limits;
    bool replay = false;
    std::string recording;  ///< Name; empty: any.
    std::filesystem::path data;
    std::uint64_t revision = 0;
  };
  /// Every frame: keeps the count up to date, off this thread.
  void follow(Background& background, const Ground& ground);
  [[nodiscard]] SpaceCount count() const;
  [[nodiscard]] bool counting() const;
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  void collect();
  void refresh_use();
  [[nodiscard]] ParameterToggle* find(const std::string& parameter);

  std::shared_ptr<const tuner::CatalogEntry> entry_;
  bool full_ = false;
  tuner::DeviceLimits limits_;
  std::vector<VariantToggle> variants_;
  std::vector<ParameterToggle> parameters_;
  std::vector<ReadableConstraint> constraints_;
  std::uint64_t revision_ = 1, wanted_ = 0, shown_ = 0, followed_ = 0;
  Derived<SpaceCount> count_;
};

}  // namespace fuseline::app::gui
