// What this program is and where it keeps what: for people, and for a report of a fault.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace fuseline::app::gui {

class App;

/// Label and value, a line each: version, licence, folders.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> about_lines(const App& app);
/// The same with the GPUs found, what is on show, and the last messages; names of the user's folders are in it.
[[nodiscard]] std::string diagnostics_text(const App& app);

}  // namespace fuseline::app::gui
