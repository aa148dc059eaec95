// Where warps stood, beside the source: shares by line, the SASS with its samples, opcodes and how they differ from
// another configuration's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tuner/counters/hot_lines.hpp"
#include "tuner/counters/instruction_mix.hpp"

namespace fuseline::app::gui {

/// What the Source panel shows of a kernel.
enum class LinesView { source, instructions, opcodes };

/// A profile, and whose it is.
struct LinesSubject {
  std::shared_ptr<const tuner::SourceProfile> profile;  ///< Null: there is none.
  std::string title;                                    ///< "#120 row block=256"
  std::string missing;  ///< Why its lines do not stand beside the source on show; empty where they do.
};

/// One instruction as the list of them shows it.
struct InstructionCells {
  std::string offset, text, share, samples, executed, place, waits;
};
/// One opcode: in this configuration, and in the other.
struct OpcodeCells {
  std::string opcode, here, there, difference;
};

class LinesModel {
 public:
  /// `other`: what opcodes are compared with. Works out what is drawn from, once.
  void show(LinesSubject subject, LinesSubject other);
  [[nodiscard]] bool empty() const { return !subject_.profile; }
  [[nodiscard]] const LinesSubject& subject() const { return subject_; }
  [[nodiscard]] const LinesSubject& other() const { return other_; }

  /// Lines of one file by their number; null where none was sampled or executed, or lines do not stand beside it.
  [[nodiscard]] const std::map<int, tuner::LineProfile>* lines_of(const std::string& file) const;
  /// Of the line that has most: what a full bar is.
  [[nodiscard]] double highest_share() const { return highest_share_; }
  /// The most samples first, at most kHottest.
  [[nodiscard]] const std::vector<tuner::LineProfile>& hottest() const { return hottest_; }
  static constexpr std::size_t kHottest = 20;

  [[nodiscard]] std::size_t instructions() const { return sums_.size(); }
  /// Made when it is drawn, so that twenty thousand cost what is in view.
  [[nodiscard]] InstructionCells instruction(std::size_t i) const;
  [[nodiscard]] double instruction_share(std::size_t i) const;  ///< Of all samples, 0 to 1.
  /// Its file and line; line 0 where the compiler names none.
  [[nodiscard]] std::pair<std::string, int> place_of(std::size_t i) const;
  /// What its warps waited for, for a tooltip; empty where it has no samples.
  [[nodiscard]] std::string instruction_tooltip(std::size_t i) const;
  /// The first of a line; nothing where it has none.
  [[nodiscard]] std::optional<std::size_t> first_of(const std::string& file, int line) const;
  /// Has an instruction scrolled to.
  void go_to(std::size_t i) { scroll_ = i; }
  [[nodiscard]] std::optional<std::size_t> take_scroll() { return std::exchange(scroll_, std::nullopt); }  ///< Once.
  [[nodiscard]] std::size_t longest_text() const { return longest_text_; }                                 ///< Bytes.

  [[nodiscard]] std::size_t opcodes() const;
  [[nodiscard]] OpcodeCells opcode(std::size_t i) const;
  [[nodiscard]] bool compared() const { return diff_.has_value(); }
  /// What the counts are of: "warp instructions that a launch executed".
  [[nodiscard]] std::string counts_of() const;
  [[nodiscard]] const std::string& mix() const { return mix_; }          ///< mix_text().
  [[nodiscard]] const std::string& samples() const { return samples_; }  ///< samples_text().

  /// The SASS as text, an instruction a line.
  [[nodiscard]] std::string listing() const;

 private:
  LinesSubject subject_, other_;
  std::map<std::string, std::map<int, tuner::LineProfile>> by_file_;
  std::vector<tuner::LineProfile> hottest_;
  std::vector<tuner::SampleSums> sums_;
  std::map<std::pair<std::string, int>, std::size_t> first_;
  std::vector<tuner::OpcodeCount> counts_;
  std::optional<tuner::OpcodeDiff> diff_;
  std::uint64_t all_ = 0;
  std::optional<std::size_t> scroll_;
  double highest_share_ = 0;
  std::size_t longest_text_ = 0;
  std::string mix_, samples_;
};

/// A hot line as a list has it.
struct HotLineCells {
  std::string share, place, waits;
};
[[nodiscard]] HotLineCells hot_line_cells(const tuner::LineProfile& line);
/// "50.0 %" of a line, as its gutter has it; empty below a twentieth of a percent.
[[nodiscard]] std::string gutter_text(const tuner::LineProfile& line);
/// Shares, what is waited for with its meaning, what was executed: for a tooltip.
[[nodiscard]] std::string line_tooltip(const tuner::LineProfile& line);

}  // namespace fuseline::app::gui
