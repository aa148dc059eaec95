// The roofline: points as they are measured, under the ceilings of the device and of the target.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"
#include "app/gui/platform/imgui_compat.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

float button_width(const char* text) { return ImGui::CalcTextSize(text).x + 2 * ImGui::GetStyle().FramePadding.x; }

/// Which GPU the run is projected on, and which are drawn beside it: chosen where they are seen.
void targets_button(Ui& ui) {
  App& app = ui.app;
  const std::string now = app.data.info().target ? app.data.info().target->name : app.setup.how.target;
  flow(button_width("Targets"));
  if (ImGui::Button("Targets")) ImGui::OpenPopup("targets");
  note_item(ui, "button.targets");
  hint(
      ui,
      "The GPUs whose roofs are drawn, and the one that configurations are projected on. Ctrl+T projects on the next.");
  (void)popup_beside_item(ui);
  if (!noted(ui, ImGui::BeginPopup("targets"), "popup.targets")) return;
  muted(ui,
        "Round: the GPU that is projected on, in chart, table and Details.\nSquare: GPUs whose roofs are drawn beside "
        "it.");
  const auto& also = app.settings.also_targets;
  for (const tuner::Target& target : std::vector<tuner::Target>(app.devices.targets())) {
    ImGui::PushID(target.name.c_str());
    if (round_choice(ui, "##subject", target.name == now)) act(ui, "target.choose", target.name);
    ImGui::SameLine();
    bool drawn = target.name == now || std::find(also.begin(), also.end(), target.name) != also.end();
    if (target.name == now) ImGui::BeginDisabled();
    if (checkbox(ui, tuner::short_device_name(target.label()).c_str(), drawn)) act(ui, "target.also", target.name);
    if (target.name == now) ImGui::EndDisabled();
    ImGui::PopID();
  }
  ImGui::EndPopup();
}

/// Runs over the chart: pinned here, and those of other GPUs where they are asked for.
void pins_button(Ui& ui) {
  App& app = ui.app;
  flow(button_width("Pins"));
  if (ImGui::Button("Pins")) ImGui::OpenPopup("pins");
  note_item(ui, "button.pins");
  hint(ui, "Runs whose points are drawn beside those of the run on show");
  (void)popup_beside_item(ui);
  if (!noted(ui, ImGui::BeginPopup("pins"), "popup.pins")) return;
  bool pinned = app.pins.has_run(app.data.info());
  if (checkbox(ui, "Pin the run on show", pinned)) act(ui, "pin.run");
  for (const Pin& pin : std::vector<Pin>(app.pins.all())) {
    if (!pin.whole || tuner::same_run(*pin.info, app.data.info())) continue;
    bool kept = true;
    if (checkbox(ui, fmt::format("{}: {}", pin.name(), run_title(*pin.info)).c_str(), kept))
      act(ui, "pin.remove", pin.name());
  }
  ImGui::Separator();
  bool others = app.other_gpus;
  if (checkbox(ui, "Runs of other GPUs too", others)) act(ui, "pin.other_gpus");
  hint(ui, "Their points lie under the roofs of this GPU, which are not theirs; the legend says so");
  muted(ui, "A run is pinned by the menu of the right button on it, in the History.");
  ImGui::EndPopup();
}

std::string view_title(const App& app, tuner::RooflineView view) {
  switch (view) {
    case tuner::RooflineView::measured:
      return app.data.replayed() ? "as recorded" : "as measured";
    case tuner::RooflineView::target:
      return "as on " + (app.data.info().target ? tuner::short_device_name(app.data.info().target->label()) : "");
    case tuner::RooflineView::instructions:
      return "by instructions";
  }
  return "";
}

/// Of a choice over the chart: its longest text, up to a bound, so that nothing is cut and nothing moves with what is
/// chosen.
float choice_width(const Ui& ui, const std::vector<std::pair<std::string, std::string>>& items) {
  float text = 0;
  for (const auto& [id, title] : items) text = std::max(text, ImGui::CalcTextSize(title.c_str()).x);
  const float around = ImGui::GetFrameHeight() + 3 * ImGui::GetStyle().FramePadding.x;
  return std::min(text + around, ui.px(170));
}

