#include "app/gui/panels/code_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "app/gui/models/colours.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

ImU32 token_colour(const Palette& palette, TokenKind kind) {
  switch (kind) {
    case TokenKind::keyword:
      return palette.accent;
    case TokenKind::string:
      return palette.good;
    case TokenKind::number:
      return palette.warning;
    case TokenKind::comment:
      return palette.faint;
    case TokenKind::directive:
      return palette.muted;
    case TokenKind::parameter:
      return palette.text;
  }
  return palette.text;
}

/// Draws the lines in view at the place that scrolling gives them.
class CodeDrawing {
 public:
  explicit CodeDrawing(Ui& ui)
      : ui_(ui),
        source_(ui.app.source),
        code_(*ui.app.source.code()),
        list_(*ImGui::GetWindowDrawList()),
        line_height_(ImGui::GetTextLineHeight() + ui.px(1)),
        letter_(ImGui::CalcTextSize("0").x) {
    const std::size_t digits = std::to_string(std::max<std::size_t>(code_.lines().size(), 100)).size();
    gutter_ = letter_ * static_cast<float>(digits) + ui.px(22);
    if (source_.file() != nullptr) lines_ = ui.app.lines.lines_of(source_.file()->name);
    if (lines_ == nullptr) return;
    heat_ = letter_ * 7;
    gutter_ += heat_ + ui.px(6);
  }

  void draw() {
    window_ = ImGui::GetWindowPos();
    size_ = ImVec2(ImGui::GetWindowWidth(), ImGui::GetWindowHeight());
    scroll();
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float top = window_.y - origin.y;
    const auto first = static_cast<std::size_t>(std::max(top / line_height_, 0.F));
    const std::size_t last =
        std::min(code_.lines().size(), first + static_cast<std::size_t>(size_.y / line_height_) + 2);
    for (std::size_t i = first; i < last; ++i)
      text_line(i, ImVec2(origin.x + gutter_, origin.y + static_cast<float>(i) * line_height_));
    // What is scrolled to the left goes under the numbers.
    list_.AddRectFilled(window_, ImVec2(window_.x + gutter_ - ui_.px(6), window_.y + size_.y), ui_.palette.panel);
    for (std::size_t i = first; i < last; ++i) {
      samples(i, origin.y + static_cast<float>(i) * line_height_);
      number(i, origin.y + static_cast<float>(i) * line_height_);
    }
    point(origin);
    ImGui::Dummy(ImVec2(gutter_ + letter_ * static_cast<float>(code_.longest() + 2),
                        static_cast<float>(code_.lines().size()) * line_height_));
  }

 private:
  void scroll() {
    const auto line = source_.take_scroll();
    if (!line) return;
    const float at = static_cast<float>(*line - 1) * line_height_;
    const bool seen = at >= ImGui::GetScrollY() && at + 2 * line_height_ <= ImGui::GetScrollY() + size_.y;
    if (!seen) ImGui::SetScrollY(std::max(0.F, at - size_.y * 0.35F));
    float right = 0;
    if (!source_.matches().empty() && source_.matches()[source_.match()].line + 1 == *line)
      right = x_of(*line - 1, source_.matches()[source_.match()].end);
    ImGui::SetScrollX(right + gutter_ > size_.x ? right - size_.x / 2 : 0);
  }

  /// From the beginning of the line to a byte of it.
  [[nodiscard]] float x_of(std::size_t line, std::size_t byte) const {
    const char* begin = code_.text().data() + code_.lines()[line].begin;
    return ImGui::CalcTextSize(begin, code_.text().data() + byte).x;
  }

  void text_line(std::size_t i, ImVec2 at) {
    const CodeLine& line = code_.lines()[i];
    grounds(i, at);
    std::size_t from = line.begin;
    float x = at.x;
    const auto piece = [&](std::size_t end, ImU32 colour) {
      if (end <= from) return;
      const char *begin = code_.text().data() + from, *stop = code_.text().data() + end;
      list_.AddText(ImVec2(x, at.y), colour, begin, stop);
      x += ImGui::CalcTextSize(begin, stop).x;
      from = end;
    };
    for (std::size_t t = line.first_token; t < line.first_token + line.tokens; ++t) {
      const Token& token = code_.tokens()[t];
      piece(token.begin, ui_.palette.text);
      piece(token.end, token_colour(ui_.palette, token.kind));
    }
    piece(line.end, ui_.palette.text);
  }

