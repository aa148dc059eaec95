// A sweep on several GPUs: which they are, and what their copies say of one another.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/text.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/session/sweep.hpp"

namespace fuseline::tuner {
namespace {

std::string far_apart_text(const Card& card, const Card& reference) {
  const double more = card.copy_gbps / reference.copy_gbps - 1;
  return printable(fmt::format("the copy of {} reaches {} GB/s, {:.1f} % {} than {} GB/s of the reference card {}",
                               card.where, grouped(card.copy_gbps), 100 * std::abs(more), more < 0 ? "less" : "more",
                               grouped(reference.copy_gbps), reference.where));
}

}  // namespace

int Sweep::card_number(int number) const {
  const auto found = card_numbers_.find(number);
  return found == card_numbers_.end() ? 0 : found->second;
}

/// A run that is resumed has cards already. The copy that was measured first stays: times from before go by it.
void Sweep::take_card(const CardReady& ready) {
  auto& cards = info_.cards;
  auto card = std::find_if(cards.begin(), cards.end(), [&](const Card& each) {
    return each.uuid.empty() ? each.where == ready.card.where : each.uuid == ready.card.uuid;
  });
  if (card == cards.end()) card = cards.insert(cards.end(), ready.card);
  if (!(card->copy_gbps > 0)) card->copy_gbps = ready.card.copy_gbps;
  card_numbers_[ready.number] = static_cast<int>(card - cards.begin()) + 1;
  follow_reference();
  warn_of_far_cards();
}

void Sweep::warn_of_far_cards() {
  const auto place = static_cast<std::size_t>(info_.reference_card) - 1;
  if (place >= info_.cards.size() || !(info_.cards[place].copy_gbps > 0)) return;
  const Card& reference = info_.cards[place];
  for (const Card& card : info_.cards) {
    const bool far = card.copy_gbps > 0 && std::abs(card.copy_gbps / reference.copy_gbps - 1) > kCardsFarApart;
    if (!far || !warned_of_.insert(card.where).second) continue;
    publisher_.message(far_apart_text(card, reference),
                       "Its times are multiplied by that ratio, which holds as far as bandwidth decides; so much more "
                       "takes part in the finals, which run on the reference card alone.");
  }
}

void Sweep::take_reference(const ReferenceMoved& moved) {
  backend_reference_ = moved.number;
  reference_moved_ = true;
  follow_reference();
}

std::string Sweep::counted_on_text() const {
  std::vector<std::string> places;
  for (const int number : counted_on_) {
    const auto place = static_cast<std::size_t>(number) - 1;  // That of an unknown card is none.
    if (place < info_.cards.size()) places.push_back(info_.cards[place].where);
  }
  return printable(fmt::format("the counters of the best were read on {}", fmt::join(places, " and ")));
}

void Sweep::follow_reference() {
  const int number = card_number(backend_reference_);
  if (number == 0 || number == info_.reference_card) return;
  const bool measured = logbook_.size() > 0;
  info_.reference_card = number;
  const Card& card = info_.cards[static_cast<std::size_t>(number) - 1];
  if (card.copy_gbps > 0) info_.copy_gbps = card.copy_gbps;
  if (measured)
    publisher_.message(printable(fmt::format(
        "the reference card is now {}: times are made comparable with it, and the finals run there", card.where)));
}

}  // namespace fuseline::tuner
