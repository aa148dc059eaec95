// Images for GPUs that need not be there, through a worker that is started for them alone.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

/// The replies in the order of the requests, whose ids must be 0, 1, 2, ... What cannot be compiled is said in its
/// reply. Errors: the worker cannot be started, is of another version, or dies.
[[nodiscard]] Result<std::vector<BuildReply>> build_images(const std::string& worker_command,
                                                           const std::vector<BuildRequest>& requests);

/// Builds `count` images without holding them all: `request` makes number 0, 1, ... as the worker can take it, whose id
/// is its number, and `take` gets every reply, in order. Errors: as of build_images().
[[nodiscard]] Result<void> stream_images(const std::string& worker_command, std::size_t count,
                                         const std::function<BuildRequest(std::size_t)>& request,
                                         const std::function<void(BuildReply&)>& take);

/// build_images() by `worker_command`; where that is empty by our own worker, `worker_program` or the one beside the
/// executable. Error: there is none.
[[nodiscard]] Result<std::function<Result<std::vector<BuildReply>>(const std::vector<BuildRequest>&)>> image_builder(
    std::string worker_command, const std::string& worker_program = "");

/// stream_images() by the same worker; that there is none is an error of the stream.
using ImageStream =
    std::function<Result<void>(std::size_t count, const std::function<BuildRequest(std::size_t)>& request,
                               const std::function<void(const BuildReply&)>& take)>;
[[nodiscard]] ImageStream image_stream(const std::string& worker_command, const std::string& worker_program = "");

}  // namespace fuseline::tuner
