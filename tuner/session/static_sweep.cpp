#include "tuner/session/static_sweep.hpp"

#include <utility>

#include "tuner/session/device_choice.hpp"
#include "tuner/session/instances.hpp"

namespace fuseline::tuner {
namespace {

/// The chip by the name or file behind "static:"; what is wrong with it is said of --device.
Result<Target> chip_of(const SweepRequest& request, const std::filesystem::path& data) {
  FUSELINE_TRY(choice, parse_device(request.device));
  auto chip = find_target(data, choice.sheet);
  if (!chip && chip.error().file.empty()) return bad_input("--device", "", chip.error().reason);
  return chip;
}

}  // namespace

bool is_static(const std::string& device) {
  const auto choice = parse_device(device);
  // What begins so and names none is refused by whoever looks for the chip.
  return choice ? choice->kind == DeviceChoice::Kind::absent : device == "static:";
}

Result<StaticSpace> static_sweep(const SweepRequest& request, const StaticMeans& means) {
  FUSELINE_TRY(chip, chip_of(request, means.data));
  if (request.problem.empty()) return bad_input("name the problem whose kernels are compiled: fuseline problems");
  FUSELINE_TRY(entry, means.catalog->find(request.problem));
  FUSELINE_TRY(dtype, requested_dtype(entry->problem, request.dtype));
  FUSELINE_TRY(instance, instantiate(entry->problem, request.shape, request.dims, dtype, request.scalars));
  const SpaceSelection selection{request.variants, request.parameters, request.full};
  FUSELINE_CHECK(check_names(*entry, selection));
  StaticGround ground;
  ground.entry = entry.get();
  ground.headers = std::make_shared<const std::map<std::string, std::string>>(means.catalog->headers_for(*entry));
  ground.instance = &instance;
  ground.chip = chip.limits;
  ground.build = means.build;
  ground.cache_folder = means.cache_folder;
  ground.progress = means.progress;
  return static_space(ground, chip, selection);
}

}  // namespace fuseline::tuner