void view_choice(Ui& ui) {
  App& app = ui.app;
  std::vector<std::pair<std::string, std::string>> items;
  for (const auto view : kRooflineViews) {
    if (app.scene.has(view)) items.emplace_back(view_name(view), view_title(app, view));
  }
  if (items.size() < 2) return;
  const float width = choice_width(ui, items);
  flow(width);
  std::string chosen = view_name(app.scene.view());
  if (combo(ui, "##view", view_title(app, app.scene.view()), items, chosen, width)) act(ui, "roofline.view", chosen);
  hint(ui,
       "The configurations as they were timed here, or as each is projected on the target, where nothing was measured; "
       "or, by counters, the warp instructions they issue for each 32-byte transaction of memory");
}

void roofline_tools(Ui& ui) {
  App& app = ui.app;
  const float room =
      ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize("Colour").x - 2 * ImGui::GetStyle().ItemSpacing.x;
  if (room > ui.px(640)) {
    ImGui::AlignTextToFramePadding();
    coloured(ui.palette.muted, "Colour");
    ImGui::SameLine();
  }
  std::vector<std::pair<std::string, std::string>> items;
  std::string shown = app.scene.coloured_by();
  for (const ColourChoice& choice : app.scene.choices()) {
    items.emplace_back(choice.id, choice.title);
    if (choice.id == app.scene.coloured_by()) shown = choice.title;
  }
  std::string chosen = app.scene.coloured_by();
  if (combo(ui, "##colour", shown, items, chosen, ui.px(132))) act(ui, "roofline.colour", chosen);
  hint(ui, "What the points are coloured by");
  view_choice(ui);
  targets_button(ui);
  pins_button(ui);
  if (app.scene.as_measured() && (app.scene.has(Level::dram) || app.scene.has(Level::l2) || app.scene.has(Level::l1))) {
    items.clear();
    for (const Level level : {Level::compulsory, Level::dram, Level::l2, Level::l1}) {
      if (app.scene.has(level)) items.emplace_back(to_string(level), to_string(level));
    }
    const float width = choice_width(ui, items);
    flow(width);
    chosen = to_string(app.scene.level());
    if (combo(ui, "##level", chosen, items, chosen, width)) act(ui, "roofline.level", chosen);
    hint(ui,
         "By which bytes intensity is counted: the compulsory ones, with the operations of the definition, or those "
         "that counters saw at a level of memory, with the operations that the kernel executed");
  }
  flow(button_width("Fit"));
  if (plain_button(ui, "Fit", true, "Everything in view (Ctrl+0, double click)")) act(ui, "roofline.fit");
  flow(button_width("Fit points"));
  if (plain_button(ui, "Fit points", !app.scene.marks().empty(), "The points alone (Ctrl+Shift+0)"))
    act(ui, "roofline.fit_points");
  flow(button_width("Save\u2026"));
  if (plain_button(ui, "Save\u2026", !app.data.rows().empty(), "The plot as SVG or PNG")) act(ui, "export.roofline");
}

/// A mark as the plot draws it, in the line of text.
void swatch(Ui& ui, tuner::Colour colour, tuner::Provenance provenance, tuner::Emphasis emphasis) {
  const float size = ImGui::GetTextLineHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), ui.fonts, at, ImVec2(size, size), ImVec2(-1, -1));
  const double middle = static_cast<double>(size / ui.scale / 2);
  // As much smaller or larger as the marks of the plot are, within a line.
  const bool best = emphasis == tuner::Emphasis::best, projected = provenance == tuner::Provenance::projected;
  const double radius = best ? (projected ? 2.6 : 3.0) : projected ? 2.6 : 3.8;
  tuner::draw_mark(canvas, ui.plot(), {middle, middle}, radius, colour, provenance, emphasis);
  ImGui::Dummy(ImVec2(size, size));
}

void legend_entry(Ui& ui, tuner::Colour colour, tuner::Provenance provenance, tuner::Emphasis emphasis,
                  const std::string& text, bool first) {
  const float needed = ImGui::GetTextLineHeight() + ImGui::CalcTextSize(text.c_str()).x + ui.px(4);
  if (!first) flow(needed + ui.px(4));
  ImGui::BeginGroup();
  swatch(ui, colour, provenance, emphasis);
  ImGui::SameLine(0, ui.px(4));
  coloured(ui.palette.muted, text);
  ImGui::EndGroup();
}

