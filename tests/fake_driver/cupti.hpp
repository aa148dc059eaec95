// What the parts of the stand-in for CUPTI know of one another.
#pragma once

#include <string_view>

namespace fake {

/// Whether $FUSELINE_FAKE_CUPTI has that word; words are apart by commas.
bool cupti_is_set(std::string_view word);
/// A session of the range profiler is enabled: nothing else may profile.
bool range_profiler_enabled();

}  // namespace fake
