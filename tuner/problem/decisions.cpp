#include "tuner/problem/decisions.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

void find_marks(const OrderedJson& json, const std::string& file, const std::string& path,
                std::vector<OpenDecision>& found) {
  if (json.is_string() && json.get_ref<const std::string&>().starts_with(kDecisionMark))
    found.push_back({file, path, printable(json.get<std::string>().substr(std::string_view(kDecisionMark).size()))});
  if (json.is_object()) {
    for (const auto& item : json.items()) find_marks(item.value(), file, path + json_step(item.key()), found);
  }
  if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) find_marks(json[i], file, fmt::format("{}/{}", path, i), found);
  }
}

}  // namespace

std::string decide(const std::string& what) { return kDecisionMark + what; }

std::vector<OpenDecision> open_decisions(const OrderedJson& json, const std::string& file) {
  std::vector<OpenDecision> found;
  find_marks(json, file, "", found);
  return found;
}

Result<void> check_decided(const OrderedJson& json, const std::string& file) {
  const std::vector<OpenDecision> open = open_decisions(json, file);
  if (open.empty()) return {};
  std::string others;
  for (std::size_t i = 1; i < open.size() && i < 8; ++i) others += (others.empty() ? "" : ", ") + open[i].path;
  return bad_input(file, open.front().path,
                   fmt::format("is to be decided: {}{}", open.front().what,
                               others.empty() ? "" : fmt::format("; to be decided too: {}", others)));
}

Result<void> check_source_decided(const std::string& source, const std::string& file) {
  int number = 0;
  for (const std::string& line : split(source, '\n')) {
    ++number;
    if (!line.starts_with(kSourceDecisionMark)) continue;
    return bad_input(file, "",
                     fmt::format("line {} is to be decided: {}", number,
                                 printable(line.substr(std::string_view(kSourceDecisionMark).size()))));
  }
  return {};
}

}  // namespace fuseline::tuner