void ramp_legend(Ui& ui) {
  const auto [low, high] = ui.app.scene.ramp_range();
  coloured(ui.palette.muted, fmt::format("{:.4g}", low));
  ImGui::SameLine(0, ui.px(6));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ui.px(140), height = ImGui::GetTextLineHeight();
  for (int i = 0; i < 35; ++i) {
    const float x = at.x + width * static_cast<float>(i) / 35;
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(x, at.y + height * 0.25F),
                                              ImVec2(x + width / 35 + 1, at.y + height * 0.8F),
                                              packed(tuner::ramp_colour(i / 34.0, ui.palette.dark)));
  }
  ImGui::Dummy(ImVec2(width, height));
  ImGui::SameLine(0, ui.px(6));
  coloured(ui.palette.muted, fmt::format("{:.4g}", high));
}

/// Begins a group with a piece of a roof's line; its text and the group's end are the caller's.
void line_sample(Ui& ui, const tuner::Roof& roof) {
  ImGui::BeginGroup();
  const float height = ImGui::GetTextLineHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), ui.fonts, at, ImVec2(ui.px(20), height), ImVec2(-1, -1));
  const double y = static_cast<double>(height / ui.scale / 2);
  const std::array<tuner::Vec2, 2> line = {tuner::Vec2{0, y}, tuner::Vec2{18, y}};
  canvas.polyline(line, tuner::roof_stroke(ui.plot(), roof));
  ImGui::Dummy(ImVec2(ui.px(18), height));
  ImGui::SameLine(0, ui.px(5));
}

/// Roofs that found no room for their label in the plot drawn last.
void roofs_without_label(Ui& ui, bool targets_alone) {
  for (const std::size_t index : ui.roofline.picture.unlabelled) {
    if (index >= ui.app.scene.frame().roofs.size()) continue;
    const tuner::Roof& roof = ui.app.scene.frame().roofs[index];
    if (targets_alone && !roof.target) continue;
    flow(ui.px(24) + ImGui::CalcTextSize(roof.label.c_str()).x);
    line_sample(ui, roof);
    coloured(ui.palette.muted, roof.label);
    ImGui::EndGroup();
  }
}

/// What kinds of lines there are, in the words of the file's legend; of several targets which is which. Where there is
/// little room, what the labels of the lines say themselves is left out: the plot is what matters.
void lines_legend(Ui& ui, bool roomy) {
  const auto& roofs = ui.app.scene.frame().roofs;
  std::vector<std::pair<tuner::Roof, std::string>> kinds;
  if (roomy) {
    kinds.emplace_back(tuner::Roof{{}, {}, 1, 0, true, false}, "measured ceiling");
    kinds.emplace_back(tuner::Roof{{}, {}, 1, 0, false, false}, "nominal peak, not measured");
  }
  const auto& targets = ui.app.scene.targets();
  for (std::size_t i = 0; i < targets.size() && (roomy || targets.size() > 1); ++i)
    kinds.emplace_back(tuner::Roof{{}, {}, 1, 0, false, true, i}, targets[i] + ": roofs and projection");
  for (const auto& [kind, text] : kinds) {
    const auto is = [&kind = kind](const tuner::Roof& roof) {
      return roof.target == kind.target && (roof.target || roof.measured == kind.measured) &&
             roof.target_number == kind.target_number;
    };
    // Where one is named beside the plot, that says it.
    const auto& named = ui.roofline.picture.unlabelled;
    const bool said = std::any_of(named.begin(), named.end(),
                                  [&](std::size_t index) { return index < roofs.size() && is(roofs[index]); });
    if (said || std::none_of(roofs.begin(), roofs.end(), is)) continue;
    flow(ui.px(28) + ImGui::CalcTextSize(text.c_str()).x);
    line_sample(ui, kind);
    coloured(ui.palette.muted, text);
    ImGui::EndGroup();
  }
}

