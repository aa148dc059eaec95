// fuseline devices: GPUs with their measured ceilings, recordings that can be replayed, and targets.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/cli/common.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/device_report.hpp"
#include "tuner/session/device_ceilings.hpp"
#include "tuner/session/kept_runs.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct DevicesOptions {
  std::string db, worker, share;
  bool json = false, refresh = false, no_measure = false;
};

Result<std::string> worker_command(const DevicesOptions& options, std::size_t device) {
  if (options.worker.empty()) return tuner::own_worker_command("", static_cast<int>(device));
  return fmt::format("{} --device {}", options.worker, device);
}

/// Adds the ceilings of one device; where they cannot be had the device is listed without.
Result<void> add_ceilings(const DevicesOptions& options, tuner::Store& store, std::size_t index,
                          tuner::DeviceInfo& device) {
  if (options.no_measure) {
    FUSELINE_TRY(kept, store.ceilings(tuner::ceilings_key(device)));
    device.ceilings = kept;
    return {};
  }
  FUSELINE_TRY(command, worker_command(options, index));
  FUSELINE_TRY(kept, store.ceilings(tuner::ceilings_key(device)));
  if (!kept || !complete(*kept) || options.refresh)
    spdlog::info("measuring the ceilings of {}, which takes a few seconds", tuner::printable(device.name));
  FUSELINE_TRY(ceilings, tuner::kept_or_measured_ceilings(store, device, command, options.refresh));
  device.ceilings = ceilings;
  return {};
}

/// What was measured before needs no file that can be written; without one the devices are listed all the same.
std::unique_ptr<tuner::Store> ceilings_store(const DevicesOptions& options) {
  auto store = options.no_measure ? tuner::read_store(options.db) : tuner::open_store(options.db);
  if (store) return std::move(*store);
  if (options.no_measure) return nullptr;
  spdlog::warn("{}; what is measured now is not kept", tuner::printable(store.error().message()));
  auto unkept = tuner::open_store(":memory:");
  return unkept ? std::move(*unkept) : nullptr;
}

Result<std::vector<tuner::DeviceInfo>> gpus(const DevicesOptions& options) {
  FUSELINE_TRY(command, worker_command(options, 0));
  return tuner::list_devices(command);
}

/// The first GPU's.
Result<void> share(const std::string& file, const tuner::DeviceReport& report) {
  if (report.devices.empty()) return tuner::bad_input("there is no GPU here to share the measurements of");
  FUSELINE_TRY(target, tuner::measured_target(report.devices.front(), report.targets));
  FUSELINE_CHECK(tuner::write_file(file, tuner::json_text(tuner::device_file(target))));
  spdlog::info("{}: what was measured of {}; it names neither the machine nor its owner. Use it with --target {}",
               tuner::printable(file), tuner::printable(target.title), tuner::printable(file));
  return {};
}

Result<std::string> devices(const DevicesOptions& options) {
  FUSELINE_TRY(data, require_data());
  tuner::DeviceReport report;
  FUSELINE_TRY(targets, tuner::load_targets(data));
  FUSELINE_TRY(recordings, tuner::list_recordings(data));
  report.targets = std::move(targets);
  report.recordings = std::move(recordings);
  if (auto found = gpus(options)) {
    report.devices = std::move(*found);
    const auto store = ceilings_store(options);
    for (std::size_t i = 0; store && i < report.devices.size(); ++i) {
      const auto added = add_ceilings(options, *store, i, report.devices[i]);
      if (!added)
        spdlog::warn("{}: {}", tuner::printable(report.devices[i].name), tuner::printable(added.error().message()));
    }
  } else if (options.worker.empty()) {
    report.no_devices = found.error().message();
  } else {
    return tl::unexpected(found.error());  // A worker that the user named is meant.
  }
  if (!options.share.empty()) FUSELINE_CHECK(share(options.share, report));
  if (options.json) return tuner::json_text(to_json(report));
  return devices_text(report, use_colour(1));
}

}  // namespace

void add_devices(CLI::App& app, Context& context) {
  auto options = std::make_shared<DevicesOptions>();
  CLI::App* command = app.add_subcommand("devices", "List GPUs with measured ceilings, recordings and targets");
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--refresh", options->refresh, "Measure the ceilings again");
  command->add_flag("--no-measure", options->no_measure, "Show only ceilings that were measured before")
      ->excludes("--refresh");
  command
      ->add_option("--share", options->share,
                   "Write what was measured of the first GPU as a target for others (--target FILE): rates, limits, "
                   "memory and driver; nothing personal")
      ->type_name("FILE.json");
  command->add_option("--worker", options->worker, "Command of a worker, such as \"ssh gpubox fuseline-worker\"")
      ->type_name("CMD");
  add_db_option(*command, options->db);
  command->footer(
      "Examples:\n  fuseline devices\n  fuseline devices --json --no-measure\n  fuseline devices --share "
      "my_gpu.json\n");
  command->callback([options, &context] {
    context.task = [options] {
      const auto text = devices(*options);
      if (!text) return fail(text.error());
      options->json ? print_data(*text) : print(*text);
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace fuseline::app
