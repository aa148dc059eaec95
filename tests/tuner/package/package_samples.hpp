// Runs and a builder of images for tests of packages.
#pragma once

#include <fmt/format.h>

#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/package/packages.hpp"

namespace fuseline::tuner::samples {

/// "layernorm_gelu_scale.f32.kernelbench", as it was recorded on an H200.
inline Run recorded(const std::string& name) {
  auto run = read_run(data_folder() / "presets/recordings/h200" / (name + ".t4.json"));
  if (!run) throw std::runtime_error(run.error().message());
  return std::move(*run);
}

inline const Catalog& catalog() {
  static const Catalog loaded = Catalog::load(data_folder(), {}).value();
  return loaded;
}

/// Images that say what they are of, and the source that each run was measured with where `as_measured`.
inline ImageBuilder builder(const std::string& source_sha256 = "") {
  return [source_sha256](const std::vector<BuildRequest>& requests) -> Result<std::vector<BuildReply>> {
    std::vector<BuildReply> replies;
    for (const BuildRequest& request : requests) {
      const auto& resolved = request.configuration.resolved;
      BuildReply reply;
      reply.id = request.configuration.id;
      reply.form = request.architecture.starts_with("sm_") ? KernelForm::cubin : KernelForm::ptx;
      reply.image = request.architecture + " " + resolved.configuration.key();
      for (const ResolvedLaunch& launch : resolved.launches) reply.symbols[launch.kernel] = launch.kernel;
      reply.source_sha256 = source_sha256;
      replies.push_back(std::move(reply));
    }
    return replies;
  };
}

/// Of the built-in problems. `runs` must outlive it.
inline PackageRequest request(const std::vector<Run>& runs, const std::filesystem::path& folder,
                              const std::vector<Target>& targets, const ImageBuilder& build) {
  PackageRequest made;
  made.folder = folder;
  made.runs = &runs;
  made.catalog = &catalog();
  made.data = data_folder();
  made.targets = targets;
  made.build = build;
  return made;
}

}  // namespace fuseline::tuner::samples
