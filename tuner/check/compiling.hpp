// What is compiled without a GPU: who compiles, for which architectures, and which images are the same.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tuner/check/source_scan.hpp"
#include "tuner/problem/resolved.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

/// Builds `count` images: asks for request 0, 1, ... as it can take them (their ids are their numbers) and hands over
/// every reply. Error: nothing can be built, or no more.
using BuildImages =
    std::function<Result<void>(std::size_t count, const std::function<BuildRequest(std::size_t)>& request,
                               const std::function<void(const BuildReply&)>& take)>;

/// "sm_89" of 89.
[[nodiscard]] std::string architecture_of(int capability);

/// Those of `capabilities` that the compiler makes code for; warnings of the others. Error: of none, with what it says.
[[nodiscard]] Result<std::vector<int>> known_capabilities(const BuildImages& build,
                                                          const std::vector<int>& capabilities,
                                                          std::vector<std::string>& warnings);

/// Tells images of one variant apart by the macros that a source and its headers mention, so that what only the launch
/// depends on makes no difference.
class DistinctImages {
 public:
  using Headers = std::map<std::string, std::string>;
  explicit DistinctImages(std::shared_ptr<const Headers> headers) : headers_(std::move(headers)) {}

  /// The same for two configurations where the compiler makes the same image of both.
  [[nodiscard]] std::string key(const ResolvedConfiguration& resolved, const std::shared_ptr<const std::string>& source,
                                int capability);

 private:
  const CodeNames& names_of(const std::shared_ptr<const std::string>& source);

  std::shared_ptr<const Headers> headers_;
  std::map<std::shared_ptr<const std::string>, CodeNames> names_;
};

}  // namespace fuseline::tuner
