#include "app/gui/models/space_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

SpaceCount count_of(const tuner::Result<std::shared_ptr<const tuner::Space>>& space) {
  if (!space) return {0, space.error().message(), {}};
  return {(*space)->size(), {}, {}};
}

SpaceCount count_now(const std::shared_ptr<const tuner::CatalogEntry>& entry,
                     const Result<tuner::SpaceSelection>& selection, const SpaceModel::Ground& ground) {
  if (!selection) return {0, selection.error().message(), {}};
  if (!entry || !ground.instance) return {};
  if (!ground.replay) return count_of(tuner::variant_space(*entry, *ground.instance, ground.limits, *selection));
  const auto recording = tuner::find_recording(ground.data, ground.recording, *ground.instance);
  if (!recording) {
    // The list of what there is follows a colon.
    const std::string whole = recording.error().message();
    return {0, whole.substr(0, whole.find(": there are")), whole};
  }
  return count_of(tuner::recorded_space(**recording, *selection));
}

std::string names_of(const std::vector<ValueToggle>& values) {
  std::string text;
  for (const ValueToggle& value : values) text += (text.empty() ? "" : ", ") + value.text;
  return text;
}

}  // namespace

void SpaceModel::set_problem(std::shared_ptr<const tuner::CatalogEntry> entry, bool full) {
  if (entry == entry_ && full == full_) return;
  // What was turned off stays off where the same problem was read again, or has more values.
  const bool same = entry_ && entry && entry_->problem.name == entry->problem.name;
  const auto variants = same ? std::move(variants_) : std::vector<VariantToggle>();
  const auto parameters = same ? std::move(parameters_) : std::vector<ParameterToggle>();
  entry_ = std::move(entry);
  full_ = full;
  variants_.clear();
  parameters_.clear();
  collect();
  for (const VariantToggle& variant : variants) {
    if (!variant.on) (void)set_variant(variant.name, false);
  }
  for (const ParameterToggle& parameter : parameters) {
    for (const ValueToggle& value : parameter.values) {
      if (!value.on) (void)set_value(parameter.name, value.text, false);
    }
  }
}

void SpaceModel::collect() {
  constraints_.clear();
  if (!entry_) return;
  for (const tuner::Variant& variant : entry_->variants) {
    variants_.push_back({variant.name, variant.description, true, {}});
    for (const tuner::ConstraintSpec& constraint : variant.constraints)
      constraints_.push_back({variant.name, constraint.text, constraint.reason});
    for (const tuner::ParameterSpec& parameter : variant.parameters) {
      ParameterToggle* known = find(parameter.name);
      if (known == nullptr)
        known = &parameters_.emplace_back(ParameterToggle{parameter.name, parameter.description, {}, {}, true});
      known->variants.push_back(variant.name);
      for (const tuner::Value& value : full_ ? parameter.full_values : parameter.values) {
        const std::string text = value.to_string();
        const bool there = std::any_of(known->values.begin(), known->values.end(),
                                       [&](const ValueToggle& toggle) { return toggle.text == text; });
        if (!there) known->values.push_back({text, true, value.number()});
      }
    }
  }
  // Variants name the values each in its own order.
  for (ParameterToggle& parameter : parameters_) {
    auto& values = parameter.values;
    if (std::all_of(values.begin(), values.end(), [](const ValueToggle& value) { return value.number.has_value(); }))
      std::stable_sort(values.begin(), values.end(),
                       [](const ValueToggle& a, const ValueToggle& b) { return *a.number < *b.number; });
  }
  set_limits(limits_);
}

void SpaceModel::set_limits(const tuner::DeviceLimits& limits) {
  limits_ = limits;
  const double capability = limits.compute_major + limits.compute_minor / 10.0;
  for (std::size_t i = 0; i < variants_.size(); ++i) {
    const double needed = entry_->variants[i].minimum_compute_capability;
    const bool lacks = limits.compute_major > 0 && needed > capability + 1e-9;
    variants_[i].unavailable =
        lacks ? fmt::format("needs compute capability {:.1f}; the device has {}", needed, limits.compute_capability())
              : "";
  }
  refresh_use();
}

void SpaceModel::refresh_use() {
  for (ParameterToggle& parameter : parameters_) {
    parameter.in_use = std::any_of(variants_.begin(), variants_.end(), [&](const VariantToggle& variant) {
      return variant.on &&
             std::find(parameter.variants.begin(), parameter.variants.end(), variant.name) != parameter.variants.end();
    });
  }
  ++revision_;
}

