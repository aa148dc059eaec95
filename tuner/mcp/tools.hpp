// The tools that the server offers.
#pragma once

#include <vector>

#include "tuner/mcp/workplace.hpp"

namespace fuseline::tuner::mcp {

/// All of them, in the order of use.
[[nodiscard]] std::vector<Tool> all_tools(const Workplace& workplace);
/// What a client's model is told of the server as a whole.
[[nodiscard]] std::string instructions();

[[nodiscard]] Tool problems_tool(const Workplace& workplace);
[[nodiscard]] Tool check_tool(const Workplace& workplace);
[[nodiscard]] Tool sweep_tool(const Workplace& workplace);
[[nodiscard]] Tool profile_tool(const Workplace& workplace);
[[nodiscard]] Tool explain_tool(const Workplace& workplace);
[[nodiscard]] Tool export_tool(const Workplace& workplace);

}  // namespace fuseline::tuner::mcp
