#include "tuner/mcp/tools.hpp"

namespace fuseline::tuner::mcp {

std::vector<Tool> all_tools(const Workplace& workplace) {
  return {problems_tool(workplace), check_tool(workplace),   sweep_tool(workplace),
          profile_tool(workplace),  explain_tool(workplace), export_tool(workplace)};
}

std::string instructions() {
  return "Fuseline tunes fused CUDA kernels against the roofline. problems lists what can be tuned and its space; "
         "check "
         "looks for mistakes in a problem's folder without a GPU, and with measure=true verifies and times it; sweep "
         "searches the space, verifies every configuration in fp64 and times it; explain says what bounds the best and "
         "what to try; profile reads one configuration's hardware counters; export writes results, packages and "
         "briefs. Times are in ms. 'floor_ms' is the time of a copy of the compulsory bytes, 'of_floor' the share of "
         "it "
         "that is reached: 1 is as fast as copying. 'projection' is of a GPU that was not measured. Answers are short; "
         "'full' names a file with everything.";
}

}  // namespace fuseline::tuner::mcp
