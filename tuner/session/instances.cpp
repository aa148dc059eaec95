#include "tuner/session/instances.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

bool lists(const std::vector<std::string>& names) {
  return names.size() > 1 || (names.size() == 1 && names.front() == kEvery);
}

Result<void> check_list(const char* option, const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (name.empty()) return bad_input(option, "", "names nothing between two commas");
    if (name == kEvery && names.size() > 1)
      return bad_input(option, "", fmt::format("'{}' stands alone: it is every one there is", kEvery));
    if (!seen.insert(name).second) return bad_input(option, "", fmt::format("names '{}' twice", printable(name)));
  }
  return {};
}

/// All shapes but those of the same dimensions as one before: draws of the same problem, which a sweep of that one
/// verifies on.
std::vector<std::string> different_shapes(const Problem& problem) {
  std::vector<std::string> names;
  std::set<std::map<std::string, std::int64_t>> seen;
  for (const ShapePreset& shape : problem.shapes) {
    std::map<std::string, std::int64_t> dims;
    for (const Dimension& dim : shape.dims) dims[dim.name] = dim.value;
    if (seen.insert(std::move(dims)).second) names.push_back(shape.name);
  }
  return names;
}

Result<std::vector<std::string>> shapes_of(const CampaignRequest& request, const Problem& problem) {
  FUSELINE_CHECK(check_list("--shape", request.shapes));
  std::vector<std::string> known;
  for (const ShapePreset& shape : problem.shapes) known.push_back(shape.name);
  if (request.shapes.empty()) return std::vector<std::string>{known.front()};
  if (request.shapes.front() == kEvery) return different_shapes(problem);
  for (const std::string& name : request.shapes) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return tl::unexpected(instantiate(problem, name, {}, problem.dtypes.front()).error());
  }
  return request.shapes;
}

Result<std::vector<Dtype>> dtypes_of(const CampaignRequest& request, const Problem& problem) {
  FUSELINE_CHECK(check_list("--dtype", request.dtypes));
  if (request.dtypes.empty()) return std::vector<Dtype>{problem.dtypes.front()};
  if (request.dtypes.front() == kEvery) return problem.dtypes;
  std::vector<Dtype> dtypes;
  for (const std::string& name : request.dtypes) {
    FUSELINE_TRY(dtype, requested_dtype(problem, name));
    dtypes.push_back(dtype);
  }
  return dtypes;
}

Result<void> check_dims(const std::vector<DimensionChoices>& dims) {
  std::set<std::string> names;
  for (const DimensionChoices& dim : dims) {
    if (!names.insert(dim.name).second)
      return bad_input("--dim", "",
                       fmt::format("sets {0} twice: several values are a list, as in {0}=8,16", printable(dim.name)));
    const std::set<std::int64_t> values(dim.values.begin(), dim.values.end());
    if (values.size() < dim.values.size())
      return bad_input("--dim", "", fmt::format("gives {} a value twice", printable(dim.name)));
  }
  return {};
}

/// Every choice of dimensions; the last changes first.
std::vector<std::vector<Dimension>> products(const std::vector<DimensionChoices>& dims) {
  std::vector<std::vector<Dimension>> made = {{}};
  for (const DimensionChoices& dim : dims) {
    std::vector<std::vector<Dimension>> longer;
    for (const auto& start : made) {
      for (const std::int64_t value : dim.values) {
        longer.push_back(start);
        longer.back().push_back({dim.name, value});
      }
    }
    made = std::move(longer);
  }
  return made;
}

Result<void> check_count(std::size_t shapes, std::size_t dtypes, const std::vector<DimensionChoices>& dims) {
  double count = static_cast<double>(shapes * dtypes);
  for (const DimensionChoices& dim : dims) count *= static_cast<double>(dim.values.size());
  if (count <= static_cast<double>(kMostInstances)) return {};
  return bad_input(fmt::format("the lists make {:.0f} instances; at most {} are one campaign", count, kMostInstances));
}

CampaignInstance make_instance(const SweepRequest& each, const std::string& shape, Dtype dtype,
                               std::vector<Dimension> dims) {
  CampaignInstance instance;
  instance.request = each;
  instance.request.shape = shape;
  instance.request.dtype = std::string(to_string(dtype));
  instance.name = fmt::format("{} {}", to_string(dtype), shape);
  instance.part = fmt::format("{}.{}", to_string(dtype), shape);
  for (const Dimension& dim : dims) {
    instance.name += fmt::format(" {}={}", printable(dim.name), dim.value);
    instance.part += fmt::format("-{}{}", is_identifier(dim.name) ? dim.name : "", dim.value);
  }
  instance.request.dims = std::move(dims);
  return instance;
}

