#include "tuner/session/triton_import.hpp"

#include <utility>

#include "tuner/base/json.hpp"
#include "tuner/base/types.hpp"
#include "tuner/session/reference_options.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::tuner {

Result<std::vector<std::string>> triton_import_command(const TritonImport& request, const std::filesystem::path& data) {
  FUSELINE_CHECK(check_user_file("the module with ModelNew", request.file));
  FUSELINE_CHECK(check_user_file("--reference", request.reference));
  FUSELINE_TRY(tolerances, reference_tolerance(request.tolerance));
  FUSELINE_TRY(dtypes, dtypes_named(request.dtypes));
  if (dtypes.empty()) dtypes.push_back(Dtype::f32);
  OrderedJson json{{"file", request.file}, {"reference", request.reference}, {"output", request.output}};
  json["dtypes"] = OrderedJson::array();
  for (const Dtype dtype : dtypes) {
    const std::string name(to_string(dtype));
    json["dtypes"].push_back(name);
    json["tolerance"][name] = {tolerances.at(dtype).absolute, tolerances.at(dtype).relative};
  }
  json["capabilities"] = request.capabilities;
  json["kernel"] = request.kernel;
  json["keep"] = request.keep;
  json["at_most"] = request.at_most;
  json["seed"] = request.seed;
  return std::vector<std::string>{user_python(), (data / "assets" / "triton" / "import_triton.py").string(),
                                  json.dump()};
}

Error import_triton(const TritonImport& request, const std::filesystem::path& data) {
  const auto command = triton_import_command(request, data);
  return command ? become(*command) : command.error();
}

}  // namespace fuseline::tuner