void overlaid_legend(Ui& ui) {
  const auto& runs = ui.app.scene.frame().overlaid;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string text = tuner::overlaid_text(runs[i]) + ", moved aside";
    flow(ImGui::GetTextLineHeight() + ImGui::CalcTextSize(text.c_str()).x + ui.px(8));
    ImGui::BeginGroup();
    const float size = ImGui::GetTextLineHeight();
    ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), ui.fonts, ImGui::GetCursorScreenPos(), ImVec2(size, size),
                       ImVec2(-1, -1));
    const double middle = static_cast<double>(size / ui.scale / 2);
    tuner::draw_overlaid_mark(canvas, ui.plot(), {middle, middle}, i, runs[i], false);
    ImGui::Dummy(ImVec2(size, size));
    ImGui::SameLine(0, ui.px(4));
    coloured(runs[i].other_device ? ui.palette.warning : ui.palette.muted, text);
    ImGui::EndGroup();
    hint(ui,
         "A pinned run: squares, a little to the right of their intensity so that none hides another; a line leads "
         "from the best to its place." +
             std::string(runs[i].other_device ? " The roofs are not of its GPU." : ""));
  }
  const std::size_t left_out = ui.app.runs_not_overlaid();
  if (left_out == 0 || !ui.app.scene.as_measured() || ui.app.scene.level() != Level::compulsory) return;
  const std::string text = fmt::format("{} pinned of other GPUs: not drawn", left_out);
  flow(ImGui::CalcTextSize(text.c_str()).x);
  coloured(ui.palette.muted, text);
  hint(ui, "Pins over the roofline draws them");
}

bool target_unnamed(const Ui& ui) {
  const auto& roofs = ui.app.scene.frame().roofs;
  const auto& without = ui.roofline.picture.unlabelled;
  return std::any_of(without.begin(), without.end(),
                     [&](std::size_t index) { return index < roofs.size() && roofs[index].target; });
}

void legend(Ui& ui, bool roomy) {
  const RooflineScene& scene = ui.app.scene;
  const tuner::Style& style = ui.plot();
  const bool there = scene.on_target();
  const tuner::Provenance provenance = there                    ? tuner::Provenance::projected
                                       : ui.app.data.replayed() ? tuner::Provenance::replayed
                                                                : tuner::Provenance::measured;
  font(ui.fonts.small);
  if (scene.on_ramp()) ramp_legend(ui);
  bool first = !scene.on_ramp();
  for (std::size_t i = 0; i < scene.legend().size() && i < 12; ++i) {
    legend_entry(ui, mark_colour(style, false, scene.legend()[i].colour), provenance, tuner::Emphasis::none,
                 scene.legend()[i].text, first);
    first = false;
  }
  if (!there)
    legend_entry(ui, style.muted, provenance, tuner::Emphasis::none, std::string(tuner::to_string(provenance)), first);
  first = first && there;
  legend_entry(ui, style.muted, provenance, tuner::Emphasis::best, there ? "first there" : "best", first);
  const auto& drawn = ui.roofline.picture.marks.marks();
  if (std::any_of(drawn.begin(), drawn.end(),
                  [](const PlacedMark& mark) { return mark.emphasis == tuner::Emphasis::tied; }))
    legend_entry(ui, style.muted, provenance, tuner::Emphasis::tied,
                 there ? "cannot be told apart from it" : "tied with it", false);
  const auto& frame = scene.frame().marks;
  const auto has = [&](tuner::Provenance of) {
    return std::any_of(frame.begin(), frame.end(),
                       [&](const tuner::RooflineMark& mark) { return mark.provenance == of; });
  };
  if (has(tuner::Provenance::projected))
    legend_entry(ui, style.target, tuner::Provenance::projected, tuner::Emphasis::none, "projected, not measured",
                 false);
  if (has(tuner::Provenance::given))
    legend_entry(ui, style.muted, tuner::Provenance::given, tuner::Emphasis::none, "given kernel, by its counters",
                 false);
  if (scene.by_instructions() && !frame.empty())
    legend_entry(ui, style.text, provenance, tuner::Emphasis::none, "the best by L1 and L2", false);
  if (scene.as_measured() && has(tuner::Provenance::measured))
    legend_entry(ui, style.text, tuner::Provenance::measured, tuner::Emphasis::none, "measured again", false);
  overlaid_legend(ui);
  lines_legend(ui, roomy);
  roofs_without_label(ui, false);
  const char* operations = there                                ? "projected: nothing was measured there"
                           : scene.by_instructions()            ? "warp instructions and DRAM transactions: by counters"
                           : scene.level() == Level::compulsory ? "operations: of the definition"
                                                                : "operations: executed by the kernel, by counters";
  if (roomy || there) {
    flow(ImGui::CalcTextSize(operations).x);
    coloured(ui.palette.muted, operations);
  }
  if (const std::string left_out = ui.app.results.narrowed_text(); !left_out.empty()) {
    flow(ImGui::CalcTextSize(left_out.c_str()).x);
    coloured(ui.palette.warning, left_out);
    hint(ui, "Points of what the table leaves out are not drawn");
  }
  ImGui::PopFont();
}

