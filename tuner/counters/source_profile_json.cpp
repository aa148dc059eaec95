#include "tuner/counters/source_profile_json.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "tuner/base/json_fields.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kMaximumRemarks = 256;
constexpr std::size_t kMaximumNames = 256;  ///< Reasons, or metrics, of one instruction.

nlohmann::json instruction_json(const SampledInstruction& instruction) {
  nlohmann::json result = {{"offset", instruction.offset}};
  if (!instruction.text.empty()) result["text"] = instruction.text;
  if (!instruction.file.empty()) result["file"] = instruction.file;
  if (instruction.line != 0) result["line"] = instruction.line;
  if (!instruction.samples.empty()) result["samples"] = instruction.samples;
  if (!instruction.metrics.empty()) result["metrics"] = reals_json(instruction.metrics);
  return result;
}

Result<void> check_text(const JsonView& view, const char* name, const std::string& text) {
  if (text.size() > kLongestText) return member(view, name).fail("is longer than 4 KiB");
  return {};
}

Result<void> check_figure(const JsonView& view, double figure) {
  if (!std::isfinite(figure) || figure < 0) return view.fail("expected a finite number from 0");
  return {};
}

Result<void> read_u32(const JsonView& view, const char* name, std::uint32_t& out) {
  std::uint64_t value = out;
  FUSELINE_CHECK(FieldReader(view).optional(name, value).result());
  if (value > std::numeric_limits<std::uint32_t>::max()) return member(view, name).fail("out of range");
  out = static_cast<std::uint32_t>(value);
  return {};
}

Result<void> read_metrics(const JsonView& view, std::map<std::string, double>& out) {
  FUSELINE_CHECK(FieldReader(view).optional("metrics", out).result());
  if (out.size() > kMaximumNames) return member(view, "metrics").fail("there are more than 256");
  for (const auto& [name, value] : out) {
    FUSELINE_CHECK(check_text(view, "metrics", name));
    FUSELINE_CHECK(check_figure(member(member(view, "metrics"), name), value));
  }
  return {};
}

Result<void> read_samples(const JsonView& view, std::map<std::string, std::uint64_t>& out) {
  FUSELINE_CHECK(FieldReader(view).optional("samples", out).result());
  if (out.size() > kMaximumNames) return member(view, "samples").fail("there are more than 256");
  for (const auto& [name, count] : out) FUSELINE_CHECK(check_text(view, "samples", name));
  return {};
}

Result<void> read_instruction(const JsonView& view, SampledInstruction& out) {
  FUSELINE_CHECK(check_object(view));
  if (!view.has("offset")) return view.fail("member 'offset' is missing");
  FUSELINE_CHECK(read_u32(view, "offset", out.offset));
  FUSELINE_CHECK(
      FieldReader(view).optional("text", out.text).optional("file", out.file).optional("line", out.line).result());
  FUSELINE_CHECK(check_text(view, "text", out.text));
  FUSELINE_CHECK(check_text(view, "file", out.file));
  if (out.line < 0) return member(view, "line").fail("out of range");
  FUSELINE_CHECK(read_samples(view, out.samples));
  return read_metrics(view, out.metrics);
}

Result<void> read_instructions(const JsonView& view, std::vector<SampledInstruction>& out) {
  FUSELINE_CHECK(check_array(view, kMaximumInstructions));
  out.resize(view.json().size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    FUSELINE_CHECK(read_instruction(element(view, i), out[i]));
    if (i > 0 && out[i].offset <= out[i - 1].offset)
      return member(element(view, i), "offset").fail("expected the order of the code");
  }
  return {};
}

Result<void> check_texts(const JsonView& view, const SourceProfile& profile) {
  FUSELINE_CHECK(check_text(view, "kernel", profile.kernel));
  FUSELINE_CHECK(check_text(view, "disassembler", profile.disassembler));
  if (profile.remarks.size() > kMaximumRemarks) return member(view, "remarks").fail("there are more than 256");
  for (const std::string& remark : profile.remarks) FUSELINE_CHECK(check_text(view, "remarks", remark));
  return {};
}

}  // namespace

nlohmann::json to_json(const SourceProfile& profile) {
  nlohmann::json instructions = nlohmann::json::array();
  for (const SampledInstruction& each : profile.instructions) instructions.push_back(instruction_json(each));
  return {{"kernel", profile.kernel},
          {"samples", profile.samples},
          {"dropped", profile.dropped},
          {"outside", profile.outside},
          {"period_cycles", profile.period_cycles},
          {"launches", profile.launches},
          {"seconds", real_json(profile.seconds)},
          {"disassembler", profile.disassembler},
          {"remarks", profile.remarks},
          {"instructions", std::move(instructions)}};
}

Result<void> read_value(const JsonView& view, SourceProfile& out) {
  SourceProfile profile;
  FUSELINE_CHECK(FieldReader(view)
                     .required("kernel", profile.kernel)
                     .optional("samples", profile.samples)
                     .optional("dropped", profile.dropped)
                     .optional("outside", profile.outside)
                     .optional("launches", profile.launches)
                     .optional("seconds", profile.seconds)
                     .optional("disassembler", profile.disassembler)
                     .optional("remarks", profile.remarks)
                     .result());
  FUSELINE_CHECK(read_u32(view, "period_cycles", profile.period_cycles));
  FUSELINE_CHECK(check_texts(view, profile));
  if (profile.launches < 0) return member(view, "launches").fail("out of range");
  if (view.has("seconds")) FUSELINE_CHECK(check_figure(member(view, "seconds"), profile.seconds));
  if (!view.has("instructions")) return view.fail("member 'instructions' is missing");
  FUSELINE_CHECK(read_instructions(member(view, "instructions"), profile.instructions));
  out = std::move(profile);
  return {};
}

}  // namespace fuseline::tuner
