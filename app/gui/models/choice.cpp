#include "app/gui/models/choice.hpp"

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

tl::unexpected<tuner::Error> unknown(const std::string& what, const std::string& name,
                                     const std::vector<std::string>& known) {
  std::string text = "unknown " + what + " '" + name + "'; there are ";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i > 0 ? ", " : "") + known[i];
  return tuner::bad_input(std::move(text));
}

}  // namespace

ProblemChoice::ProblemChoice(std::shared_ptr<const tuner::Catalog> catalog)
    : catalog_(std::move(catalog)), instance_(tuner::bad_input("no problem was found")) {
  if (!problems().empty()) (void)choose_problem(problems().front()->problem.name);
}

Result<void> ProblemChoice::choose_problem(const std::string& name) {
  FUSELINE_TRY(entry, catalog_->find(name));
  entry_ = std::move(entry);
  const tuner::Problem& problem = entry_->problem;
  if (std::find(problem.dtypes.begin(), problem.dtypes.end(), dtype_) == problem.dtypes.end())
    dtype_ = problem.dtypes.front();
  scalars_ = problem.scalars;
  take_shape(problem.shapes.front());
  return {};
}

void ProblemChoice::set_catalog(std::shared_ptr<const tuner::Catalog> catalog) {
  catalog_ = std::move(catalog);
  if (!entry_) {
    if (!problems().empty()) (void)choose_problem(problems().front()->problem.name);
    return;
  }
  const auto found = catalog_->find(entry_->problem.name);
  if (!found || *found == entry_) return;
  const std::string shape = shape_;
  const tuner::Dtype dtype = dtype_;
  const auto dimensions = overrides();
  const auto scalars = scalar_overrides();
  (void)choose_problem((*found)->problem.name);
  (void)choose_shape(shape);
  (void)choose_dtype(std::string(tuner::to_string(dtype)));
  for (const tuner::Dimension& dimension : dimensions) (void)set_dimension(dimension.name, dimension.value);
  for (const auto& [name, value] : scalars) (void)set_scalar(name, value);
}

void ProblemChoice::take_shape(const tuner::ShapePreset& shape) {
  shape_ = shape.name;
  preset_ = dims_ = shape.dims;
  work_out();
}

Result<void> ProblemChoice::choose_shape(const std::string& name) {
  if (!entry_) return tuner::bad_input("no problem is chosen");
  std::vector<std::string> names;
  for (const tuner::ShapePreset& shape : entry_->problem.shapes) {
    if (shape.name == name) {
      take_shape(shape);
      return {};
    }
    names.push_back(shape.name);
  }
  return unknown("shape", name, names);
}

Result<void> ProblemChoice::choose_dtype(const std::string& name) {
  if (!entry_) return tuner::bad_input("no problem is chosen");
  std::vector<std::string> names;
  for (const tuner::Dtype dtype : entry_->problem.dtypes) {
    if (tuner::to_string(dtype) == name) {
      dtype_ = dtype;
      work_out();
      return {};
    }
    names.emplace_back(tuner::to_string(dtype));
  }
  return unknown("dtype", name, names);
}

Result<void> ProblemChoice::set_dimension(const std::string& name, std::int64_t value) {
  std::vector<std::string> names;
  for (tuner::Dimension& dimension : dims_) {
    if (dimension.name == name) {
      dimension.value = value;
      work_out();
      return {};
    }
    names.push_back(dimension.name);
  }
  return unknown("dimension", name, names);
}

std::vector<tuner::Dimension> ProblemChoice::overrides() const {
  std::vector<tuner::Dimension> changed;
  for (std::size_t i = 0; i < dims_.size(); ++i) {
    if (dims_[i].value != preset_[i].value) changed.push_back(dims_[i]);
  }
  return changed;
}

Result<void> ProblemChoice::set_scalar(const std::string& name, double value) {
  std::vector<std::string> names;
  for (auto& [own, own_value] : scalars_) {
    if (own == name) {
      own_value = value;
      work_out();
      return {};
    }
    names.push_back(own);
  }
  return unknown("scalar", name, names);
}

tuner::Scalars ProblemChoice::scalar_overrides() const {
  return entry_ ? tuner::changed_scalars(entry_->problem, scalars_) : tuner::Scalars{};
}

void ProblemChoice::work_out() {
  ++revision_;
  instance_ = tuner::instantiate(entry_->problem, shape_, overrides(), dtype_, scalar_overrides());
}

AllowedTime allowed_time(const tuner::ProblemInstance& instance, const tuner::DeviceInfo& device) {
  const tuner::Ceilings ceilings = device.ceilings.value_or(tuner::Ceilings{});
  AllowedTime allowed{tuner::short_device_name(device.name),
                      ceilings.copy_gbps > 0 ? ceilings.copy_gbps : device.dram_peak_gbps, 0, ceilings.copy_gbps > 0};
  if (allowed.gbps > 0)
    allowed.ms = tuner::floor_ms(instance.flops, static_cast<double>(instance.compulsory_bytes), allowed.gbps,
                                 ceilings.fp32_gflops);
  return allowed;
}

AllowedTime allowed_time(const tuner::ProblemInstance& instance, const tuner::RunInfo& run) {
  AllowedTime allowed{tuner::short_device_name(run.device.name), run.copy_gbps, 0, true, true};
  const tuner::Ceilings ceilings = run.device.ceilings.value_or(tuner::Ceilings{});
  if (allowed.gbps > 0)
    allowed.ms = tuner::floor_ms(instance.flops, static_cast<double>(instance.compulsory_bytes), allowed.gbps,
                                 ceilings.fp32_gflops);
  return allowed;
}

std::string known_text(const AllowedTime& allowed) {
  return allowed.of_run ? "this run" : allowed.measured ? "measured" : "data sheet";
}

AllowedTime allowed_time(const tuner::ProblemInstance& instance, const tuner::Target& target) {
  AllowedTime allowed{tuner::short_device_name(target.label()), target.dram_gbps, 0, false};
  if (allowed.gbps > 0)
    allowed.ms = tuner::floor_ms(instance.flops, static_cast<double>(instance.compulsory_bytes), allowed.gbps,
                                 target.fp32_gflops);
  return allowed;
}

}  // namespace fuseline::app::gui
