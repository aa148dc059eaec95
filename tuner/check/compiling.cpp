#include "tuner/check/compiling.hpp"

#include <fmt/format.h>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

/// "-DDIM_W=64" is of the macro DIM_W.
std::string_view macro_of(std::string_view define) {
  if (define.starts_with("-D")) define.remove_prefix(2);
  return define.substr(0, define.find('='));
}

/// The probe of a compiler: all that can be wrong with it is the compiler or the architecture.
BuildRequest probe(std::size_t id, int capability) {
  static const auto source = std::make_shared<const std::string>("extern \"C\" __global__ void probe() {}\n");
  BuildRequest request;
  request.configuration.id = id;
  request.configuration.resolved.source_name = "probe.cu";
  request.configuration.resolved.launches = {{"probe", {}, {}, false}};
  request.configuration.source = source;
  request.architecture = architecture_of(capability);
  request.cache_folder = "none";
  return request;
}

}  // namespace

std::string architecture_of(int capability) { return fmt::format("sm_{}", capability); }

Result<std::vector<int>> known_capabilities(const BuildImages& build, const std::vector<int>& capabilities,
                                            std::vector<std::string>& warnings) {
  std::vector<int> known;
  std::string reason;
  FUSELINE_CHECK(build(
      capabilities.size(), [&](std::size_t i) { return probe(i, capabilities[i]); },
      [&](const BuildReply& reply) {
        const int capability = capabilities.at(reply.id);
        if (reply.reason.empty()) {
          known.push_back(capability);
        } else {
          reason = printable(reply.reason);
          warnings.push_back(fmt::format("{}: nothing is compiled: {}", architecture_of(capability), reason));
        }
      }));
  if (known.empty()) return worker_error("no kernels can be compiled: " + reason);
  return known;
}

std::string DistinctImages::key(const ResolvedConfiguration& resolved, const std::shared_ptr<const std::string>& source,
                                int capability) {
  std::string key = fmt::format("{}\n{}\n", capability, resolved.source_name);
  const CodeNames& names = names_of(source);
  for (const std::string& define : resolved.defines) {
    if (names.mentions(macro_of(define))) key += define + "\n";
  }
  for (const ResolvedLaunch& launch : resolved.launches) key += launch.kernel + "\n";
  return key;
}

const CodeNames& DistinctImages::names_of(const std::shared_ptr<const std::string>& source) {
  const auto found = names_.find(source);
  if (found != names_.end()) return found->second;
  return names_.emplace(source, CodeNames(code_with_headers(*source, *headers_))).first->second;
}

}  // namespace fuseline::tuner
