#include "tuner/report/known_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/counters/instruction_mix.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kWarp = 32;
constexpr const char* kUnknown = "n/a";

/// The figures in their order.
class Known {
 public:
  Known(const Run& run, const Evaluation& evaluation, const Catalog* catalog)
      : info_(run.info),
        evaluation_(evaluation),
        measurement_(evaluation.measurement),
        figures_(figures_of(run.info, evaluation)),
        catalog_(catalog) {}

  std::vector<KnownFigure> list() {
    resources();
    in_flight();
    rates();
    clocks();
    mix();
    for (const auto& [id, name] : {std::pair("bounds", "what bounds it"), std::pair("fusion", "bytes that DRAM moved"),
                                   std::pair("executed", "operations executed")})
      unknown(id, name, "only hardware counters tell, and none were read");
    if (!measurement_.source_profile)
      unknown("stalls", "stalls", "only samples tell, and none were taken (fuseline profile --source)");
    return std::move(list_);
  }

 private:
  void add(std::string id, std::string name, double value, std::string unit, std::string text, std::string from) {
    list_.push_back({std::move(id), std::move(name), value, std::move(unit), std::move(text), std::move(from)});
  }
  void unknown(std::string id, std::string name, std::string why) {
    list_.push_back({std::move(id), std::move(name), std::nullopt, "", kUnknown, std::move(why)});
  }
  [[nodiscard]] std::string recorded(const std::string& from) const {
    return info_.backend == Backend::replay ? from + ", as recorded" : from;
  }

  void resources() {
    const Launch* launch = shown_launch(measurement_);
    if (launch != nullptr)
      add("shared_dynamic", "shared memory asked for", static_cast<double>(launch->shared_bytes), "bytes",
          format_bytes(static_cast<double>(launch->shared_bytes)), "the launch");
    const auto& facts = measurement_.facts;
    if (!facts) {
      unknown("registers", "registers a thread", "the recording does not say");
      unknown("occupancy", "occupancy", "the recording does not say");
      return;
    }
    add("registers", "registers a thread", facts->registers, "", std::to_string(facts->registers),
        recorded("the image, by the driver"));
    add("spills", "spilled", static_cast<double>(facts->spill_bytes), "bytes",
        fmt::format("{} bytes a thread", facts->spill_bytes), recorded("the compiler"));
    add("shared_static", "shared memory declared", static_cast<double>(facts->static_shared_bytes), "bytes",
        format_bytes(static_cast<double>(facts->static_shared_bytes)), recorded("the image, by the driver"));
    add("occupancy", "occupancy, the most possible", 100 * facts->occupancy, "%", facts->occupancy_text(),
        recorded("the driver's calculator"));
    if (facts->waves > 0)
      add("waves", "waves", facts->waves, "", fmt::format("{:.2f}", facts->waves),
          recorded("blocks of the grid over those that the device holds at once"));
  }

  /// Bytes of loads that all resident warps have under way.
  void in_flight() {
    const auto thread = a_thread();
    if (!thread) return unknown("in_flight", "bytes in flight", thread.error().reason);
    const double warps = resident_warps();
    if (!(warps > 0)) return unknown("in_flight", "bytes in flight", "how many warps are resident is not known");
    in_flight_ = *thread * kWarp * warps;
    add("in_flight", "bytes in flight", in_flight_, "bytes", format_bytes(in_flight_),
        fmt::format("{} resident warps x 32 x {:.4g} bytes a thread, which the manifest says", grouped(warps),
                    *thread));
  }

  [[nodiscard]] Result<double> a_thread() const {
    if (catalog_ == nullptr) return bad_input("the problem's manifest is not at hand");
    FUSELINE_TRY(entry, catalog_->find(info_.problem));
    FUSELINE_TRY(variant, find_variant(entry->variants, evaluation_.configuration.variant));
    FUSELINE_TRY(instance, instantiate(entry->problem, "", info_.dims, info_.dtype, info_.scalars));
    FUSELINE_TRY(bytes, bytes_in_flight(*variant, evaluation_.configuration, instance, info_.device.limits));
    if (!bytes) return bad_input("the manifest has no bytes_in_flight");
    return *bytes;
  }