tuner::Rect box_between(tuner::Vec2 a, tuner::Vec2 b) {
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::abs(a.x - b.x), std::abs(a.y - b.y)};
}

void select_box(Ui& ui, const tuner::Rect& box, bool add) {
  std::vector<std::uint64_t> items = add ? ui.app.selection.items() : std::vector<std::uint64_t>();
  for (const std::uint32_t row : ui.roofline.picture.marks.within(ui.app.scene, box)) {
    const std::uint64_t sequence = ui.app.data.rows()[row].evaluation->sequence;
    if (!add || !ui.app.selection.has(sequence)) items.push_back(sequence);
  }
  ui.app.selection.set(std::move(items));
}

void zoom_to(Ui& ui, const tuner::Rect& box) {
  const tuner::RooflinePlace& place = ui.roofline.picture.marks.place();
  ui.app.view.show({{place.intensity(box.x), place.intensity(box.x + box.width)},
                    {place.gflops(box.y + box.height), place.gflops(box.y)}});
}

void wheel(Ui& ui, tuner::Vec2 pointer) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.MouseWheel == 0) return;
  const double factor = std::pow(1.2, static_cast<double>(io.MouseWheel));
  const tuner::RooflinePlace& place = ui.roofline.picture.marks.place();
  ui.app.view.zoom(place.intensity(pointer.x), place.gflops(pointer.y), io.KeyShift ? 1 : factor, factor);
}

void drag(Ui& ui, ImGuiCanvas& canvas, bool active) {
  const ImGuiIO& io = ImGui::GetIO();
  RooflineInput& input = ui.roofline;
  const tuner::Rect area = input.picture.marks.place().panel.area();
  const bool panning =
      ImGui::IsMouseDragging(ImGuiMouseButton_Right, 2) || ImGui::IsMouseDragging(ImGuiMouseButton_Middle, 2);
  if (active && panning && area.width > 0 && area.height > 0) {
    ui.app.view.pan(-static_cast<double>(io.MouseDelta.x / ui.scale) / area.width,
                    static_cast<double>(io.MouseDelta.y / ui.scale) / area.height);
  }
  if (active && ImGui::IsMouseDragging(ImGuiMouseButton_Left, ui.px(4)) && !input.boxing) {
    input.boxing = true;
    input.box_from = io.MouseClickedPos[0];
  }
  if (!input.boxing) return;
  const tuner::Rect box = box_between(canvas.value(input.box_from), canvas.value(io.MousePos));
  tuner::Colour fill = io.KeyShift ? ui.plot().target : ui.plot().series.front();
  fill.a = 40;
  canvas.fill_rect(box, fill);
  fill.a = 255;
  canvas.stroke_rect(box, {fill, 1, false});
  if (ImGui::IsMouseDown(ImGuiMouseButton_Left)) return;
  input.boxing = false;
  if (io.KeyShift) {
    zoom_to(ui, box);
  } else {
    select_box(ui, box, io.KeyCtrl);
  }
}

