#include "tuner/formats/result_timing.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

#include "tuner/base/json_fields.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {
namespace {

/// A sweep has up to 256 finalists and 25 rounds; a file may claim anything.
constexpr std::size_t kMostTimed = 4096, kMostRounds = 100'000;

OrderedJson round_object(const FinalRound& round) {
  OrderedJson order = OrderedJson::array();
  for (const std::int64_t each : round.order)
    order.push_back(each == FinalRound::copy ? OrderedJson(nullptr) : OrderedJson(each));
  OrderedJson object;
  object["order"] = std::move(order);
  object["place"] = round.place;
  object["copy_gbps"] = finite_or_null(round.copy_gbps);
  object["clocks"] = clocks_object(round.clocks);
  return object;
}

OrderedJson timed_object(const Evaluation& evaluation, const FinalTiming& timing) {
  OrderedJson samples = OrderedJson::array();
  for (const double ms : timing.samples_ms) samples.push_back(finite_or_null(ms));
  OrderedJson object;
  object["sequence"] = timing.sequence;
  object["variant"] = evaluation.configuration.variant;
  object["config"] = config_json(evaluation.configuration);
  object["samples_ms"] = std::move(samples);
  return object;
}

/// What was not known is null, which a number cannot be read from.
OrderedJson without_nulls(const OrderedJson& object) {
  OrderedJson known = OrderedJson::object();
  for (const auto& item : object.items()) {
    if (!item.value().is_null()) known[item.key()] = item.value();
  }
  return known;
}

Result<std::vector<double>> read_samples(const JsonView& timed) {
  FUSELINE_TRY(list, timed.at("samples_ms"));
  FUSELINE_CHECK(check_array(list, kMostRounds));
  std::vector<double> samples;
  for (std::size_t i = 0; i < list.json().size(); ++i) {
    FUSELINE_TRY(place, list.at(i));
    samples.push_back(std::numeric_limits<double>::quiet_NaN());
    if (place.json().is_null()) continue;
    FUSELINE_TRY(ms, place.number());
    samples.back() = ms;
  }
  return samples;
}

/// Sequences of the file's run to those of the run read.
using Sequences = std::unordered_map<std::uint64_t, std::uint64_t>;

Result<Sequences> read_timed(const JsonView& finals,
                             const std::function<std::optional<std::uint64_t>(const Configuration&)>& sequence_of,
                             RunInfo& info) {
  Sequences sequences;
  FUSELINE_TRY(list, finals.at("timed"));
  FUSELINE_CHECK(check_array(list, kMostTimed));
  for (std::size_t i = 0; i < list.json().size(); ++i) {
    FUSELINE_TRY(timed, list.at(i));
    FUSELINE_TRY(configuration, read_file_configuration(timed));
    std::uint64_t then = 0;
    FUSELINE_CHECK(FieldReader(timed).required("sequence", then).result());
    FUSELINE_TRY(samples, read_samples(timed));
    const auto now = sequence_of(configuration);
    if (!now) continue;
    sequences.emplace(then, *now);
    const auto timing = std::find_if(info.finals.begin(), info.finals.end(),
                                     [&](const FinalTiming& each) { return each.sequence == *now; });
    if (timing != info.finals.end()) timing->samples_ms = std::move(samples);
  }
  return sequences;
}

Result<FinalRound> read_round(const JsonView& view, const Sequences& sequences) {
  FinalRound round;
  FUSELINE_TRY(clocks, read_clocks(view));
  round.clocks = clocks;
  std::optional<double> copy;
  FUSELINE_CHECK(FieldReader(view).required("place", round.place).optional("copy_gbps", copy).result());
  round.copy_gbps = copy.value_or(0);
  FUSELINE_TRY(order, view.at("order"));
  FUSELINE_CHECK(check_array(order, kMostTimed));
  for (std::size_t i = 0; i < order.json().size(); ++i) {
    FUSELINE_TRY(turn, order.at(i));
    if (turn.json().is_null()) {
      round.order.push_back(FinalRound::copy);
      continue;
    }
    FUSELINE_TRY(then, turn.integer());
    const auto now = then < 0 ? sequences.end() : sequences.find(static_cast<std::uint64_t>(then));
    if (now != sequences.end()) round.order.push_back(static_cast<std::int64_t>(now->second));
  }
  return round;
}

}  // namespace

