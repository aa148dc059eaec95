#include "tuner/report/device_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tuner/base/text.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/reading.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

std::string gbps(double value) { return value > 0 ? grouped(value) : "-"; }
std::string tflops(double gflops) { return gflops > 0 ? fmt::format("{:.1f}", gflops / 1000) : "-"; }

/// "a copy keeps busy: DRAM 84.1 %, L2 88.8 %, issue slots 5.4 %"
std::string stream_text(const char* what, const std::map<std::string, double>& counters) {
  std::vector<std::string> parts;
  for (const auto& [name, unit] : {std::pair(metric::kDramThroughput, "DRAM"), std::pair(metric::kL2Throughput, "L2"),
                                   std::pair(metric::kIssueActive, "issue slots")}) {
    if (const auto percent = reading_of(counters, name)) parts.push_back(fmt::format("{} {:.1f} %", unit, *percent));
  }
  return parts.empty() ? "" : fmt::format("{} keeps busy: {}", what, fmt::join(parts, ", "));
}

std::string stream_lines(const DeviceReport& report) {
  std::string text;
  for (std::size_t i = 0; i < report.devices.size(); ++i) {
    if (!report.devices[i].ceilings) continue;
    const StreamCounters& streams = report.devices[i].ceilings->streams;
    std::vector<std::string> parts;
    for (const std::string& part : {stream_text("a copy", streams.copy), stream_text("reading", streams.read)}) {
      if (!part.empty()) parts.push_back(part);
    }
    if (parts.empty() && !streams.missing.empty())
      parts.push_back("the copy's own counters were not read: " + printable(streams.missing));
    if (!parts.empty()) text += fmt::format("cuda:{}: {}.\n", i, fmt::join(parts, "; "));
  }
  return text;
}

std::string device_table(const DeviceReport& report, bool colour) {
  if (report.devices.empty())
    return "none: " + printable(report.no_devices.empty() ? "no GPU was found" : report.no_devices) + "\n";
  TextTable table{{"device", "name", "cc", "SMs", "memory", "copy GB/s", "read GB/s", "L2 GB/s", "DRAM GB/s",
                   "FP32 TFLOP/s", "driver", "measured"},
                  {}};
  for (std::size_t i = 0; i < report.devices.size(); ++i) {
    const DeviceInfo& device = report.devices[i];
    const Ceilings ceilings = device.ceilings.value_or(Ceilings{});
    table.rows.push_back({fmt::format("cuda:{}", i), device.name, device.limits.compute_capability(),
                          std::to_string(device.limits.sm_count),
                          format_bytes(static_cast<double>(device.memory_bytes)), gbps(ceilings.copy_gbps),
                          gbps(ceilings.read_gbps), gbps(ceilings.l2_gbps), gbps(device.dram_peak_gbps),
                          tflops(ceilings.fp32_gflops), device.driver,
                          ceilings.measured_at.empty() ? "-" : ceilings.measured_at.substr(0, 10)});
  }
  return table.render(colour) +
         "copy, read, L2 and FP32 are measured; DRAM is the peak that the memory's clock and width, or the data sheet, "
         "give.\n" +
         stream_lines(report);
}

std::string recording_table(const DeviceReport& report, bool colour) {
  if (report.recordings.empty()) return "none\n";
  TextTable table{{"device", "problem", "dtype", "shape", "configurations", "recorded on", "recorded"}, {}};
  for (const RecordingInfo& recording : report.recordings) {
    table.rows.push_back({"replay:" + recording.name, recording.problem, std::string(to_string(recording.dtype)),
                          recording.shape, grouped(static_cast<double>(recording.evaluations)), recording.device,
                          recording.recorded_at.substr(0, 10)});
  }
  return table.render(colour);
}

std::string target_table(const DeviceReport& report, bool colour) {
  TextTable table{{"target", "title", "cc", "SMs", "memory", "DRAM GB/s", "L2 MiB", "FP32 TFLOP/s", "FP16 tensor"}, {}};
  for (const Target& target : report.targets) {
    table.rows.push_back(
        {target.name, target.title, target.limits.compute_capability(), std::to_string(target.limits.sm_count),
         target.memory_bytes > 0 ? format_bytes(static_cast<double>(target.memory_bytes)) : "-", gbps(target.dram_gbps),
         fmt::format("{:.0f}", static_cast<double>(target.limits.l2_bytes) / (1 << 20)), tflops(target.fp32_gflops),
         tflops(target.fp16_tensor_gflops)});
  }
  return table.render(colour);
}

std::string headline(const std::string& text, bool colour) {
  return colour ? "\x1b[1m" + text + "\x1b[0m\n" : text + "\n";
}

}  // namespace

std::string devices_text(const DeviceReport& report, bool colour) {
  return headline("GPUs", colour) + device_table(report, false) + "\n" + headline("Recordings", colour) +
         recording_table(report, false) + "\n" + headline("Targets (data sheets)", colour) +
         target_table(report, false);
}

OrderedJson to_json(const DeviceReport& report) {
  OrderedJson json;
  json["devices"] = OrderedJson::array();
  for (const DeviceInfo& device : report.devices) json["devices"].push_back(OrderedJson(to_json(device)));
  if (report.devices.empty()) json["no_devices"] = printable(report.no_devices);
  json["recordings"] = OrderedJson::array();
  for (const RecordingInfo& recording : report.recordings) {
    json["recordings"].push_back({{"name", recording.name},
                                  {"file", recording.file.string()},
                                  {"problem", recording.problem},
                                  {"dtype", to_string(recording.dtype)},
                                  {"shape", recording.shape},
                                  {"evaluations", recording.evaluations},
                                  {"device", recording.device},
                                  {"recorded_at", recording.recorded_at}});
  }
  json["targets"] = OrderedJson::array();
  for (const Target& target : report.targets) json["targets"].push_back(OrderedJson(to_json(target)));
  return json;
}

}  // namespace fuseline::tuner
