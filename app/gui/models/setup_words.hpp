// A sweep in words, as it is typed into the palette: "softmax f16 channel_split groups 4 8".
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/gui/models/setup.hpp"

namespace fuseline::app::gui {

/// What words can mean by problem: as the palette asks with every frame, the space of a problem is worked out once, for
/// all actions that ask.
class WordSpaces {
 public:
  /// Of the problem, with everything on. It stays until the problem was read again, or the whole space is asked for
  /// where it was not, or the other way round.
  [[nodiscard]] const SpaceModel& of(const std::shared_ptr<const tuner::CatalogEntry>& entry, bool full);
  /// How many were worked out.
  [[nodiscard]] std::size_t made() const { return made_; }

 private:
  struct Kept {
    std::shared_ptr<const tuner::CatalogEntry> entry;
    SpaceModel space;
  };
  std::map<std::string, Kept> kept_;  ///< By the problem's name.
  std::size_t made_ = 0;
};

/// The sweeps that `text` can mean, the likeliest first, at most four: everything else is as it is set up, and what is
/// not named of variants and values is all on. Words stand for what they begin, in this order:
///  - parts of a problem's name first, three letters of each at least;
///  - element types and shapes by their names;
///  - variants, by their names or a part of them;
///  - "groups=4,8", or a parameter and then its values; "N=64" for a dimension.
/// Empty where a word means nothing, and where fewer than two words were typed.
[[nodiscard]] std::vector<tuner::SweepRequest> sweeps_in_words(WordSpaces& spaces, const Setup& setup,
                                                               const std::string& text);

/// The words that mean it in full: "softmax_bias_scale_sigmoid f16 channel_split groups=4,8".
[[nodiscard]] std::string words_of(const tuner::SweepRequest& request);

/// Sets up what the words mean. Error: they mean nothing.
[[nodiscard]] tuner::Result<void> set_up_in_words(WordSpaces& spaces, Setup& setup, const std::string& text);

}  // namespace fuseline::app::gui
