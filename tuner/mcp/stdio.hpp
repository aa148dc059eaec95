// A server on the program's own standard input and output. POSIX is in stdio.cpp alone.
#pragma once

#include <functional>

#include "tuner/mcp/server.hpp"

namespace fuseline::tuner::mcp {

/// Serves until the input ends, the output is closed, or `stop` says so, which is asked several times a second. Then
/// the call that runs is cancelled. Only the protocol is written to standard output. Error (io): the input cannot be
/// read.
[[nodiscard]] Result<void> serve_stdio(std::vector<Tool> tools, const ServerOptions& options,
                                       const std::function<bool()>& stop);

}  // namespace fuseline::tuner::mcp