/// Puts in why there is no such instance, or which one before it is the same.
void check_instances(std::vector<CampaignInstance>& instances, const Problem& problem) {
  std::map<std::pair<Dtype, std::vector<std::int64_t>>, std::string> seen;
  for (CampaignInstance& each : instances) {
    const Dtype dtype = *dtype_from_string(each.request.dtype);
    const auto made = instantiate(problem, each.request.shape, each.request.dims, dtype, each.request.scalars);
    if (!made) {
      each.refusal = made.error();
      continue;
    }
    std::vector<std::int64_t> numbers;
    for (const Dimension& dim : made->dims) numbers.push_back(dim.value);
    const auto [found, fresh] = seen.emplace(std::pair{dtype, std::move(numbers)}, each.name);
    if (!fresh) each.refusal = bad_input(fmt::format("it has the dimensions of {}", found->second)).value();
  }
}

/// "nvidia-h200" of "NVIDIA H200".
std::string part_of(const std::string& name) {
  std::string part;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) part += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (!letter && !part.empty() && part.back() != '-') part += '-';
  }
  return part;
}

/// Every instance on the GPUs of each kind.
std::vector<CampaignInstance> on_each(const std::vector<InstanceGpus>& gpus,
                                      const std::vector<CampaignInstance>& instances) {
  std::vector<CampaignInstance> made;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    for (const CampaignInstance& instance : instances) {
      CampaignInstance& each = made.emplace_back(instance);
      each.request.device = gpus[i].device;
      each.request.workers = gpus[i].workers;
      each.name = fmt::format("{} {}", printable(gpus[i].name), instance.name);
      // Names of two kinds may be alike but for signs.
      each.part = fmt::format("{}.{}-{}", instance.part, i + 1, part_of(gpus[i].name));
    }
  }
  return made;
}

}  // namespace

bool is_campaign(const CampaignRequest& request) {
  return request.gpus.size() > 1 || lists(request.shapes) || lists(request.dtypes) ||
         std::any_of(request.dims.begin(), request.dims.end(), [](const auto& dim) { return dim.values.size() > 1; });
}

SweepRequest single_request(const CampaignRequest& request) {
  SweepRequest single = request.each;
  single.shape = request.shapes.empty() ? "" : request.shapes.front();
  single.dtype = request.dtypes.empty() ? "" : request.dtypes.front();
  single.dims.clear();
  for (const DimensionChoices& dim : request.dims) single.dims.push_back({dim.name, dim.values.front()});
  return single;
}

Result<std::vector<CampaignInstance>> list_instances(const CampaignRequest& request, const Catalog& catalog) {
  if (request.each.problem.empty()) return bad_input("name the problem whose shapes and dtypes are meant");
  FUSELINE_TRY(entry, catalog.find(request.each.problem));
  const Problem& problem = entry->problem;
  FUSELINE_TRY(shapes, shapes_of(request, problem));
  FUSELINE_TRY(dtypes, dtypes_of(request, problem));
  FUSELINE_CHECK(check_dims(request.dims));
  FUSELINE_CHECK(
      check_count(shapes.size() * std::max<std::size_t>(request.gpus.size(), 1), dtypes.size(), request.dims));
  std::vector<CampaignInstance> instances;
  for (const std::string& shape : shapes) {
    for (const Dtype dtype : dtypes) {
      for (auto& dims : products(request.dims))
        instances.push_back(make_instance(request.each, shape, dtype, std::move(dims)));
    }
  }
  check_instances(instances, problem);
  if (request.gpus.size() > 1) instances = on_each(request.gpus, instances);
  if (std::all_of(instances.begin(), instances.end(), [](const auto& each) { return each.refusal.has_value(); }))
    return tl::unexpected(*instances.front().refusal);
  return instances;
}

Result<Dtype> requested_dtype(const Problem& problem, const std::string& name) {
  if (name.empty()) return problem.dtypes.empty() ? Dtype::f32 : problem.dtypes.front();
  return named_dtype(name);
}

Result<Dtype> named_dtype(const std::string& name) {
  if (const auto dtype = dtype_from_string(name)) return *dtype;
  return bad_input("--dtype", "", fmt::format("'{}' is no data type: write f32, f16 or bf16", printable(name)));
}

std::string instance_file(const std::string& file, const CampaignInstance& instance) {
  if (file.empty()) return file;
  const std::filesystem::path path(file);
  const std::string name = path.filename().string();
  std::string ending = path.extension().string();
  if (constexpr std::string_view recording = ".t4.json"; name.size() > recording.size() && name.ends_with(recording))
    ending = recording;
  const std::string stem = name.substr(0, name.size() - ending.size());
  return (path.parent_path() / (stem + "." + instance.part + ending)).string();
}

}  // namespace fuseline::tuner
