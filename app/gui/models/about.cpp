#include "app/gui/models/about.hpp"

#include <algorithm>

#include "app/gui/models/app.hpp"

namespace fuseline::app::gui {

std::vector<std::pair<std::string, std::string>> about_lines(const App& app) {
  const std::string store = app.store_file();
  return {{"version", app.options.version},
          {"licence", "Apache-2.0"},
          {"data", app.options.data.string()},
          {"documents", (app.options.data / "README.md").string()},
          {"runs", store},
          {"settings", app.options.settings.empty() ? "not kept" : app.options.settings.string()},
          {"messages", "in the panel Log, for as long as the window is open"}};
}

std::string diagnostics_text(const App& app) {
  std::string text;
  const auto add = [&text](const std::string& label, const std::string& value) { text += label + ": " + value + "\n"; };
  for (const auto& [label, value] : about_lines(app)) add(label, value);
  for (const tuner::DeviceInfo& gpu : app.devices.gpus()) add("GPU", gpu.name);
  if (app.devices.gpus().empty()) add("GPU", "none: " + app.devices.no_gpu_reason());
  if (!app.data.empty()) add("on show", run_title(app.data.info()));
  constexpr std::size_t kLast = 20;
  const auto& messages = app.messages.all();
  for (std::size_t i = messages.size() - std::min(messages.size(), kLast); i < messages.size(); ++i)
    add(messages[i].time + " " + std::string(to_string(messages[i].severity)), messages[i].text);
  return text;
}

}  // namespace fuseline::app::gui
