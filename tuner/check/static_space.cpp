#include "tuner/check/static_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/problem/included_headers.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {
namespace {

constexpr int kLanes = 32;

std::int64_t volume(const std::int64_t (&extents)[3]) { return extents[0] * extents[1] * extents[2]; }

/// What an image says, whoever made it.
struct ImageFacts {
  std::string reason;  ///< Why there is none.
  std::optional<KernelImage> image;
  std::map<std::string, std::string> symbols;  ///< Of kernels as launches name them.
  int registers = 0;                           ///< Of the kernel that takes most, where the image cannot be read.
  std::optional<std::int64_t> spill_bytes;
};

ImageFacts facts_of(const BuildReply& reply, const std::string& source_name) {
  ImageFacts facts;
  facts.reason = printable(reply.reason);
  if (!facts.reason.empty()) return facts;
  if (auto image = read_cubin(reply.image, source_name)) facts.image = std::move(*image);
  facts.symbols = reply.symbols;
  facts.registers = reply.registers;
  facts.spill_bytes = reply.spill_bytes;
  return facts;
}

/// Of a variant that is given as an image: what it says of itself.
ImageFacts facts_of(const Variant& variant, const ResolvedConfiguration& resolved) {
  ImageFacts facts;
  const auto found = variant.images.find(resolved.source_name);
  // resolve() has held launches against it.
  if (found == variant.images.end() || !found->second) return facts;
  facts.image = *found->second;
  bool stackless = variant.form == KernelForm::cubin;
  for (const KernelEntry& entry : facts.image->entries) stackless = stackless && entry.local_bytes == 0;
  if (stackless) facts.spill_bytes = 0;  // Nowhere to spill to.
  return facts;
}

const KernelEntry* entry_of(const ImageFacts& facts, const std::string& kernel) {
  if (!facts.image) return nullptr;
  const auto symbol = facts.symbols.find(kernel);
  const std::string& name = symbol == facts.symbols.end() ? kernel : symbol->second;
  const auto& entries = facts.image->entries;
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& each) { return each.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

class Looking {
 public:
  explicit Looking(const StaticGround& ground)
      : ground_(ground), capability_(ground.chip.compute_major * 10 + ground.chip.compute_minor) {}

  Result<StaticFindings> look_at(const std::vector<Configuration>& configurations) {
    findings_.entries.resize(configurations.size());
    for (std::size_t i = 0; i < configurations.size(); ++i) FUSELINE_CHECK(take(i, configurations[i]));
    FUSELINE_CHECK(compile());
    return std::move(findings_);
  }

 private:
  /// An image to make, and whom it is for.
  struct Image {
    const Variant* variant = nullptr;
    ResolvedConfiguration resolved;
    std::vector<std::size_t> entries;
  };

  Result<void> take(std::size_t place, const Configuration& configuration) {
    StaticEntry& entry = findings_.entries[place];
    entry.configuration = configuration;
    FUSELINE_TRY(variant, find_variant(ground_.entry->variants, configuration.variant));
    FUSELINE_TRY(why, misfit(*variant, configuration, *ground_.instance, ground_.chip));
    if (!why.empty()) {
      entry.state = StaticState::misfit;
      entry.reason = printable(why);
      return {};
    }
    auto resolved = resolve(*variant, configuration, *ground_.instance, ground_.chip);
    if (!resolved) {
      // What is finished may be missing for this chip, or ask for more than it has.
      if (variant->form == KernelForm::cuda) return tl::unexpected(resolved.error());
      entry.reason = printable(resolved.error().message());
      return {};
    }
    for (const ResolvedLaunch& launch : resolved->launches) entry.launches.push_back({launch.kernel, launch.launch});
    if (resolved->shown_launch) entry.shown = *resolved->shown_launch;
    FUSELINE_TRY(in_flight, bytes_in_flight(*variant, configuration, *ground_.instance, ground_.chip));
    entry.in_flight_per_sm = in_flight;  // A thread's, until the residency is known.
    if (variant->form != KernelForm::cuda) {
      judge(entry, facts_of(*variant, *resolved), resolved->shown_launch.has_value());
      return {};
    }
    auto [distinct, made] = distinct_.try_emplace(variant, ground_.headers);
    const std::string key =
        variant->name + "\n" + distinct->second.key(*resolved, variant->sources.at(resolved->source_name), capability_);
    const auto [image, fresh] = by_key_.try_emplace(key, images_.size());
    if (fresh) images_.push_back({variant, std::move(*resolved), {}});
    images_[image->second].entries.push_back(place);
    return {};
  }

  Result<void> compile() {
    if (images_.empty()) return {};
    if (!ground_.build) return worker_error("no kernels can be compiled: there is no compiler here");
    std::vector<std::string> warnings;
    FUSELINE_CHECK(known_capabilities(ground_.build, {capability_}, warnings));
    const auto request = [&](std::size_t i) {
      BuildRequest build;
      build.configuration = {i, images_[i].resolved, images_[i].variant->sources.at(images_[i].resolved.source_name)};
      build.headers = headers_of(*build.configuration.source);
      build.architecture = architecture_of(capability_);
      build.cache_folder = ground_.cache_folder;
      return build;
    };
    return ground_.build(images_.size(), request, [&](const BuildReply& reply) {
      const Image& image = images_.at(reply.id);
      const ImageFacts facts = facts_of(reply, image.resolved.source_name);
      for (const std::size_t place : image.entries)
        judge(findings_.entries[place], facts, image.resolved.shown_launch.has_value());
      ++findings_.images;
      if (ground_.progress) ground_.progress(findings_.images, images_.size());
    });
  }

  /// What a source includes; a message with all there are takes longer to read than an image to make.
  const std::map<std::string, std::string>& headers_of(const std::string& source) {
    const auto found = headers_.find(&source);
    if (found != headers_.end()) return found->second;
    return headers_.emplace(&source, included_headers(source, *ground_.headers)).first->second;
  }

  void judge(StaticEntry& entry, const ImageFacts& facts, bool shown_is_named) const {
    const auto bytes_a_thread = std::exchange(entry.in_flight_per_sm, std::nullopt);
    if (!facts.reason.empty()) {
      entry.state = StaticState::failed;
      entry.reason = facts.reason;
      return;
    }
    entry.spill_bytes = facts.spill_bytes;
    entry.state = !facts.spill_bytes       ? StaticState::open
                  : *facts.spill_bytes > 0 ? StaticState::spills
                                           : StaticState::fits;
    for (StaticLaunch& launch : entry.launches) {
      const Residency at_most = place(launch, facts);
      if (at_most.blocks > 0) continue;
      entry.state = StaticState::misfit;
      entry.reason =
          fmt::format("an SM holds no block of {}: too many {}", printable(launch.kernel), to_string(at_most.limit));
      if (at_most.limit == ResidencyLimit::shared_memory)
        entry.reason = fmt::format("an SM holds no block of {}: too much shared memory", printable(launch.kernel));
    }
    if (!shown_is_named) entry.shown = least_occupied(entry);
    const StaticLaunch* shown = entry.shown_launch();
    if (shown == nullptr || !shown->residency || !bytes_a_thread) return;
    // A persistent grid may have fewer blocks than an SM could hold.
    const std::int64_t sms = std::max(ground_.chip.sm_count, 1);
    const std::int64_t blocks =
        std::min<std::int64_t>(shown->residency->blocks, (volume(shown->launch.grid) + sms - 1) / sms);
    const auto warps = static_cast<double>(blocks * BlockNeeds{threads(*shown)}.warps());
    entry.in_flight_per_sm = *bytes_a_thread * warps * kLanes;
  }

  static int threads(const StaticLaunch& launch) { return static_cast<int>(volume(launch.launch.block)); }

  /// Fills in what the image says of the launch; the residency by what is known of it.
  Residency place(StaticLaunch& launch, const ImageFacts& facts) const {
    const KernelEntry* kernel = entry_of(facts, launch.kernel);
    if (kernel != nullptr) {
      if (kernel->registers > 0) launch.registers = kernel->registers;
      launch.static_shared_bytes = kernel->static_shared_bytes;
    }
    BlockNeeds needs{threads(launch), launch.registers.value_or(kernel == nullptr ? facts.registers : 0),
                     launch.launch.shared_bytes + launch.static_shared_bytes.value_or(0)};
    const Residency held = residency(ground_.chip, needs);
    if (!launch.registers || !launch.static_shared_bytes) return held;
    launch.residency = held;
    const double at_once = static_cast<double>(held.blocks) * ground_.chip.sm_count;
    if (at_once > 0) launch.waves = static_cast<double>(volume(launch.launch.grid)) / at_once;
    return held;
  }

  static std::size_t least_occupied(const StaticEntry& entry) {
    const auto occupancy = [](const StaticLaunch& launch) {
      return launch.residency ? launch.residency->occupancy : std::numeric_limits<double>::infinity();
    };
    const auto least = std::min_element(entry.launches.begin(), entry.launches.end(),
                                        [&](const auto& a, const auto& b) { return occupancy(a) < occupancy(b); });
    return static_cast<std::size_t>(least - entry.launches.begin());
  }

  const StaticGround& ground_;
  int capability_ = 0;
  StaticFindings findings_;
  std::vector<Image> images_;
  std::map<const Variant*, DistinctImages> distinct_;
  std::map<const std::string*, std::map<std::string, std::string>> headers_;  ///< By source.
  std::map<std::string, std::size_t> by_key_;
};

}  // namespace

std::string_view to_string(StaticState state) {
  switch (state) {
    case StaticState::fits:
      return "fits";
    case StaticState::open:
      return "open";
    case StaticState::spills:
      return "spills";
    case StaticState::misfit:
      return "misfit";
    case StaticState::failed:
      return "failed";
  }
  return "";
}

Result<StaticFindings> look_at_configurations(const StaticGround& ground,
                                              const std::vector<Configuration>& configurations) {
  return Looking(ground).look_at(configurations);
}

bool static_order(const StaticEntry& a, const StaticEntry& b) {
  const auto key = [](const StaticEntry& entry) {
    const StaticLaunch* launch = entry.shown_launch();
    const bool placed = launch != nullptr && launch->residency.has_value();
    const double occupancy = placed ? launch->residency->occupancy : -1;
    const int registers = launch == nullptr ? 0 : launch->registers.value_or(std::numeric_limits<int>::max());
    return std::tuple(entry.state, entry.spill_bytes.value_or(0), -occupancy, -entry.in_flight_per_sm.value_or(-1),
                      registers);
  };
  return key(a) < key(b);
}

std::size_t StaticSpace::count(StaticState state) const {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [state](const auto& entry) { return entry.state == state; }));
}

