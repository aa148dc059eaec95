// What is tuned: problem, shape, dtype, and what follows from them.
#include <fmt/format.h>

#include <algorithm>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app::gui {
namespace {

void choose_problem(Ui& ui, const tuner::Problem& problem) {
  std::vector<std::pair<std::string, std::string>> items;
  std::string shown = problem.title;
  for (const auto& entry : ui.app.setup.choice.problems()) {
    items.emplace_back(entry->problem.name, entry->problem.title + (entry->built_in ? "" : "  (yours)"));
    if (entry->problem.name == problem.name) shown = items.back().second;
  }
  // By title: that is what is read.
  std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::string chosen = problem.name;
  if (combo(ui, "##problem", shown, items, chosen, -1)) act(ui, "problem.choose", chosen);
  hint(ui, problem.description);
}

void choose_shape(Ui& ui, const tuner::Problem& problem) {
  const ProblemChoice& choice = ui.app.setup.choice;
  std::vector<std::pair<std::string, std::string>> items;
  std::string description;
  for (const tuner::ShapePreset& shape : problem.shapes) {
    items.emplace_back(shape.name, shape.name);
    if (shape.name == choice.shape()) description = shape.description;
  }
  std::string chosen = choice.shape();
  const std::string shown = choice.overrides().empty() ? chosen : chosen + ", changed";
  if (combo(ui, "##shape", shown, items, chosen, -1)) act(ui, "problem.shape", chosen);
  hint(ui, description);
}

struct NumberField {
  std::string name, text, hint;
};

/// As many side by side as the longest has room for; `action` takes "N=32".
void edit_numbers(Ui& ui, const std::vector<NumberField>& fields, const char* action) {
  const float room = ImGui::GetContentRegionAvail().x, gap = ImGui::GetStyle().ItemSpacing.x;
  float longest = ui.px(50);
  for (const NumberField& field : fields)
    longest = std::max(longest, ImGui::CalcTextSize((field.name + field.text).c_str()).x + ui.px(26));
  const auto columns = static_cast<std::size_t>(std::clamp((room + gap) / (longest + gap), 1.F, 3.F));
  const float width = (room - static_cast<float>(columns - 1) * gap) / static_cast<float>(columns);
  ImGui::PushID(action);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const NumberField& field = fields[i];
    if (i % columns != 0) ImGui::SameLine(0, gap);
    ImGui::BeginGroup();
    ImGui::AlignTextToFramePadding();
    coloured(ui.palette.muted, field.name);
    ImGui::SameLine(0, ui.px(5));
    const float label = ImGui::CalcTextSize(field.name.c_str()).x + ui.px(5);
    std::string text = field.text;
    if (edit_line(ui, ("##" + field.name).c_str(), "", text, std::max(ui.px(30), width - label)) && text != field.text)
      act(ui, action, field.name + "=" + text);
    ImGui::EndGroup();
    hint(ui, field.hint);
  }
  ImGui::PopID();
}

void edit_dimensions(Ui& ui, const tuner::Problem& problem) {
  const std::vector<tuner::Dimension>& dims = ui.app.setup.choice.dims();
  std::vector<NumberField> fields;
  for (std::size_t i = 0; i < std::min(dims.size(), problem.dims.size()); ++i) {
    const tuner::DimensionSpec& spec = problem.dims[i];
    fields.push_back({dims[i].name, std::to_string(dims[i].value),
                      fmt::format("{} ({} to {})", spec.description, spec.minimum,
                                  tuner::grouped(static_cast<double>(spec.maximum)))});
  }
  edit_numbers(ui, fields, "problem.dimension");
}

void edit_scalars(Ui& ui, const tuner::Problem& problem) {
  const tuner::Scalars& scalars = ui.app.setup.choice.scalars();
  if (scalars.empty()) return;
  heading(ui, "SCALARS");
  std::vector<NumberField> fields;
  for (std::size_t i = 0; i < std::min(scalars.size(), problem.scalars.size()); ++i)
    fields.push_back({scalars[i].first, fmt::format("{}", scalars[i].second),
                      fmt::format("A number that kernels take; the problem's own is {}", problem.scalars[i].second)});
  edit_numbers(ui, fields, "problem.scalar");
}

void choose_dtype(Ui& ui, const tuner::Problem& problem) {
  for (std::size_t i = 0; i < problem.dtypes.size(); ++i) {
    if (i > 0) ImGui::SameLine();
    const std::string name(tuner::to_string(problem.dtypes[i]));
    if (chip(ui, name, name, problem.dtypes[i] == ui.app.setup.choice.dtype())) act(ui, "problem.dtype", name);
  }
}

void allowed_line(Ui& ui, const AllowedTime& allowed) {
  if (!(allowed.ms > 0)) return;
  pair(ui, allowed.name.c_str(),
       fmt::format("{}  at {}, {}", tuner::time_text(allowed.ms), tuner::bandwidth_text(allowed.gbps),
                   known_text(allowed)),
       allowed.of_run
           ? "The least time that the copy measured in the run on show allows for the compulsory bytes: what its "
             "shares, its roofline and its progress refer to"
       : allowed.measured
           ? "The least time that the copy bandwidth measured on this device allows for the compulsory bytes"
           : "The least time that the data sheet's bandwidth and arithmetic allow: computed, not measured");
}

void facts(Ui& ui, const tuner::ProblemInstance& instance) {
  heading(ui, "ONE CALL");
  pair(ui, "moves", tuner::format_bytes(static_cast<double>(instance.compulsory_bytes)),
       "Compulsory bytes: every input read once, every output written once");
  pair(ui, "computes", fmt::format("{:.4g} GFLOP", instance.flops / 1e9),
       "Operations of the definition; an exp, erf, division or square root counts one");
  pair(ui, "intensity", fmt::format("{:.3g} FLOP a byte", instance.intensity()),
       "Operations per compulsory byte: where the points stand on the roofline");
  heading(ui, "LEAST TIME ALLOWED");
  for (const AllowedTime& allowed : ui.app.allowed_times(instance)) allowed_line(ui, allowed);
}

}  // namespace

void draw_problem(Ui& ui) {
  const ProblemChoice& choice = ui.app.setup.choice;
  if (!choice.entry())
    return empty_state(ui, "No problem found", "Problems are in kernels/; --preset-path adds folders of your own.");
  const tuner::Problem& problem = choice.entry()->problem;
  choose_problem(ui, problem);
  muted(ui, problem.formula);
  heading(ui, "SHAPE");
  choose_shape(ui, problem);
  edit_dimensions(ui, problem);
  edit_scalars(ui, problem);
  heading(ui, "ELEMENTS");
  choose_dtype(ui, problem);
  if (choice.instance()) return facts(ui, *choice.instance());
  ImGui::Dummy(ImVec2(0, ui.px(6)));
  ImGui::PushTextWrapPos(0);
  coloured(ui.palette.bad, choice.instance().error().message());
  ImGui::PopTextWrapPos();
}

}  // namespace fuseline::app::gui