void point(Ui& ui, ImGuiCanvas& canvas, tuner::Vec2 pointer) {
  const ImGuiIO& io = ImGui::GetIO();
  const PlacedBeside* beside = ui.roofline.picture.marks.beside(pointer);
  const auto hit = beside != nullptr ? std::nullopt : ui.roofline.picture.marks.hit(pointer, 9);
  if (hit && *hit < ui.app.data.rows().size()) {
    const Row& row = ui.app.data.rows()[*hit];
    ui.app.selection.hovered = row.evaluation->sequence;
    if (!ImGui::IsMouseDown(ImGuiMouseButton_Left))
      evaluation_tooltip(ui, row, ui.app.scene.point_text(ui.app.data, row));
  } else if (beside != nullptr) {
    tooltip(ui, beside->text);
  } else if (!canvas.tooltip().empty()) {
    tooltip(ui, canvas.tooltip());
  }
  if (beside != nullptr) return;  // It is none of the run's, so that there is nothing to select.
  if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) && !hit) return act(ui, "roofline.fit");
  const ImVec2 dragged = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
  if (!ImGui::IsMouseReleased(ImGuiMouseButton_Left) || ui.roofline.boxing ||
      std::hypot(dragged.x, dragged.y) > ui.px(4))
    return;
  if (!hit) {
    if (!io.KeyCtrl) ui.app.selection.clear();
    return;
  }
  const std::uint64_t sequence = ui.app.data.rows()[*hit].evaluation->sequence;
  if (io.KeyCtrl) {
    ui.app.selection.toggle(sequence);
  } else {
    ui.app.selection.only(sequence);
  }
}

void remember(Ui& ui, const ImGuiCanvas& canvas) {
  const tuner::Rect area = ui.roofline.picture.marks.place().panel.area();
  note_area(ui, "roofline.plot", canvas.pixel({area.x, area.y}),
            ImVec2(ui.px(static_cast<float>(area.width)), ui.px(static_cast<float>(area.height))));
  for (const PlacedMark& mark : ui.roofline.picture.marks.marks()) {
    const ImVec2 at = canvas.pixel(mark.at);
    ui.drawn.marks.push_back({ui.app.data.rows()[mark.row].evaluation->sequence, at.x, at.y});
  }
}

void plot(Ui& ui) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImVec2 size = ImGui::GetContentRegionAvail();
  if (size.x < ui.px(160) || size.y < ui.px(90)) return;
  size.y -= 1;
  ImGui::InvisibleButton(
      "plot", size,
      ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight | ImGuiButtonFlags_MouseButtonMiddle);
  const bool hovered = ImGui::IsItemHovered(), active = ImGui::IsItemActive();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), ui.fonts, at, size,
                     hovered ? ImGui::GetIO().MousePos : ImVec2(-1e4F, -1e4F));
  const tuner::Vec2 logical = canvas.size();
  draw_roofline_scene(canvas,
                      {ui.app.scene, ui.app.data, ui.app.selection, ui.plot(), ui.app.view.ranges(), ui.app.strip},
                      {0, 0, logical.x, logical.y}, ui.roofline.picture);
  remember(ui, canvas);
  const tuner::Vec2 pointer = canvas.value(ImGui::GetIO().MousePos);
  if (hovered) wheel(ui, pointer);
  if (hovered) point(ui, canvas, pointer);
  drag(ui, canvas, active);
}

}  // namespace

void draw_roofline(Ui& ui) {
  App& app = ui.app;
  if (app.data.empty() && !app.control.active()) return draw_welcome(ui);
  if (app.data.rows().empty())
    return empty_state(ui, "Waiting for the first outcome",
                       app.control.snapshot() ? app.control.snapshot()->activity : "The device is being prepared.");
  if (!app.scene.has(app.scene.view()))
    return empty_state(ui, "No roofline for this run",
                       "The run says nothing of bytes and operations. The table and the progress plot show it.");
  roofline_tools(ui);
  // In a small panel the plot has the room.
  if (ImGui::GetContentRegionAvail().y > ui.px(230)) {
    legend(ui, ImGui::GetContentRegionAvail().y > ui.px(420));
  } else if (target_unnamed(ui)) {
    font(ui.fonts.small);
    ImGui::NewLine();
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() - ImGui::GetTextLineHeightWithSpacing());
    roofs_without_label(ui, true);
    ImGui::PopFont();
  }
  plot(ui);
}

}  // namespace fuseline::app::gui
