// What a process that handles a stranger's text may still see of the machine.
#pragma once

#include <string>
#include <vector>

namespace fuseline::profiler {

/// From now on this process reads files at and below `paths` alone and writes none; what it has open stays open.
/// Linux 5.13 and later (Landlock), without privileges. False where the system does not offer it: then nothing has
/// changed.
bool see_only(const std::vector<std::string>& paths);

}  // namespace fuseline::profiler