Result<StaticSpace> static_space(const StaticGround& ground, const Target& chip, const SpaceSelection& selection) {
  FUSELINE_TRY(space, variant_space(*ground.entry, *ground.instance, ground.chip, selection));
  if (space->size() > kMostStatic) {
    return bad_input(
        fmt::format("the space has {} configurations, and {} are looked at without a GPU, at most: narrow "
                    "it by --variant or --param",
                    grouped(static_cast<double>(space->size())), grouped(kMostStatic)));
  }
  std::vector<Configuration> configurations;
  configurations.reserve(space->size());
  for (std::uint64_t i = 0; i < space->size(); ++i) configurations.push_back(space->configuration(i));
  FUSELINE_TRY(found, look_at_configurations(ground, configurations));
  StaticSpace result;
  result.chip = chip;
  result.instance = *ground.instance;
  result.entries = std::move(found.entries);
  result.images = found.images;
  for (const SubSpace& each : space->subspaces()) result.raw_size += each.raw_size;
  std::stable_sort(result.entries.begin(), result.entries.end(), static_order);
  result.copy = streaming_rate(chip);
  const auto bytes = static_cast<double>(ground.instance->compulsory_bytes);
  if (chip.dram_gbps > 0) result.floor_ms = floor_ms(ground.instance->flops, bytes, chip.dram_gbps, chip.fp32_gflops);
  if (result.copy.gbps > 0)
    result.copy_floor_ms = floor_ms(ground.instance->flops, bytes, result.copy.gbps, chip.fp32_gflops);
  return result;
}

}  // namespace fuseline::tuner