  /// What lies behind a line: that it is marked, parameters, what was found.
  void grounds(std::size_t i, ImVec2 at) {
    const CodeLine& line = code_.lines()[i];
    const auto [first, last] = std::minmax({source_.line(), source_.last_line()});
    const float low = at.y, high = at.y + line_height_;
    if (first > 0 && i + 1 >= first && i + 1 <= last)
      list_.AddRectFilled(ImVec2(window_.x, low), ImVec2(window_.x + size_.x, high), ui_.palette.raised);
    for (std::size_t t = line.first_token; t < line.first_token + line.tokens; ++t) {
      const Token& token = code_.tokens()[t];
      if (token.kind != TokenKind::parameter) continue;
      list_.AddRectFilled(ImVec2(at.x + x_of(i, token.begin), low), ImVec2(at.x + x_of(i, token.end), high),
                          ui_.palette.accent_soft, ui_.px(2));
    }
    const auto& matches = source_.matches();
    auto match = std::lower_bound(matches.begin(), matches.end(), i,
                                  [](const CodeMatch& each, std::size_t sought) { return each.line < sought; });
    for (; match != matches.end() && match->line == i; ++match) {
      const bool current = static_cast<std::size_t>(match - matches.begin()) == source_.match();
      const ImVec2 from(at.x + x_of(i, match->begin), low), to(at.x + x_of(i, match->end), high);
      list_.AddRectFilled(from, to, faded(ui_.palette.warning, kFoundWash), ui_.px(2));
      if (current) compat::add_rect(list_, from, to, ui_.palette.warning, ui_.px(2), ui_.px(1));
    }
  }

  /// The first message that is of a line of this file; null where there is none.
  [[nodiscard]] const tuner::CompilerMessage* message_of(std::size_t i) const {
    const auto& compiled = ui_.app.compile.now();
    if (!compiled || source_.file() == nullptr) return nullptr;
    for (const auto& message : compiled->look.messages) {
      if (message.line == static_cast<int>(i + 1) && message.file == source_.file()->name) return &message;
    }
    return nullptr;
  }

  /// Null where the line has no samples and nothing was executed, or no lines are there.
  [[nodiscard]] const tuner::LineProfile* profile_of(std::size_t i) const {
    if (lines_ == nullptr) return nullptr;
    const auto found = lines_->find(static_cast<int>(i + 1));
    return found == lines_->end() ? nullptr : &found->second;
  }

  /// Its share of the samples before the line's number.
  void samples(std::size_t i, float y) {
    const tuner::LineProfile* line = profile_of(i);
    const double highest = ui_.app.lines.highest_share();
    if (line == nullptr || !(highest > 0)) return;
    const float left = window_.x + ui_.px(11);
    const float width = heat_ * static_cast<float>(line->share / highest);
    list_.AddRectFilled(ImVec2(left, y), ImVec2(left + width, y + line_height_ - ui_.px(1)),
                        faded(ui_.palette.warning, kHeatWash), ui_.px(2));
    const std::string text = gutter_text(*line);
    list_.AddText(ImVec2(left + heat_ - letter_ * static_cast<float>(text.size()), y), ui_.palette.text, text.c_str());
  }

  void number(std::size_t i, float y) {
    const std::string text = std::to_string(i + 1);
    const auto [first, last] = std::minmax({source_.line(), source_.last_line()});
    const bool marked = first > 0 && i + 1 >= first && i + 1 <= last;
    const float right = window_.x + gutter_ - ui_.px(12);
    list_.AddText(ImVec2(right - letter_ * static_cast<float>(text.size()), y),
                  marked ? ui_.palette.text : ui_.palette.faint, text.c_str());
    if (const auto* message = message_of(i)) {
      const ImU32 colour = message->kind == tuner::MessageKind::error ? ui_.palette.bad : ui_.palette.warning;
      list_.AddCircleFilled(ImVec2(window_.x + ui_.px(5), y + line_height_ / 2), ui_.px(3.5F), colour);
    }
  }

