// Replies of a compiler that is none.
#pragma once

#include <filesystem>
#include <string>

#include "tuner/base/files.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner::testing {

/// Whether it is asked which architectures it knows.
inline bool is_probe(const BuildRequest& request) { return request.configuration.resolved.source_name == "probe.cu"; }

/// An image with the kernel scale_add and its six arguments; it has no shared memory.
inline BuildReply cubin() {
  BuildReply reply;
  reply.image = read_file(std::filesystem::path(FUSELINE_SOURCE_DIR) /
                          "tests/data/image_problem/cubins/scale_add_128.sm_90.cubin")
                    .value();
  return reply;
}

inline BuildReply refused(const std::string& reason) {
  BuildReply reply;
  reply.reason = reason;
  return reply;
}

}  // namespace fuseline::tuner::testing
