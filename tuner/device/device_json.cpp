#include "tuner/device/device_json.hpp"

#include <cmath>
#include <utility>

#include "tuner/base/json_fields.hpp"

namespace fuseline::tuner {

OrderedJson limits_object(const DeviceLimits& limits) {
  return {{"sm_count", limits.sm_count},
          {"max_threads_per_block", limits.max_threads_per_block},
          {"max_threads_per_sm", limits.max_threads_per_sm},
          {"max_blocks_per_sm", limits.max_blocks_per_sm},
          {"registers_per_sm", limits.registers_per_sm},
          {"registers_per_block", limits.registers_per_block},
          {"registers_per_thread", limits.registers_per_thread},
          {"shared_bytes_per_sm", limits.shared_bytes_per_sm},
          {"shared_bytes_per_block", limits.shared_bytes_per_block},
          {"l2_bytes", limits.l2_bytes}};
}

nlohmann::json to_json(const DeviceLimits& limits) {
  nlohmann::json json = limits_object(limits);
  json["compute_major"] = limits.compute_major;
  json["compute_minor"] = limits.compute_minor;
  return json;
}

OrderedJson streams_object(const StreamCounters& streams) {
  OrderedJson json;
  if (!streams.driver.empty()) json["driver"] = streams.driver;
  if (!streams.measured_at.empty()) json["measured_at"] = streams.measured_at;
  if (!streams.missing.empty()) json["missing"] = streams.missing;
  for (const auto& [stream, counters] : {std::pair("copy", &streams.copy), std::pair("read", &streams.read)}) {
    if (!counters->empty()) json[stream] = OrderedJson(reals_json(*counters));
  }
  return json;
}

nlohmann::json to_json(const Ceilings& ceilings) {
  nlohmann::json json = {{"copy_gbps", real_json(ceilings.copy_gbps)},
                         {"read_gbps", real_json(ceilings.read_gbps)},
                         {"l2_gbps", real_json(ceilings.l2_gbps)},
                         {"fp32_gflops", real_json(ceilings.fp32_gflops)},
                         {"measured_at", ceilings.measured_at}};
  const StreamCounters& streams = ceilings.streams;
  if (streams.known() || !streams.missing.empty()) json["streams"] = nlohmann::json(streams_object(streams));
  return json;
}

nlohmann::json to_json(const Clocks& clocks) {
  return {{"readings", clocks.readings},
          {"sm_mhz", real_json(clocks.sm_mhz)},
          {"sm_mhz_lowest", real_json(clocks.sm_mhz_lowest)},
          {"sm_mhz_highest", real_json(clocks.sm_mhz_highest)},
          {"memory_mhz_lowest", real_json(clocks.memory_mhz_lowest)},
          {"memory_mhz_highest", real_json(clocks.memory_mhz_highest)},
          {"power_w", real_json(clocks.power_w)},
          {"temperature_c", real_json(clocks.temperature_c)},
          {"throttle", throttle_names(clocks.reasons)},
          {"retaken", clocks.retaken}};
}

Result<void> read_value(const JsonView& view, Clocks& out) {
  std::vector<std::string> throttle;
  FUSELINE_CHECK(FieldReader(view)
                     .optional("readings", out.readings)
                     .optional("sm_mhz", out.sm_mhz)
                     .optional("sm_mhz_lowest", out.sm_mhz_lowest)
                     .optional("sm_mhz_highest", out.sm_mhz_highest)
                     .optional("memory_mhz_lowest", out.memory_mhz_lowest)
                     .optional("memory_mhz_highest", out.memory_mhz_highest)
                     .optional("power_w", out.power_w)
                     .optional("temperature_c", out.temperature_c)
                     .optional("throttle", throttle)
                     .optional("retaken", out.retaken)
                     .result());
  out.reasons = throttle_reasons(throttle);
  return {};
}

nlohmann::json to_json(const DeviceInfo& device) {
  nlohmann::json json = {{"name", device.name},
                         {"uuid", device.uuid},
                         {"limits", to_json(device.limits)},
                         {"driver", device.driver},
                         {"cuda", device.cuda},
                         {"memory_bytes", device.memory_bytes},
                         {"dram_peak_gbps", real_json(device.dram_peak_gbps)}};
  if (device.ceilings) json["ceilings"] = to_json(*device.ceilings);
  return json;
}

nlohmann::json to_json(const Target& target) {
  nlohmann::json json = {{"name", target.name},
                         {"title", target.title},
                         {"chip", target.chip},
                         {"limits", to_json(target.limits)},
                         {"memory_kind", target.memory_kind},
                         {"memory_bytes", target.memory_bytes},
                         {"sources", target.sources},
                         {"estimated", target.estimated},
                         {"measured_at", target.measured_at}};
  for (const auto& [name, rate] : kTargetRates) json[name] = real_json(target.*rate);
  return json;
}

Result<void> read_value(const JsonView& view, DeviceLimits& out) {
  return FieldReader(view)
      .optional("sm_count", out.sm_count)
      .optional("compute_major", out.compute_major)
      .optional("compute_minor", out.compute_minor)
      .optional("max_threads_per_block", out.max_threads_per_block)
      .optional("max_threads_per_sm", out.max_threads_per_sm)
      .optional("max_blocks_per_sm", out.max_blocks_per_sm)
      .optional("registers_per_sm", out.registers_per_sm)
      .optional("registers_per_block", out.registers_per_block)
      .optional("registers_per_thread", out.registers_per_thread)
      .optional("shared_bytes_per_sm", out.shared_bytes_per_sm)
      .optional("shared_bytes_per_block", out.shared_bytes_per_block)
      .optional("l2_bytes", out.l2_bytes)
      .result();
}

Result<void> read_value(const JsonView& view, StreamCounters& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .optional("driver", out.driver)
                     .optional("measured_at", out.measured_at)
                     .optional("missing", out.missing)
                     .optional("copy", out.copy)
                     .optional("read", out.read)
                     .result());
  for (auto* counters : {&out.copy, &out.read})
    std::erase_if(*counters, [](const auto& each) { return !std::isfinite(each.second); });
  return {};
}

Result<void> read_value(const JsonView& view, Ceilings& out) {
  return FieldReader(view)
      .optional("copy_gbps", out.copy_gbps)
      .optional("read_gbps", out.read_gbps)
      .optional("l2_gbps", out.l2_gbps)
      .optional("fp32_gflops", out.fp32_gflops)
      .optional("measured_at", out.measured_at)
      .optional("streams", out.streams)
      .result();
}

Result<void> read_value(const JsonView& view, DeviceInfo& out) {
  return FieldReader(view)
      .required("name", out.name)
      .optional("uuid", out.uuid)
      .optional("limits", out.limits)
      .optional("driver", out.driver)
      .optional("cuda", out.cuda)
      .optional("memory_bytes", out.memory_bytes)
      .optional("dram_peak_gbps", out.dram_peak_gbps)
      .optional("ceilings", out.ceilings)
      .result();
}

Result<void> read_value(const JsonView& view, Target& out) {
  FieldReader reader(view);
  reader.required("name", out.name)
      .optional("title", out.title)
      .optional("chip", out.chip)
      .optional("limits", out.limits)
      .optional("memory_kind", out.memory_kind)
      .optional("memory_bytes", out.memory_bytes)
      .optional("sources", out.sources)
      .optional("estimated", out.estimated)
      .optional("measured_at", out.measured_at);
  for (const auto& [name, rate] : kTargetRates) reader.optional(name, out.*rate);
  return reader.result();
}

}  // namespace fuseline::tuner
