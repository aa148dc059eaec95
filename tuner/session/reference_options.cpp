#include "tuner/session/reference_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "tuner/base/text.hpp"
#include "tuner/session/instances.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::array kReferenceDtypes = {Dtype::f32, Dtype::f16, Dtype::bf16};

}  // namespace

std::string user_python(const std::filesystem::path& programs) {
  if (const char* python = std::getenv("FUSELINE_PYTHON"); python != nullptr && *python != '\0') return python;
  // PEP 405: this file is what makes a folder a virtual environment.
  std::error_code failed;
  const auto beside = programs / "python3";
  const bool environment =
      std::filesystem::exists(programs.parent_path() / "pyvenv.cfg", failed) && std::filesystem::exists(beside, failed);
  return environment ? beside.string() : "python3";
}

Result<std::vector<Dtype>> dtypes_named(const std::vector<std::string>& names) {
  std::vector<Dtype> dtypes;
  for (const std::string& name : names) {
    if (name == kEvery) return std::vector(kReferenceDtypes.begin(), kReferenceDtypes.end());
    FUSELINE_TRY(dtype, named_dtype(name));
    if (std::find(dtypes.begin(), dtypes.end(), dtype) == dtypes.end()) dtypes.push_back(dtype);
  }
  return dtypes;
}

Result<std::map<Dtype, Tolerance>> reference_tolerance(const std::vector<double>& numbers) {
  const bool valid = std::all_of(numbers.begin(), numbers.end(), [](double each) { return each >= 0 && each < 1; });
  if (numbers.size() > 2 || !valid)
    return bad_input("--tolerance", "", "an absolute and a relative error, each from 0 to less than 1, are wanted");
  std::map<Dtype, Tolerance> tolerance;
  for (const Dtype dtype : kReferenceDtypes) {
    tolerance[dtype] = dtype == Dtype::f32 ? Tolerance{1e-4, 1e-4} : Tolerance{1e-2, 1e-2};
    if (!numbers.empty()) tolerance[dtype] = {numbers.front(), numbers.back()};
  }
  return tolerance;
}

Result<void> check_user_file(const char* option, const std::string& file) {
  std::error_code code;
  if (std::filesystem::is_regular_file(file, code)) return {};
  return bad_input(printable(file), "",
                   fmt::format("no such file ({})", std::filesystem::is_directory(file, code) ? "a folder" : option));
}

}  // namespace fuseline::tuner
