// A sweep in words, as it is typed into the palette: "softmax f16 channel_split groups 4 8".
#pragma once

#include <string>
#include <vector>

#include "app/gui/models/setup.hpp"

namespace fuseline::app::gui {

/// The sweeps that `text` can mean, the likeliest first, at most four: everything else is as it is set up, and what is
/// not named of variants and values is all on. Words stand for what they begin, in this order:
///  - parts of a problem's name first, three letters of each at least;
///  - element types and shapes by their names;
///  - variants, by their names or a part of them;
///  - "groups=4,8", or a parameter and then its values; "N=64" for a dimension.
/// Empty where a word means nothing, and where fewer than two words were typed.
[[nodiscard]] std::vector<tuner::SweepRequest> sweeps_in_words(const Setup& setup, const std::string& text);

/// The words that mean it in full: "softmax_bias_scale_sigmoid f16 channel_split groups=4,8".
[[nodiscard]] std::string words_of(const tuner::SweepRequest& request);

/// Sets up what the words mean. Error: they mean nothing.
[[nodiscard]] tuner::Result<void> set_up_in_words(Setup& setup, const std::string& text);

}  // namespace fuseline::app::gui
