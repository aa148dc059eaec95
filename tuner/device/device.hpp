// GPUs as numbers: the device measured, and the targets whose limits are drawn.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::tuner {

/// What a chip can hold; enough to check constraints and to work out occupancy.
struct DeviceLimits {
  int sm_count = 0;
  int compute_major = 0, compute_minor = 0;
  int max_threads_per_block = 1024;
  int max_threads_per_sm = 0;
  int max_blocks_per_sm = 0;
  std::int64_t registers_per_sm = 65536;
  std::int64_t registers_per_block = 65536;
  int registers_per_thread = 255;
  std::int64_t shared_bytes_per_sm = 0;
  std::int64_t shared_bytes_per_block = 0;  ///< With opt-in.
  std::int64_t l2_bytes = 0;
  [[nodiscard]] std::string compute_capability() const;  ///< "8.9"
  [[nodiscard]] std::string sm() const;                  ///< "sm_89"
};

/// Hardware counters of the very kernels that give copy_gbps and read_gbps: how busy each unit is while a mere stream
/// goes as fast as it can. By the profiler's names (tuner/counters/names.hpp).
struct StreamCounters {
  std::map<std::string, double> copy, read;  ///< Empty where they were not read, or what is missing.
  std::string missing;                       ///< Why they were not read; empty where they were.
  /// Of another device of the same name, from its data file: that one's driver and when they were read. Empty where
  /// they are the device's own.
  std::string driver, measured_at;

  [[nodiscard]] bool known() const { return !copy.empty() || !read.empty(); }
  [[nodiscard]] bool of_another() const { return known() && !measured_at.empty(); }
};

/// Limits measured once per device and kept. A field is zero where it was not measured.
struct Ceilings {
  double copy_gbps = 0;     ///< Read plus written bytes of a device-to-device copy.
  double read_gbps = 0;     ///< A reduction that writes next to nothing.
  double l2_gbps = 0;       ///< Reads of a buffer that fits a quarter of L2.
  double fp32_gflops = 0;   ///< Independent FMA chains, two operations each.
  std::string measured_at;  ///< ISO 8601 UTC.
  StreamCounters streams = {};
};

/// The device measured (or recorded).
struct DeviceInfo {
  std::string name;  ///< "NVIDIA H200"
  std::string uuid;
  DeviceLimits limits;
  std::string driver;  ///< "580.159"
  std::string cuda;    ///< NVRTC version, "13.0".
  std::int64_t memory_bytes = 0;
  double dram_peak_gbps = 0;  ///< From memory clock and bus width, or the data sheet where the driver gives none.
  std::optional<Ceilings> ceilings;
};

/// A chip from a data sheet: presets/devices/NAME.json, schema "device".
struct Target {
  std::string name;                       ///< "rtx4090"
  std::string title;                      ///< "NVIDIA GeForce RTX 4090"
  std::string chip;                       ///< CUPTI chip name, "AD102".
  std::vector<std::string> device_names;  ///< What the driver calls it.
  DeviceLimits limits;
  std::string memory_kind;  ///< "HBM3e", "GDDR6X"; empty where the file does not say.
  double dram_gbps = 0;
  double copy_gbps = 0;  ///< Read plus written bytes of a copy, measured; zero where no figure is known.
  double read_gbps = 0;
  double l2_gbps = 0;                 ///< Zero where no figure is published or measured.
  double sm_mhz = 0;                  ///< Boost clock, or the clock measured; zero where not known.
  double special_per_clock = 0;       ///< Special functions an SM starts a cycle; zero where not known.
  double shared_bytes_per_clock = 0;  ///< An SM, from shared memory or L1; zero where not known.
  double fp32_gflops = 0;
  double fp16_tensor_gflops = 0;  ///< Dense, f16 and bf16 with f32 accumulate.
  std::int64_t memory_bytes = 0;
  std::vector<std::string> sources;  ///< Where the figures come from.
  /// Names of rates that are neither published nor measured of this card, but taken from one like it.
  std::vector<std::string> estimated;
  std::string driver, measured_at;  ///< Of a file that a machine's own measurements made; else empty.
  StreamCounters streams = {};      ///< Read on one such device, with its driver and the date.

  /// The title, or the name where there is none.
  [[nodiscard]] const std::string& label() const { return title.empty() ? name : title; }
  /// How a rate is known, by its name in the file: "measured there", "published" or "estimated".
  [[nodiscard]] std::string_view known_by(std::string_view rate) const;
};

/// A rate of a target, by its name in files.
struct TargetRate {
  const char* name = nullptr;
  double Target::*rate = nullptr;
};
/// In the order in which a file has them.
inline constexpr TargetRate kTargetRates[] = {
    {"dram_gbps", &Target::dram_gbps},
    {"copy_gbps", &Target::copy_gbps},
    {"read_gbps", &Target::read_gbps},
    {"l2_gbps", &Target::l2_gbps},
    {"sm_mhz", &Target::sm_mhz},
    {"fp32_gflops", &Target::fp32_gflops},
    {"special_per_clock", &Target::special_per_clock},
    {"shared_bytes_per_clock", &Target::shared_bytes_per_clock},
    {"fp16_tensor_gflops", &Target::fp16_tensor_gflops},
};

/// Every target in <data>/presets/devices, by name. A malformed file fails the load with its file, JSON path and
/// reason.
[[nodiscard]] Result<std::vector<Target>> load_targets(const std::filesystem::path& data);
/// `name` as `fuseline devices` lists it, or a file of the schema "device", which ends in ".json". Error: unknown
/// target, with the list; a malformed file, with its JSON path and reason.
[[nodiscard]] Result<Target> find_target(const std::filesystem::path& data, const std::string& name);
/// The file that a target is read from again (schema "device"); what is not known is left out.
[[nodiscard]] OrderedJson device_file(const Target& target);
/// What a machine measured, as a target: from the data sheet of the same name where there is one, with the machine's
/// own limits and rates in place of the sheet's. Nothing in it names the machine or its owner. Error: no ceilings were
/// measured, or the sheet is needed (chip, tensor rate) and there is none.
[[nodiscard]] Result<Target> measured_target(const DeviceInfo& device, const std::vector<Target>& sheets);

/// Where the device's own streams were not read: those of another of the same name, from its data file, labelled as
/// such. Nothing where there is no such file, or it has none, or no ceilings are known.
void add_catalogued_streams(DeviceInfo& device, const std::vector<Target>& sheets);

/// What a copy reaches.
struct StreamingRate {
  double gbps = 0;
  bool measured = false;  ///< Else the data sheet's bandwidth times what its kind of memory reaches.
};
/// Shares of the data sheet that copies reach: HBM3e 0.892 on an H200 and HBM3 0.898 on an H100 (both by fuseline
/// devices), GDDR6X 0.914 (copies on RTX 4090s, presets/devices/rtx4090.json). Of others 0.85 is assumed. Zero where
/// the target's bandwidth is not known.
[[nodiscard]] StreamingRate streaming_rate(const Target& target);
/// The data-sheet entry for a device's marketing name ("NVIDIA H200"), where there is one. The whole name must match,
/// as "NVIDIA H100 80GB HBM3" and "NVIDIA H100 PCIe" have different memories; case does not matter.
[[nodiscard]] std::optional<Target> data_sheet_of(const std::vector<Target>& targets, const std::string& device_name);

}  // namespace fuseline::tuner
