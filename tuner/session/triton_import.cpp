#include "tuner/session/triton_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/base/types.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/session/instances.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::array kDtypes = {Dtype::f32, Dtype::f16, Dtype::bf16};

/// What KernelBench asks of a kernel.
Tolerance usual_tolerance(Dtype dtype) { return dtype == Dtype::f32 ? Tolerance{1e-4, 1e-4} : Tolerance{1e-2, 1e-2}; }

Result<std::vector<Dtype>> dtypes_of(const TritonImport& request) {
  if (request.dtypes.empty()) return std::vector{Dtype::f32};
  std::vector<Dtype> dtypes;
  for (const std::string& name : request.dtypes) {
    if (name == kEvery) return std::vector(kDtypes.begin(), kDtypes.end());
    FUSELINE_TRY(dtype, named_dtype(name));
    if (std::find(dtypes.begin(), dtypes.end(), dtype) == dtypes.end()) dtypes.push_back(dtype);
  }
  return dtypes;
}

Result<void> check_tolerance(const std::vector<double>& tolerance) {
  const bool numbers =
      std::all_of(tolerance.begin(), tolerance.end(), [](double each) { return each >= 0 && each < 1; });
  if (tolerance.size() > 2 || !numbers)
    return bad_input("--tolerance", "", "an absolute and a relative error, each from 0 to less than 1, are wanted");
  return {};
}

Result<void> check_file(const char* option, const std::string& file) {
  std::error_code code;
  if (std::filesystem::is_regular_file(file, code)) return {};
  return bad_input(printable(file), "",
                   fmt::format("no such file ({})", std::filesystem::is_directory(file, code) ? "a folder" : option));
}

}  // namespace

Result<std::vector<std::string>> triton_import_command(const TritonImport& request, const std::filesystem::path& data) {
  FUSELINE_CHECK(check_file("the module with ModelNew", request.file));
  FUSELINE_CHECK(check_file("--reference", request.reference));
  FUSELINE_CHECK(check_tolerance(request.tolerance));
  FUSELINE_TRY(dtypes, dtypes_of(request));
  OrderedJson json{{"file", request.file}, {"reference", request.reference}, {"output", request.output}};
  json["dtypes"] = OrderedJson::array();
  for (const Dtype dtype : dtypes) {
    const std::string name(to_string(dtype));
    Tolerance tolerance = usual_tolerance(dtype);
    if (!request.tolerance.empty()) tolerance = {request.tolerance.front(), request.tolerance.back()};
    json["dtypes"].push_back(name);
    json["tolerance"][name] = {tolerance.absolute, tolerance.relative};
  }
  json["capabilities"] = request.capabilities;
  json["kernel"] = request.kernel;
  json["keep"] = request.keep;
  json["at_most"] = request.at_most;
  json["seed"] = request.seed;
  const char* python = std::getenv("FUSELINE_PYTHON");
  return std::vector<std::string>{python != nullptr && *python != '\0' ? python : "python3",
                                  (data / "assets" / "triton" / "import_triton.py").string(), json.dump()};
}

Error import_triton(const TritonImport& request, const std::filesystem::path& data) {
  const auto command = triton_import_command(request, data);
  return command ? become(*command) : command.error();
}

}  // namespace fuseline::tuner