  /// On the device, no more than the grid has.
  [[nodiscard]] double resident_warps() const {
    const DeviceLimits& limits = info_.device.limits;
    const Launch* launch = shown_launch(measurement_);
    if (!measurement_.facts || launch == nullptr) return 0;
    const auto volume = [](const std::int64_t(&extents)[3]) {
      return static_cast<double>(extents[0]) * static_cast<double>(extents[1]) * static_cast<double>(extents[2]);
    };
    const double most = measurement_.facts->occupancy * limits.max_threads_per_sm / kWarp * limits.sm_count;
    return std::min(most, volume(launch->grid) * volume(launch->block) / kWarp);
  }

  void rates() {
    if (!(figures_.gbps > 0)) {
      unknown("bandwidth", "bandwidth", "the compulsory bytes or the time are not known");
      return unknown("littles_law", "Little's law", "it needs a bandwidth");
    }
    add("bandwidth", "bandwidth", figures_.gbps, "GB/s",
        bandwidth_text(figures_.gbps) +
            (figures_.of_copy > 0 ? fmt::format(", {} of copy", percent_text(figures_.of_copy)) : ""),
        "compulsory bytes over the time: what DRAM moved may be more");
    if (!(in_flight_ > 0)) return unknown("littles_law", "Little's law", "it needs the bytes in flight");
    const double here = in_flight_ / figures_.gbps, copy = copy_gbps(info_);
    std::string text = fmt::format("a byte may take {} ns at this bandwidth", grouped(here));
    if (copy > 0) text += fmt::format(", {} ns at the copy's", grouped(in_flight_ / copy));
    add("littles_law", "Little's law", here, "ns", std::move(text),
        "bytes in flight over bandwidth: where memory answers later, more must be in flight");
  }

  void clocks() {
    const auto& clocks = clocks_of(info_, evaluation_);
    const std::string text = clocks ? clocks_text(*clocks) : "";
    if (text.empty()) return unknown("clocks", "clocks", "the device or the recording does not tell");
    add("clocks", "clocks", clocks->sm_mhz, "MHz", text, recorded("the driver, while it was timed"));
  }

  /// Where it is known it stands with the lines, which come after.
  void mix() {
    const auto& profile = measurement_.source_profile;
    if (!profile) return unknown("mix", "instruction mix", "nothing disassembled it (fuseline profile --source)");
    if (instruction_mix(*profile).classes.empty()) unknown("mix", "instruction mix", "nothing disassembled it");
  }

  const RunInfo& info_;
  const Evaluation& evaluation_;
  const Measurement& measurement_;
  Figures figures_;
  const Catalog* catalog_;
  double in_flight_ = 0;
  std::vector<KnownFigure> list_;
};

}  // namespace

std::vector<KnownFigure> known_figures(const Run& run, const Evaluation& evaluation, const Catalog* catalog) {
  return Known(run, evaluation, catalog).list();
}

std::string known_figures_text(const std::vector<KnownFigure>& figures, bool colour) {
  TextTable table{{"known without counters", "", "where it is from"}, {}};
  for (const KnownFigure& figure : figures) table.rows.push_back({figure.name, figure.text, figure.from});
  return table.render(colour);
}

OrderedJson known_figures_json(const std::vector<KnownFigure>& figures) {
  OrderedJson list = OrderedJson::array();
  for (const KnownFigure& figure : figures) {
    OrderedJson json;
    json["id"] = figure.id;
    json["name"] = figure.name;
    json["value"] = figure.value ? finite_or_null(*figure.value) : OrderedJson(nullptr);
    json["unit"] = figure.unit;
    json["text"] = figure.text;
    json["from"] = figure.from;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace fuseline::tuner