OrderedJson clocks_object(const std::optional<Clocks>& clocks) {
  if (!clocks) return nullptr;
  OrderedJson object;
  object["readings"] = clocks->readings;
  object["sm_mhz"] = finite_or_null(clocks->sm_mhz);
  object["sm_mhz_lowest"] = finite_or_null(clocks->sm_mhz_lowest);
  object["sm_mhz_highest"] = finite_or_null(clocks->sm_mhz_highest);
  object["memory_mhz_lowest"] = finite_or_null(clocks->memory_mhz_lowest);
  object["memory_mhz_highest"] = finite_or_null(clocks->memory_mhz_highest);
  object["power_w"] = finite_or_null(clocks->power_w);
  object["temperature_c"] = finite_or_null(clocks->temperature_c);
  object["throttle"] = throttle_names(clocks->reasons);
  object["retaken"] = clocks->retaken;
  return object;
}

OrderedJson shift_object(const std::optional<Shift>& shift) {
  if (!shift) return nullptr;
  OrderedJson object;
  object["at"] = shift->at;
  object["relative"] = finite_or_null(shift->relative);
  object["p"] = finite_or_null(shift->p);
  object["counts"] = shift->counts();
  return object;
}

OrderedJson finals_object(const Run& run) {
  const RunInfo& info = run.info;
  if (info.finals.empty()) return nullptr;
  std::map<std::uint64_t, const Evaluation*> evaluations;
  for (const Evaluation& evaluation : run.evaluations) evaluations.emplace(evaluation.sequence, &evaluation);
  OrderedJson object;
  object["finalists"] = info.finals.size();
  object["tied"] =
      std::count_if(info.finals.begin(), info.finals.end(), [](const FinalTiming& timing) { return timing.tied; });
  object["rounds"] = OrderedJson::array();
  for (const FinalRound& round : info.final_rounds) object["rounds"].push_back(round_object(round));
  object["timed"] = OrderedJson::array();
  for (const FinalTiming& timing : info.finals) {
    const auto found = evaluations.find(timing.sequence);
    if (found != evaluations.end() && !timing.samples_ms.empty())
      object["timed"].push_back(timed_object(*found->second, timing));
  }
  return object;
}

OrderedJson place_effect_object(const RunInfo& info) {
  const auto effect = place_effect(info);
  if (!effect) return nullptr;
  OrderedJson object;
  object["range"] = finite_or_null(effect->range);
  for (const PlaceEffect::Place& place : effect->places) {
    OrderedJson each;
    each["place"] = place.place;
    each["median_ms"] = finite_or_null(place.median_ms);
    each["rounds"] = place.rounds;
    object["places"].push_back(std::move(each));
  }
  return object;
}

Result<std::optional<Clocks>> read_clocks(const JsonView& parent) {
  if (!parent.has("clocks")) return std::nullopt;
  FUSELINE_TRY(view, parent.at("clocks"));
  if (view.json().is_null()) return std::nullopt;
  if (!view.json().is_object()) return view.fail("expected an object");
  const OrderedJson known = without_nulls(view.json());
  Clocks clocks;
  FUSELINE_CHECK(read_value(JsonView(known, view.file(), view.path()), clocks));
  return clocks;
}

Result<void> read_final_rounds(const JsonView& search,
                               const std::function<std::optional<std::uint64_t>(const Configuration&)>& sequence_of,
                               RunInfo& info) {
  if (!search.has("finals")) return {};
  FUSELINE_TRY(finals, search.at("finals"));
  if (!finals.json().is_object() || !finals.has("timed")) return {};
  FUSELINE_TRY(sequences, read_timed(finals, sequence_of, info));
  FUSELINE_TRY(rounds, finals.at("rounds"));
  FUSELINE_CHECK(check_array(rounds, kMostRounds));
  for (std::size_t i = 0; i < rounds.json().size(); ++i) {
    FUSELINE_TRY(view, rounds.at(i));
    FUSELINE_TRY(round, read_round(view, sequences));
    info.final_rounds.push_back(std::move(round));
  }
  return {};
}

}  // namespace fuseline::tuner
