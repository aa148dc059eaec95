// Two result files against each other.
#include "tuner/formats/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/base/types.hpp"
#include "tuner/formats/parts.hpp"

namespace fuseline::tuner {

namespace {

/// Copies of two runs differ by less on one machine left alone; more says that clocks or neighbours differed.
constexpr double kCopyTolerance = 0.02;

struct ResultFile {
  std::string problem, dtype, backend, device, driver, cuda, timing, after, configuration;
  std::set<std::string> best_and_tied;
  nlohmann::json dims;
  std::optional<nlohmann::json> scalars;  ///< Empty in a file of before they could be set: the problem's defaults.
  bool scalars_set = false;               ///< To others than the defaults.
  double copy_gbps = 0, median_ms = 0;
};

Result<std::string> text_at(const JsonView& view, const std::string& member) {
  FUSELINE_TRY(place, view.at(member));
  return place.string();
}

Result<nlohmann::json> read_dims(const JsonView& problem) {
  FUSELINE_TRY(dims, problem.at("dims"));
  if (!dims.json().is_object()) return dims.fail("expected an object");
  return nlohmann::json(dims.json());
}

Result<void> read_scalars(const JsonView& problem, ResultFile& result) {
  if (!problem.has("scalars")) return {};
  FUSELINE_TRY(scalars, problem.at("scalars"));
  if (!scalars.json().is_object()) return scalars.fail("expected an object");
  result.scalars = nlohmann::json(scalars.json());
  FUSELINE_TRY(set, problem.at("set_scalars"));
  FUSELINE_TRY(count, set.array_size());
  result.scalars_set = count > 0;
  return {};
}

Result<double> read_median(const JsonView& best) {
  FUSELINE_TRY(time, best.at("time_ms"));
  FUSELINE_TRY(place, time.at("median"));
  FUSELINE_TRY(median, place.number());
  if (!std::isfinite(median) || median <= 0) return place.fail("expected a time above zero");
  return median;
}

/// Keys of the best and of all that could not be told apart from it.
Result<std::set<std::string>> read_best_and_tied(const JsonView& root, const std::string& best) {
  std::set<std::string> keys{best};
  if (!root.has("tied")) return keys;
  FUSELINE_TRY(tied, root.at("tied"));
  FUSELINE_TRY(count, tied.array_size());
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(item, tied.at(i));
    FUSELINE_TRY(configuration, read_file_configuration(item));
    keys.insert(configuration.key());
  }
  return keys;
}

Result<void> read_device(const JsonView& root, ResultFile& result) {
  FUSELINE_TRY(device, root.at("device"));
  FUSELINE_TRY(backend, text_at(device, "backend"));
  FUSELINE_TRY(name, text_at(device, "name"));
  FUSELINE_TRY(driver, device.string_or("driver", ""));
  FUSELINE_TRY(cuda, device.string_or("cuda", ""));
  result.backend = backend;
  result.device = name;
  result.driver = driver;
  result.cuda = cuda;
  // null where it was not measured.
  if (device.has("copy_gbps") && device.json().at("copy_gbps").is_number())
    result.copy_gbps = device.json().at("copy_gbps").get<double>();
  return {};
}

Result<ResultFile> read_result(const OrderedJson& json, const std::string& file) {
  const JsonView root(json, file);
  if (!json.is_object() || !root.has("schema")) return root.fail("is no result file: member 'schema' is missing");
  FUSELINE_TRY(schema, text_at(root, "schema"));
  if (schema != "fuseline/result/1")
    return bad_input(file, "/schema", "is \"" + printable(schema) + "\", expected \"fuseline/result/1\"");
  ResultFile result;
  FUSELINE_TRY(problem, root.at("problem"));
  FUSELINE_TRY(name, text_at(problem, "name"));
  FUSELINE_TRY(dtype, text_at(problem, "dtype"));
  FUSELINE_TRY(dims, read_dims(problem));
  FUSELINE_CHECK(read_scalars(problem, result));
  FUSELINE_CHECK(read_device(root, result));
  FUSELINE_TRY(best, root.at("best"));
  FUSELINE_TRY(best_configuration, read_file_configuration(best));
  const std::string configuration = best_configuration.key();
  FUSELINE_TRY(median, read_median(best));
  FUSELINE_TRY(timing, best.string_or("timing", "cold"));
  FUSELINE_TRY(after, best.string_or("after", std::string(to_string(Predecessor::unsettled))));
  FUSELINE_TRY(best_and_tied, read_best_and_tied(root, configuration));
  result.best_and_tied = std::move(best_and_tied);
  result.problem = name;
  result.dtype = dtype;
  result.dims = std::move(dims);
  result.configuration = configuration;
  result.median_ms = median;
  result.timing = timing;
  result.after = after;
  return result;
}

Result<void> check_comparable(const ResultFile& a, const std::string& file_a, const ResultFile& b,
                              const std::string& file_b) {
  const auto differs = [&](const std::string& path, const std::string& of_a, const std::string& of_b) {
    return bad_input(file_b, path,
                     fmt::format("is {}, but {} has {}: only results of one problem, shape, dtype and scalars compare",
                                 printable(of_b), file_a, printable(of_a)));
  };
  if (a.problem != b.problem) return differs("/problem/name", a.problem, b.problem);
  if (a.dtype != b.dtype) return differs("/problem/dtype", a.dtype, b.dtype);
  const bool same_scalars = a.scalars && b.scalars ? a.scalars == b.scalars : !a.scalars_set && !b.scalars_set;
  const auto scalars_of = [](const ResultFile& file) { return file.scalars ? file.scalars->dump() : "the defaults"; };
  if (!same_scalars) return differs("/problem/scalars", scalars_of(a), scalars_of(b));
  if (a.dims != b.dims) return differs("/problem/dims", a.dims.dump(), b.dims.dump());
  return {};
}

std::vector<std::string> warnings_of(const ResultFile& a, const ResultFile& b) {
  std::vector<std::string> warnings;
  const auto compare_texts = [&](const char* what, const std::string& of_a, const std::string& of_b) {
    if (of_a != of_b)
      warnings.push_back(fmt::format("different {}: {} and {}", what, printable(of_a), printable(of_b)));
  };
  compare_texts("device", a.device, b.device);
  compare_texts("driver", a.driver, b.driver);
  compare_texts("CUDA version", a.cuda, b.cuda);
  compare_texts("timing", a.timing, b.timing);
  // Warm is after itself: that has been said.
  if (a.timing == b.timing) compare_texts("predecessor of what was timed", a.after, b.after);
  if (a.backend != b.backend)
    warnings.push_back(fmt::format("{} was replayed, the other measured", a.backend == "replay" ? "A" : "B"));
  if (a.device == b.device && a.copy_gbps > 0 && b.copy_gbps > 0 &&
      std::abs(b.copy_gbps / a.copy_gbps - 1) > kCopyTolerance) {
    warnings.push_back(
        fmt::format("the copy bandwidth of the two runs differs: {:.0f} and {:.0f} GB/s", a.copy_gbps, b.copy_gbps));
  }
  return warnings;
}

}  // namespace

