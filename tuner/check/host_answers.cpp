#include "tuner/check/host_answers.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kMostAnswerBytes = std::size_t{1} << 16;

struct Place {
  std::string file;
  int line = 0;
};

/// Of "FILE:LINE" and of "FILE:LINE:COLUMN".
std::optional<Place> place_of(std::string_view text) {
  const auto number_behind = [&](std::size_t colon, int& number) {
    if (colon == std::string_view::npos || colon == 0) return false;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + colon + 1, end, number);
    return error == std::errc() && at == end && number > 0;
  };
  Place place;
  int last = 0;
  const std::size_t colon = text.rfind(':');
  if (!number_behind(colon, last)) return std::nullopt;
  text = text.substr(0, colon);
  const std::size_t before = text.rfind(':');
  if (number_behind(before, place.line)) {
    place.file = text.substr(0, before);
  } else {
    place = {std::string(text), last};
  }
  return place;
}

/// The line in which the undefined-behaviour sanitizer says what it refused.
struct Undefined {
  std::optional<Place> place;
  std::string reason;
};
std::optional<Undefined> undefined_in(std::string_view errors) {
  constexpr std::string_view kMark = ": runtime error: ";
  const std::size_t mark = errors.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  const std::size_t line = errors.rfind('\n', mark);
  const std::string_view place = errors.substr(line + 1, mark - line - 1);  // npos + 1 is 0.
  const std::string_view reason = errors.substr(mark + kMark.size());
  return Undefined{place_of(place), std::string(reason.substr(0, reason.find('\n')))};
}

}  // namespace

std::optional<HostAnswer> host_answer(std::string_view line) {
  if (!line.starts_with("{\"") || line.size() > kMostAnswerBytes) return std::nullopt;
  const auto json = parse_json(line, "answer", {kMostAnswerBytes, 4});
  if (!json) return std::nullopt;
  const JsonView view(*json, "answer");
  HostAnswer answer;
  answer.ended = view.has("end");
  const auto number =
      view.at(answer.ended ? "end" : "begin").and_then([](const JsonView& each) { return each.integer(); });
  const auto setting = view.integer_or("setting", 0);
  if (!number || *number < 0 || !setting || *setting < 0) return std::nullopt;
  answer.number = static_cast<std::size_t>(*number);
  answer.setting = static_cast<std::size_t>(*setting);
  for (const auto& [member, text] : {std::pair{"kind", &answer.kind}, std::pair{"what", &answer.what},
                                     std::pair{"place", &answer.place}, std::pair{"run", &answer.run}})
    *text = view.string_or(member, "").value_or("");
  return answer;
}

Finding host_finding(const HostAnswer& answer, std::string_view errors, const std::string& file) {
  Finding finding{FindingKind::run, file, 0, "", answer.what};
  std::optional<Place> place = place_of(answer.place);
  if (answer.kind == "result") finding.reason = "wrong result: " + answer.what;
  if (answer.kind == "access") finding.reason = "bad access: " + answer.what;
  if (answer.kind == "undefined") {
    const auto undefined = undefined_in(errors);
    finding.reason = (undefined ? undefined->reason : "the sanitizers ended it") + answer.what;
    if (undefined && undefined->place) place = undefined->place;
  }
  if (place) finding = {FindingKind::run, place->file, place->line, "", finding.reason};
  finding.file = printable(finding.file);
  finding.reason = printable(finding.reason);
  return finding;
}

std::string first_complaint(std::string_view log) {
  constexpr std::string_view kError = "error: ";
  for (std::string_view rest = log; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.find(kError) != std::string_view::npos || line.find("undefined reference") != std::string_view::npos ||
        line.find("cannot find") != std::string_view::npos || line.find("Error: ") != std::string_view::npos)
      return printable(line);
  }
  return printable(log.substr(0, log.find('\n')));
}

}  // namespace fuseline::tuner
