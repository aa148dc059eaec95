// The instances of a problem that one request asks for: every shape with every dtype and every choice of dimensions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Values of one dimension, each of which makes instances of its own.
struct DimensionChoices {
  std::string name;
  std::vector<std::int64_t> values;
};

/// GPUs of one kind, where a request names several kinds: each has runs of its own.
struct InstanceGpus {
  std::string name;                  ///< "NVIDIA H200"
  std::string device;                ///< As SweepRequest::device.
  std::vector<std::string> workers;  ///< As SweepRequest::workers.
};

/// A request with lists in place of a shape, a dtype and dimensions.
struct CampaignRequest {
  SweepRequest each;                    ///< What holds for each; its shape, dims and dtype are not looked at.
  std::vector<std::string> shapes;      ///< Names, or kEvery alone; empty: the problem's first.
  std::vector<std::string> dtypes;      ///< Likewise.
  std::vector<DimensionChoices> dims;   ///< Several multiply.
  std::vector<InstanceGpus> gpus = {};  ///< Several multiply; empty: those of `each`.
};
/// In a list: every shape or dtype that the problem names.
inline constexpr const char* kEvery = "all";

/// Whether the request has a list: several values, kinds of GPUs, or kEvery. Else it is one sweep.
[[nodiscard]] bool is_campaign(const CampaignRequest& request);
/// That one sweep: the first of each list.
[[nodiscard]] SweepRequest single_request(const CampaignRequest& request);

struct CampaignInstance {
  SweepRequest request;          ///< With the shape, the dtype and the dimensions of this instance.
  std::string name;              ///< "f32 wide N=8 C=64"
  std::string part;              ///< Of files' names, different for each instance: "f32.wide-N8-C64".
  std::optional<Error> refusal;  ///< Why there is no such instance; found without a device.
};

/// Most instances of one request.
inline constexpr std::size_t kMostInstances = 4096;

/// Instances in order: by kind of GPU, then shape, then dtype, then dimensions, of which the last changes first. One
/// that the problem does not allow, or that has the numbers of an earlier one, has its refusal. Errors (bad_input): no
/// problem named, unknown problem, shape or dtype, something named twice, nothing between two commas, more than
/// kMostInstances, every instance refused.
[[nodiscard]] Result<std::vector<CampaignInstance>> list_instances(const CampaignRequest& request,
                                                                   const Catalog& catalog);

/// The dtype by its name; empty: the problem's first. Error: no dtype is called so.
[[nodiscard]] Result<Dtype> requested_dtype(const Problem& problem, const std::string& name);
/// Likewise, where no problem is known yet and the name is not empty.
[[nodiscard]] Result<Dtype> named_dtype(const std::string& name);

/// The file of an instance beside those of others, as recordings are named: "best.json" -> "best.f32.wide.json". Empty
/// stays empty.
[[nodiscard]] std::string instance_file(const std::string& file, const CampaignInstance& instance);

}  // namespace fuseline::tuner
