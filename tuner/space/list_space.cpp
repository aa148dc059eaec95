#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {
namespace {

using Choices = std::vector<std::uint16_t>;

/// The configurations of one variant, sorted by choices.
struct ListedSubSpace {
  SubSpace subspace;
  std::vector<Choices> rows;
};

class ListSpace final : public Space {
 public:
  explicit ListSpace(std::vector<ListedSubSpace> listed) {
    for (ListedSubSpace& one : listed) {
      one.subspace.first_index = size_;
      size_ += one.subspace.size;
      subspaces_.push_back(std::move(one.subspace));
      rows_.push_back(std::move(one.rows));
    }
  }

  std::uint64_t size() const override { return size_; }
  const std::vector<SubSpace>& subspaces() const override { return subspaces_; }

  Point point(std::uint64_t index) const override {
    const auto after = std::upper_bound(subspaces_.begin(), subspaces_.end(), index,
                                        [](std::uint64_t i, const SubSpace& s) { return i < s.first_index; });
    const std::size_t at = static_cast<std::size_t>(after - subspaces_.begin()) - 1;
    return {static_cast<std::uint32_t>(at), rows_[at][index - subspaces_[at].first_index]};
  }

  std::optional<std::uint64_t> index_of(const Point& point) const override {
    if (point.subspace >= subspaces_.size()) return std::nullopt;
    const std::vector<Choices>& rows = rows_[point.subspace];
    const auto row = std::lower_bound(rows.begin(), rows.end(), point.choices);
    if (row == rows.end() || *row != point.choices) return std::nullopt;
    return subspaces_[point.subspace].first_index + static_cast<std::uint64_t>(row - rows.begin());
  }

 private:
  std::vector<SubSpace> subspaces_;
  std::vector<std::vector<Choices>> rows_;
  std::uint64_t size_ = 0;
};

using ConfigurationList = std::vector<const Configuration*>;

/// Distinct values of the parameter at `position`: numbers ascending, strings (or a mixture) as they first appear.
Result<Parameter> parameter_at(const ConfigurationList& list, std::size_t position) {
  Parameter parameter{list.front()->values[position].name, {}, true};
  std::set<Value> seen;
  for (const Configuration* configuration : list) {
    const Value& value = configuration->values[position].value;
    if (value.is_string()) parameter.ordered = false;
    if (seen.insert(value).second) parameter.values.push_back(value);
  }
  if (parameter.values.size() > 65535)
    return bad_input(fmt::format("parameter \"{}\" has more than 65535 values", printable(parameter.name)));
  if (parameter.ordered) {
    std::stable_sort(parameter.values.begin(), parameter.values.end(),
                     [](const Value& a, const Value& b) { return a.number().value_or(0) < b.number().value_or(0); });
  }
  return parameter;
}

Result<void> check_same_parameters(const ConfigurationList& list) {
  const Configuration& first = *list.front();
  const auto same_name = [](const NamedValue& a, const NamedValue& b) { return a.name == b.name; };
  for (const Configuration* configuration : list) {
    if (std::equal(first.values.begin(), first.values.end(), configuration->values.begin(), configuration->values.end(),
                   same_name))
      continue;
    return bad_input(fmt::format("configurations \"{}\" and \"{}\" do not have the same parameters",
                                 printable(first.key()), printable(configuration->key())));
  }
  return {};
}

Result<ListedSubSpace> list_variant(const ConfigurationList& list) {
  FUSELINE_CHECK(check_same_parameters(list));
  ListedSubSpace listed{{list.front()->variant, {}, 0, list.size(), 1.0}, {}};
  listed.rows.resize(list.size());
  for (std::size_t p = 0; p < list.front()->values.size(); ++p) {
    FUSELINE_TRY(parameter, parameter_at(list, p));
    std::map<Value, std::uint16_t> positions;
    for (const Value& value : parameter.values) positions.emplace(value, static_cast<std::uint16_t>(positions.size()));
    for (std::size_t row = 0; row < list.size(); ++row)
      listed.rows[row].push_back(positions.at(list[row]->values[p].value));
    listed.subspace.raw_size *= static_cast<double>(parameter.values.size());
    listed.subspace.parameters.push_back(std::move(parameter));
  }
  std::sort(listed.rows.begin(), listed.rows.end());
  return listed;
}

/// The error for two equal rows, if there are any.
Result<void> check_no_duplicates(const ListedSubSpace& listed) {
  const auto twice = std::adjacent_find(listed.rows.begin(), listed.rows.end());
  if (twice == listed.rows.end()) return {};
  Configuration configuration{listed.subspace.variant, {}};
  for (std::size_t p = 0; p < twice->size(); ++p) {
    const Parameter& parameter = listed.subspace.parameters[p];
    configuration.values.push_back({parameter.name, parameter.values[(*twice)[p]]});
  }
  return bad_input(fmt::format("configuration \"{}\" is listed twice", printable(configuration.key())));
}

}  // namespace

Result<std::shared_ptr<const Space>> list_space(const std::vector<Configuration>& configurations) {
  if (configurations.empty()) return bad_input("there is no configuration to make a space from");
  std::vector<std::string> order;
  std::map<std::string, ConfigurationList> by_variant;
  for (const Configuration& configuration : configurations) {
    ConfigurationList& list = by_variant[configuration.variant];
    if (list.empty()) order.push_back(configuration.variant);
    list.push_back(&configuration);
  }
  std::vector<ListedSubSpace> listed;
  for (const std::string& variant : order) {
    FUSELINE_TRY(one, list_variant(by_variant[variant]));
    FUSELINE_CHECK(check_no_duplicates(one));
    listed.push_back(std::move(one));
  }
  return std::make_shared<const ListSpace>(std::move(listed));
}

}  // namespace fuseline::tuner
