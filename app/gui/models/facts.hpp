// What a session holds, as JSON: what a script writes down, and tests and people read.
#pragma once

#include "tuner/base/json.hpp"

namespace fuseline::app::gui {

class App;

/// The run on show (rows, outcomes, the best), what is selected and pinned, messages, and what came of compiling
/// ("compiled"), measuring again ("again") and profiling lines ("lines"); null where nothing came of it yet. Times are
/// milliseconds, shares 0 to 1.
[[nodiscard]] tuner::OrderedJson session_facts(const App& app);

}  // namespace fuseline::app::gui
