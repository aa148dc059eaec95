// Images for GPUs that need not be there, through a worker that is started for them alone.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

/// The replies in the order of the requests, whose ids must be 0, 1, 2, ... What cannot be compiled is said in its
/// reply. Errors: the worker cannot be started, is of another version, or dies.
[[nodiscard]] Result<std::vector<BuildReply>> build_images(const std::string& worker_command,
                                                           const std::vector<BuildRequest>& requests);

/// build_images() by `worker_command`; where that is empty by our own worker, `worker_program` or the one beside the
/// executable. Error: there is none.
[[nodiscard]] Result<std::function<Result<std::vector<BuildReply>>(const std::vector<BuildRequest>&)>> image_builder(
    std::string worker_command, const std::string& worker_program = "");

}  // namespace fuseline::tuner
