#include "tuner/report/sweep_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <system_error>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

void add_what(const SweepRequest& request, std::vector<std::string>& words) {
  if (!request.problem.empty()) words.push_back(request.problem);
  if (!request.shape.empty()) words.insert(words.end(), {"--shape", request.shape});
  for (const Dimension& dimension : request.dims)
    words.insert(words.end(), {"--dim", fmt::format("{}={}", dimension.name, dimension.value)});
  for (const auto& scalar : request.scalars) words.insert(words.end(), {"--scalar", scalars_text({scalar})});
  if (!request.dtype.empty()) words.insert(words.end(), {"--dtype", request.dtype});
  for (const std::string& variant : request.variants) words.insert(words.end(), {"--variant", variant});
  for (const auto& [name, values] : request.parameters)
    words.insert(words.end(), {"--param", fmt::format("{}={}", name, fmt::join(values, ","))});
  if (request.full) words.emplace_back("--full");
}

void add_how(const SweepRequest& request, std::vector<std::string>& words) {
  const SweepRequest plain;
  if (request.device != plain.device) words.insert(words.end(), {"--device", request.device});
  if (request.target != plain.target) words.insert(words.end(), {"--target", request.target});
  if (request.strategy != plain.strategy) words.insert(words.end(), {"--strategy", request.strategy});
  if (request.budget != plain.budget) words.insert(words.end(), {"--budget", request.budget});
  if (request.draws != plain.draws) words.insert(words.end(), {"--draws", std::to_string(request.draws)});
  if (request.seed != plain.seed) words.insert(words.end(), {"--seed", std::to_string(request.seed)});
  if (request.counters != plain.counters)
    words.insert(words.end(), {"--counters", std::string(to_string(request.counters))});
  for (const std::string& worker : request.workers) words.insert(words.end(), {"--worker", worker});
  if (!request.after.empty()) words.insert(words.end(), {"--after", request.after});
}

}  // namespace

std::string sweep_command(const SweepRequest& request, const std::vector<std::filesystem::path>& preset_paths) {
  std::vector<std::string> words = {"fuseline", "sweep"};
  add_what(request, words);
  add_how(request, words);
  for (const std::filesystem::path& path : preset_paths) {
    std::error_code ignored;
    words.insert(words.end(), {"--preset-path", std::filesystem::absolute(path, ignored).string()});
  }
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_quoted(word);
  return text;
}

std::string configuration_command(const RunInfo& info, const Configuration& configuration,
                                  const std::vector<std::filesystem::path>& preset_paths) {
  SweepRequest request = info.request;
  request.variants = {configuration.variant};
  request.parameters.clear();
  for (const NamedValue& value : configuration.values) request.parameters[value.name] = {value.value.to_string()};
  // One configuration is all there is to search.
  const SweepRequest plain;
  request.strategy = plain.strategy;
  request.budget = plain.budget;
  return sweep_command(request, preset_paths);
}

}  // namespace fuseline::tuner