  /// The mouse: marks lines, tells what a parameter stands for and what the compiler said.
  void point(ImVec2 origin) {
    if (!ImGui::IsWindowHovered()) return;
    const ImVec2 mouse = ImGui::GetMousePos();
    // The scrollbars' own room is none of the text's.
    const ImVec2 inner = ImGui::GetWindowContentRegionMax();
    if (mouse.y < origin.y || mouse.x > window_.x + std::max(size_.x, inner.x) - ui_.px(14)) return;
    const auto line = static_cast<std::size_t>((mouse.y - origin.y) / line_height_);
    if (line >= code_.lines().size()) return;
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !ImGui::IsAnyItemHovered() && !on_scrollbar(mouse))
      source_.mark(line + 1, ImGui::GetIO().KeyShift);
    if (const auto* message = message_of(line); message != nullptr && mouse.x < window_.x + gutter_)
      return tooltip(ui_, message->text + (message->detail.empty() ? "" : "\n" + message->detail));
    if (const auto* profile = profile_of(line); profile != nullptr && mouse.x < window_.x + gutter_)
      return tooltip(ui_, line_tooltip(*profile));
    const CodeLine& laid = code_.lines()[line];
    for (std::size_t t = laid.first_token; t < laid.first_token + laid.tokens; ++t) {
      const Token& token = code_.tokens()[t];
      if (token.kind != TokenKind::parameter) continue;
      const float x = origin.x + gutter_;
      if (mouse.x < x + x_of(line, token.begin) || mouse.x > x + x_of(line, token.end)) continue;
      const std::string name = code_.text().substr(token.begin, token.end - token.begin);
      const std::string value = source_.value_of(name);
      return tooltip(
          ui_, value.empty() ? name + ": not defined for this configuration" : fmt::format("{} = {}", name, value));
    }
  }
  [[nodiscard]] bool on_scrollbar(ImVec2 mouse) const {
    const float bar = ImGui::GetStyle().ScrollbarSize;
    return mouse.x > window_.x + size_.x - bar || mouse.y > window_.y + size_.y - bar;
  }

  Ui& ui_;
  SourceModel& source_;
  const CodeText& code_;
  ImDrawList& list_;
  const std::map<int, tuner::LineProfile>* lines_ = nullptr;  ///< Of the file on show.
  float line_height_ = 0, letter_ = 0, gutter_ = 0, heat_ = 0;
  ImVec2 window_{0, 0}, size_{0, 0};
};

}  // namespace

void code_view(Ui& ui, float height) {
  // Of a file each, so that another begins where it was left.
  const std::string id = "code." + ui.app.source.file()->name;
  compat::begin_child(id.c_str(), ImVec2(0, height), false, ImGuiWindowFlags_HorizontalScrollbar);
  font(ui.fonts.mono);
  CodeDrawing(ui).draw();
  ImGui::PopFont();
  ImGui::EndChild();
}

void long_text(Ui& ui, const char* id, const std::string& text) {
  compat::begin_child(id, ImVec2(0, 0), false, ImGuiWindowFlags_HorizontalScrollbar);
  font(ui.fonts.mono);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(ui.px(12), ui.px(1)));
  std::vector<std::pair<const char*, const char*>> lines;
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    const char* stop = std::find(at, end, '\n');
    lines.emplace_back(at, stop);
    at = stop + 1;
  }
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(lines.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const auto& [begin, stop] = lines[static_cast<std::size_t>(i)];
      ImGui::TextUnformatted(begin, stop);
    }
  }
  ImGui::PopStyleVar();
  ImGui::PopFont();
  ImGui::EndChild();
}

void compiler_messages_view(Ui& ui, const Compiled& compiled, std::size_t most) {
  const auto& messages = compiled.look.messages;
  if (messages.empty()) return;
  const float line = ImGui::GetTextLineHeightWithSpacing();
  const auto shown = static_cast<float>(std::min(messages.size(), most));
  compat::begin_child("messages", ImVec2(0, shown * line + ui.px(4)), false);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const tuner::CompilerMessage& message = messages[i];
    const bool error = message.kind == tuner::MessageKind::error;
    const std::string place = message.line > 0 ? fmt::format("{}:{}", message.file, message.line) : "";
    ImGui::PushID(static_cast<int>(i));
    ImGui::PushStyleColor(ImGuiCol_Text, error ? ui.palette.bad : ui.palette.warning);
    const std::string text =
        fmt::format("{}  {}{}{}", error ? "\u2715" : "!", place, place.empty() ? "" : "  ", message.text);
    const std::string cut = elided(text, ImGui::GetContentRegionAvail().x - ui.px(4));
    if (ImGui::Selectable(cut.c_str()) && !place.empty()) act(ui, "source.go_to", place);
    ImGui::PopStyleColor();
    if (cut != text || !message.detail.empty())
      hint(ui, message.text + (message.detail.empty() ? "" : "\n" + message.detail));
    ImGui::PopID();
  }
  ImGui::EndChild();
}

}  // namespace fuseline::app::gui