ParameterToggle* SpaceModel::find(const std::string& parameter) {
  for (ParameterToggle& toggle : parameters_) {
    if (toggle.name == parameter) return &toggle;
  }
  return nullptr;
}

Result<void> SpaceModel::set_variant(const std::string& name, bool on) {
  for (VariantToggle& variant : variants_) {
    if (variant.name != name) continue;
    variant.on = on;
    refresh_use();
    return {};
  }
  return tuner::bad_input("unknown variant '" + name + "'");
}

Result<void> SpaceModel::only_variant(const std::string& name) {
  FUSELINE_CHECK(set_variant(name, true));
  for (VariantToggle& variant : variants_) variant.on = variant.name == name;
  refresh_use();
  return {};
}

Result<void> SpaceModel::set_value(const std::string& parameter, const std::string& value, bool on) {
  ParameterToggle* toggle = find(parameter);
  if (toggle == nullptr) return tuner::bad_input("unknown parameter '" + parameter + "'");
  for (ValueToggle& candidate : toggle->values) {
    if (candidate.text != value) continue;
    candidate.on = on;
    refresh_use();
    return {};
  }
  return tuner::bad_input(
      fmt::format("parameter '{}' has no value '{}'; it has {}", parameter, value, names_of(toggle->values)));
}

Result<void> SpaceModel::only_value(const std::string& parameter, const std::string& value) {
  FUSELINE_CHECK(set_value(parameter, value, true));
  for (ValueToggle& candidate : find(parameter)->values) candidate.on = candidate.text == value;
  refresh_use();
  return {};
}

Result<void> SpaceModel::narrow(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos)
    return tuner::bad_input("'" + text + "' names no parameter with values: write block=128,256");
  const std::string name = text.substr(0, equals);
  const auto values = tuner::split(text.substr(equals + 1), ',');
  for (const std::string& value : values) FUSELINE_CHECK(set_value(name, value, true));
  for (ValueToggle& candidate : find(name)->values)
    candidate.on = std::find(values.begin(), values.end(), candidate.text) != values.end();
  refresh_use();
  return {};
}

void SpaceModel::all_values(const std::string& parameter) {
  if (ParameterToggle* toggle = find(parameter)) {
    for (ValueToggle& value : toggle->values) value.on = true;
  }
  refresh_use();
}

void SpaceModel::reset() {
  for (VariantToggle& variant : variants_) variant.on = true;
  for (ParameterToggle& parameter : parameters_) {
    for (ValueToggle& value : parameter.values) value.on = true;
  }
  refresh_use();
}

void SpaceModel::set_full(bool full) { set_problem(entry_, full); }

bool SpaceModel::narrowed() const {
  const auto off = [](const ParameterToggle& parameter) {
    return std::any_of(parameter.values.begin(), parameter.values.end(),
                       [](const ValueToggle& value) { return !value.on; });
  };
  return std::any_of(variants_.begin(), variants_.end(), [](const VariantToggle& variant) { return !variant.on; }) ||
         std::any_of(parameters_.begin(), parameters_.end(), off);
}

Result<tuner::SpaceSelection> SpaceModel::selection() const {
  tuner::SpaceSelection selection;
  selection.full = full_;
  bool all = true;
  for (const VariantToggle& variant : variants_) {
    if (variant.on) selection.variants.push_back(variant.name);
    all = all && variant.on;
  }
  if (selection.variants.empty()) return tuner::bad_input("no variant is chosen: turn at least one on");
  if (all) selection.variants.clear();
  for (const ParameterToggle& parameter : parameters_) {
    if (!parameter.in_use) continue;
    std::vector<std::string> values;
    for (const ValueToggle& value : parameter.values) {
      if (value.on) values.push_back(value.text);
    }
    if (values.empty())
      return tuner::bad_input("parameter '" + parameter.name + "' has no value left: turn at least one on");
    if (values.size() < parameter.values.size()) selection.parameters[parameter.name] = std::move(values);
  }
  return selection;
}

void SpaceModel::follow(Background& background, const Ground& ground) {
  followed_ = revision_;
  wanted_ = revision_ * 1'000'003 + ground.revision;
  count_.follow(background, wanted_, [&] {
    shown_ = wanted_;
    return [entry = entry_, selection = selection(), ground] { return count_now(entry, selection, ground); };
  });
}

SpaceCount SpaceModel::count() const { return count_.value() ? *count_.value() : SpaceCount{}; }
bool SpaceModel::counting() const { return count_.busy() || shown_ != wanted_ || followed_ != revision_; }

}  // namespace fuseline::app::gui
