// Finding runs by words.
#include <algorithm>
#include <cctype>

#include "tuner/base/text.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

std::string in_lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

bool has_words(const RunSummary& run, std::string_view query) {
  constexpr std::string_view kTag = "tag:";
  std::string text = std::to_string(run.id) + " " + run.title + " " + run.problem + " " + run.shape + " " + run.device +
                     " " + std::string(to_string(run.dtype)) + " " + run.strategy + " " + run.started_at + " " +
                     run.note;
  for (const std::string& tag : run.tags) text += " " + tag;
  text = in_lower(std::move(text));
  const std::vector<std::string> words = split(in_lower(std::string(query)), ' ');
  return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
    if (!word.starts_with(kTag)) return text.find(word) != std::string::npos;
    return std::any_of(run.tags.begin(), run.tags.end(),
                       [&](const std::string& tag) { return in_lower(tag) == word.substr(kTag.size()); });
  });
}

}  // namespace fuseline::tuner
