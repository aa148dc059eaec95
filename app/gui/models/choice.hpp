// What is tuned: a problem, its shape and dtype, with the bytes, operations and times that follow.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/device/device.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::app::gui {

class ProblemChoice {
 public:
  explicit ProblemChoice(std::shared_ptr<const tuner::Catalog> catalog);

  [[nodiscard]] const std::vector<std::shared_ptr<const tuner::CatalogEntry>>& problems() const {
    return catalog_->entries();
  }
  [[nodiscard]] const std::shared_ptr<const tuner::CatalogEntry>& entry() const {
    return entry_;
  }  ///< Null where there is no problem at all.

  /// Problems were read again. What is chosen stays as far as it is still there; a problem that is gone, or cannot be
  /// read now, stays as it was until another is chosen.
  void set_catalog(std::shared_ptr<const tuner::Catalog> catalog);
  /// Errors: unknown, with close names. What was chosen stays.
  [[nodiscard]] tuner::Result<void> choose_problem(const std::string& name);
  [[nodiscard]] tuner::Result<void> choose_shape(const std::string& name);  ///< Drops the dimensions typed before.
  [[nodiscard]] tuner::Result<void> choose_dtype(const std::string& name);
  /// A dimension typed by the user. Error: unknown; a value that the problem refuses is kept and makes instance() an
  /// error.
  [[nodiscard]] tuner::Result<void> set_dimension(const std::string& name, std::int64_t value);

  /// A scalar typed by the user, as set_dimension. Another problem brings its own; another shape changes none.
  [[nodiscard]] tuner::Result<void> set_scalar(const std::string& name, double value);

  [[nodiscard]] const std::string& shape() const { return shape_; }
  [[nodiscard]] tuner::Dtype dtype() const { return dtype_; }
  /// Every dimension with its value now.
  [[nodiscard]] const std::vector<tuner::Dimension>& dims() const { return dims_; }
  /// Those that differ from the preset's.
  [[nodiscard]] std::vector<tuner::Dimension> overrides() const;
  /// Every scalar with its value now.
  [[nodiscard]] const tuner::Scalars& scalars() const { return scalars_; }
  /// Those that differ from the problem's defaults.
  [[nodiscard]] tuner::Scalars scalar_overrides() const;
  /// The instance, or why there is none.
  [[nodiscard]] const tuner::Result<tuner::ProblemInstance>& instance() const { return instance_; }
  /// Changes with every choice.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  void take_shape(const tuner::ShapePreset& shape);
  void work_out();

  std::shared_ptr<const tuner::Catalog> catalog_;
  std::shared_ptr<const tuner::CatalogEntry> entry_;
  std::string shape_;
  std::vector<tuner::Dimension> preset_, dims_;
  tuner::Scalars scalars_;
  tuner::Dtype dtype_ = tuner::Dtype::f32;
  tuner::Result<tuner::ProblemInstance> instance_;
  std::uint64_t revision_ = 0;
};

/// The least time for one call on a GPU, and what it is from.
struct AllowedTime {
  std::string name;  ///< "H200", "RTX 4090"
  double gbps = 0;
  double ms = 0;
  bool measured = false;  ///< By a copy; else from the data sheet.
  bool of_run = false;    ///< By the copy of the run on show.
};
[[nodiscard]] AllowedTime allowed_time(const tuner::ProblemInstance& instance, const tuner::DeviceInfo& device);
[[nodiscard]] AllowedTime allowed_time(const tuner::ProblemInstance& instance, const tuner::Target& target);
/// By the copy that a run measured beside its configurations; no time where it did not.
[[nodiscard]] AllowedTime allowed_time(const tuner::ProblemInstance& instance, const tuner::RunInfo& run);
/// How the bandwidth is known: "this run", "measured", "data sheet".
[[nodiscard]] std::string known_text(const AllowedTime& allowed);

}  // namespace fuseline::app::gui