Result<Comparison> compare(const OrderedJson& a, const std::string& file_a, const OrderedJson& b,
                           const std::string& file_b, double threshold) {
  if (!std::isfinite(threshold) || threshold < 0) return bad_input("the threshold must be zero or more");
  FUSELINE_TRY(result_a, read_result(a, file_a));
  FUSELINE_TRY(result_b, read_result(b, file_b));
  FUSELINE_CHECK(check_comparable(result_a, file_a, result_b, file_b));
  Comparison comparison;
  comparison.problem = result_a.problem;
  comparison.dtype = result_a.dtype;
  comparison.device_a = result_a.device;
  comparison.device_b = result_b.device;
  comparison.a_ms = result_a.median_ms;
  comparison.b_ms = result_b.median_ms;
  comparison.change = result_b.median_ms / result_a.median_ms - 1;
  comparison.regression = comparison.change > threshold;
  comparison.configuration_a = result_a.configuration;
  comparison.configuration_b = result_b.configuration;
  comparison.tied_a = result_a.best_and_tied.size();
  comparison.tied_b = result_b.best_and_tied.size();
  comparison.tied_in_both = static_cast<std::size_t>(std::ranges::count_if(
      result_a.best_and_tied, [&](const std::string& key) { return result_b.best_and_tied.contains(key); }));
  comparison.warnings = warnings_of(result_a, result_b);
  return comparison;
}

}  // namespace fuseline::tuner
