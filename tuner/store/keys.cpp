// What makes one run the continuation of another, and under what name a device's ceilings are kept.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {

namespace {

/// Whatever the order in which variants and values were named: the same configurations are the same space.
nlohmann::json space_json(std::vector<SubSpace> subspaces) {
  std::sort(subspaces.begin(), subspaces.end(),
            [](const SubSpace& a, const SubSpace& b) { return a.variant < b.variant; });
  nlohmann::json list = nlohmann::json::array();
  for (SubSpace& subspace : subspaces) {
    nlohmann::json parameters = nlohmann::json::array();
    for (Parameter& parameter : subspace.parameters) {
      std::sort(parameter.values.begin(), parameter.values.end());
      nlohmann::json values = nlohmann::json::array();
      for (const Value& value : parameter.values) values.push_back(value.to_json());
      parameters.push_back({parameter.name, std::move(values)});
    }
    list.push_back({subspace.variant, subspace.size, std::move(parameters)});
  }
  return list;
}

}  // namespace

std::string resume_key(const RunInfo& info, const std::string& sources_sha256) {
  nlohmann::json dims = nlohmann::json::array();
  for (const Dimension& dimension : info.dims) dims.push_back({dimension.name, dimension.value});
  nlohmann::json key = {{"problem", info.problem},
                        {"dims", std::move(dims)},
                        {"dtype", to_string(info.dtype)},
                        {"compulsory_bytes", info.compulsory_bytes},
                        {"flops", info.flops},
                        {"space", space_json(info.subspaces)},
                        {"space_size", info.space_size},
                        {"sources", sources_sha256},
                        {"strategy", info.request.strategy},
                        {"seed", info.request.seed},
                        {"after", to_string(info.after)},
                        {"backend", to_string(info.backend)},
                        {"recording", info.recording},
                        {"device", {info.device.name, info.device.uuid, info.device.driver, info.device.cuda}}};
  // Only where they were changed: runs of before scalars could be set are resumed by the key that they have.
  if (!info.set_scalars.empty()) key["scalars"] = named_reals_json(info.scalars);
  return sha256_hex(key.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string ceilings_key(const DeviceInfo& device) {
  return (device.uuid.empty() ? device.name : device.uuid) + " driver " + device.driver;
}

}  // namespace fuseline::tuner
