#include "app/gui/models/setup.hpp"

#include <algorithm>
#include <functional>

namespace fuseline::app::gui {

using tuner::Result;

Result<void> Setup::choose_problem(const std::string& name) {
  FUSELINE_CHECK(choice.choose_problem(name));
  space.set_problem(choice.entry(), space.full());
  return {};
}

void Setup::set_catalog(std::shared_ptr<const tuner::Catalog> catalog) {
  choice.set_catalog(std::move(catalog));
  space.set_problem(choice.entry(), space.full());
}

void Setup::follow(Background& background, const DevicesModel& devices, const std::filesystem::path& data) {
  SpaceModel::Ground ground;
  if (choice.instance()) ground.instance = *choice.instance();
  ground.replay = devices.replays(how.device, !how.workers.empty());
  if (how.device.rfind("replay:", 0) == 0) ground.recording = how.device.substr(7);
  if (const tuner::DeviceInfo* gpu = devices.gpu(how.device)) {
    ground.limits = gpu->limits;
  } else if (const tuner::Target* target = devices.target(how.target)) {
    ground.limits = target->limits;
  }
  ground.data = data;
  ground.revision = choice.revision() * 7919 + devices.revision() * 104'729 +
                    std::hash<std::string>{}(how.device + how.target + (how.workers.empty() ? "" : "w")) % 1'000'000;
  space.follow(background, ground);
}

Result<tuner::SweepRequest> Setup::request() const {
  if (!choice.instance()) return tl::unexpected(choice.instance().error());
  FUSELINE_TRY(selection, space.selection());
  if (!how.budget.empty()) FUSELINE_CHECK(tuner::Budget::parse(how.budget));
  tuner::SweepRequest request = how;
  request.problem = choice.entry()->problem.name;
  request.shape = choice.shape();
  request.dims = choice.overrides();
  request.scalars = choice.scalar_overrides();
  request.dtype = std::string(tuner::to_string(choice.dtype()));
  request.variants = std::move(selection.variants);
  request.parameters = std::move(selection.parameters);
  request.full = selection.full;
  return request;
}

void Setup::apply(const tuner::SweepRequest& request) {
  how = request;
  if (!choose_problem(request.problem)) return;
  if (!request.shape.empty()) (void)choice.choose_shape(request.shape);
  if (!request.dtype.empty()) (void)choice.choose_dtype(request.dtype);
  for (const tuner::Dimension& dimension : request.dims) (void)choice.set_dimension(dimension.name, dimension.value);
  for (const auto& [name, value] : request.scalars) (void)choice.set_scalar(name, value);
  space.set_full(request.full);
  space.reset();
  if (!request.variants.empty()) {
    for (const VariantToggle& variant : std::vector<VariantToggle>(space.variants())) {
      const bool on =
          std::find(request.variants.begin(), request.variants.end(), variant.name) != request.variants.end();
      (void)space.set_variant(variant.name, on);
    }
  }
  for (const auto& [name, values] : request.parameters) {
    std::string text = name + "=";
    for (const std::string& value : values) text += (text.back() == '=' ? "" : ",") + value;
    (void)space.narrow(text);
  }
}

const tuner::DeviceInfo* device_of(const Setup& setup, const DevicesModel& devices) {
  return devices.gpu(setup.how.device);
}

}  // namespace fuseline::app::gui
