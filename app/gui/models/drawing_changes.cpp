#include "app/gui/models/drawing_changes.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kMostBoxes = 4;
/// Two boxes are one where that draws fewer pixels more than this: each costs its draw calls.
constexpr std::int64_t kPixelsOfABox = 2048;
constexpr std::size_t kShortestRun = 4, kLongestRun = 64;  ///< Triangles.
constexpr std::uint64_t kRunEnds = 7;                      ///< One triangle in eight ends a run.
constexpr float kLargeTriangle = 40'000;  ///< Pixels of its box; it stands apart, so that what changes beside it does.

/// Both halves of the product: every bit of either number reaches every bit of what comes out.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  __extension__ using Product = unsigned __int128;
  const Product product = static_cast<Product>(a ^ 0x9E3779B97F4A7C15U) * (b ^ 0xD1B54A32D192ED03U);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// What is not a number bounds nothing.
struct Extent {
  float left = std::numeric_limits<float>::max(), top = std::numeric_limits<float>::max();
  float right = std::numeric_limits<float>::lowest(), bottom = std::numeric_limits<float>::lowest();

  void add(float x, float y) {
    left = x < left ? x : left;
    right = x > right ? x : right;
    top = y < top ? y : top;
    bottom = y > bottom ? y : bottom;
  }
  void add(const Extent& other) {
    add(other.left, other.top);
    add(other.right, other.bottom);
  }
  [[nodiscard]] bool large() const { return (right - left) * (bottom - top) >= kLargeTriangle; }
  /// The pixels whose middle can be inside.
  [[nodiscard]] PixelBox within(const PixelBox& clip) const {
    const auto pixel = [](float at, int low, int high) {
      if (!(at > static_cast<float>(low))) return low;
      return at < static_cast<float>(high) ? static_cast<int>(at) : high;
    };
    return {pixel(std::floor(left), clip.left, clip.right), pixel(std::floor(top), clip.top, clip.bottom),
            pixel(std::ceil(right), clip.left, clip.right), pixel(std::ceil(bottom), clip.top, clip.bottom)};
  }
};

struct Triangle {
  std::uint64_t hash = 0;
  Extent extent;

  void add(const std::byte* vertex) {
    std::uint64_t place = 0, texture_place = 0;
    std::uint32_t colour = 0;
    std::memcpy(&place, vertex, sizeof place);
    std::memcpy(&texture_place, vertex + 8, sizeof texture_place);
    std::memcpy(&colour, vertex + 16, sizeof colour);
    float x = 0, y = 0;
    std::memcpy(&x, vertex, sizeof x);
    std::memcpy(&y, vertex + 4, sizeof y);
    hash = mixed(hash ^ place, mixed(texture_place, colour + 1));
    extent.add(x, y);
  }
};

/// Gathers triangles until a run ends.
class RunMaker {
 public:
  RunMaker(std::vector<Drawing::Run>& runs, const PixelBox& clip, std::uint64_t seed)
      : runs_(runs), clip_(clip), seed_(seed) {}

  void add(const Triangle& triangle) {
    const bool large = triangle.extent.large();
    if (count_ > 0 && large != large_) end();
    large_ = large;
    if (count_ == 0) hash_ = seed_, extent_ = {};
    hash_ = mixed(hash_, triangle.hash);
    extent_.add(triangle.extent);
    ++count_;
    if ((count_ >= kShortestRun && (triangle.hash & kRunEnds) == 0) || count_ >= kLongestRun) end();
  }
  void end() {
    if (count_ == 0) return;
    count_ = 0;
    const PixelBox box = extent_.within(clip_);
    if (box.empty()) return;
    runs_.push_back({hash_, box});
    box_ = box_.around(box);
  }
  [[nodiscard]] const PixelBox& box() const { return box_; }

 private:
  std::vector<Drawing::Run>& runs_;
  PixelBox clip_, box_;
  std::uint64_t seed_, hash_ = 0;
  Extent extent_;
  std::size_t count_ = 0;
  bool large_ = false;
};

/// A stretch of each of two drawings.
struct Stretch {
  std::size_t before = 0, before_end = 0, now = 0, now_end = 0;
};

/// Makes few boxes of many, as they come.
class FewBoxes {
 public:
  void add(const PixelBox& box) {
    for (const PixelBox& each : boxes_)
      if (each.common(box) == box) return;
    boxes_.push_back(box);
    if (boxes_.size() > kMostBoxes) join(cheapest());
  }
  /// No two of them share a pixel, or lie so near that one is as good.
  std::vector<PixelBox> take() {
    for (Pair pair = cheapest(); boxes_.size() > 1; pair = cheapest()) {
      const bool apart = boxes_[pair.first].common(boxes_[pair.second]).empty();
      if (apart && pair.cost > kPixelsOfABox && !overlapping(pair)) break;
      join(pair);
    }
    return std::move(boxes_);
  }

 private:
  struct Pair {
    std::size_t first = 0, second = 1;
    std::int64_t cost = std::numeric_limits<std::int64_t>::max();  ///< Pixels that only the box round both has.
  };
  template <class Visit>
  void each_pair(Visit&& visit) const {
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      for (std::size_t j = i + 1; j < boxes_.size(); ++j) visit(i, j);
    }
  }
  [[nodiscard]] Pair cheapest() const {
    Pair best;
    each_pair([&](std::size_t i, std::size_t j) {
      const std::int64_t cost = boxes_[i].around(boxes_[j]).area() - boxes_[i].area() - boxes_[j].area();
      if (cost < best.cost) best = {i, j, cost};
    });
    return best;
  }
  /// Changes `pair` to one that overlaps; false where there is none.
  [[nodiscard]] bool overlapping(Pair& pair) const {
    bool found = false;
    each_pair([&](std::size_t i, std::size_t j) {
      if (found || boxes_[i].common(boxes_[j]).empty()) return;
      pair = {i, j, 0};
      found = true;
    });
    return found;
  }
  void join(const Pair& pair) {
    boxes_[pair.first] = boxes_[pair.first].around(boxes_[pair.second]);
    boxes_.erase(boxes_.begin() + static_cast<std::ptrdiff_t>(pair.second));
  }

  std::vector<PixelBox> boxes_;
};

class Comparison {
 public:
  Comparison(const Drawing& before, const Drawing& now) : before_(before.runs()), now_(now.runs()) {}

  std::vector<PixelBox> changed() {
    Stretch all = trimmed({0, before_.size(), 0, now_.size()});
    for (const auto& [in_before, in_now] : anchors(all)) {
      take({all.before, in_before, all.now, in_now});
      all.before = in_before + 1;
      all.now = in_now + 1;
    }
    take(all);
    return boxes_.take();
  }

 private:
  /// Without what is the same at both ends.
  [[nodiscard]] Stretch trimmed(Stretch stretch) const {
    while (stretch.before < stretch.before_end && stretch.now < stretch.now_end &&
           before_[stretch.before].hash == now_[stretch.now].hash) {
      ++stretch.before;
      ++stretch.now;
    }
    while (stretch.before < stretch.before_end && stretch.now < stretch.now_end &&
           before_[stretch.before_end - 1].hash == now_[stretch.now_end - 1].hash) {
      --stretch.before_end;
      --stretch.now_end;
    }
    return stretch;
  }
  void take(const Stretch& stretch) {
    const Stretch rest = trimmed(stretch);
    for (std::size_t i = rest.before; i < rest.before_end; ++i) boxes_.add(before_[i].box);
    for (std::size_t i = rest.now; i < rest.now_end; ++i) boxes_.add(now_[i].box);
  }

  using Match = std::pair<std::size_t, std::size_t>;  ///< A run before, and the same now.

  /// Runs that both have once. The longest series of them in one order is what stayed (Cohen's patience diff).
  [[nodiscard]] std::vector<Match> anchors(const Stretch& stretch) const {
    struct Places {
      std::size_t before = 0, times_before = 0, times_now = 0;
    };
    std::unordered_map<std::uint64_t, Places> places;
    for (std::size_t i = stretch.before; i < stretch.before_end; ++i) {
      Places& of = places[before_[i].hash];
      of.before = i;
      ++of.times_before;
    }
    for (std::size_t i = stretch.now; i < stretch.now_end; ++i) {
      if (const auto found = places.find(now_[i].hash); found != places.end()) ++found->second.times_now;
    }
    std::vector<Match> matches;
    for (std::size_t i = stretch.now; i < stretch.now_end; ++i) {
      const auto found = places.find(now_[i].hash);
      if (found != places.end() && found->second.times_before == 1 && found->second.times_now == 1)
        matches.emplace_back(found->second.before, i);
    }
    return longest_rising(matches);
  }
  [[nodiscard]] static std::vector<Match> longest_rising(const std::vector<Match>& matches) {
    std::vector<std::size_t> ends, earlier(matches.size());  // ends[n]: the lowest end of a series of n + 1.
    for (std::size_t i = 0; i < matches.size(); ++i) {
      const auto at = std::lower_bound(ends.begin(), ends.end(), matches[i].first,
                                       [&](std::size_t end, std::size_t value) { return matches[end].first < value; });
      earlier[i] = at == ends.begin() ? i : *std::prev(at);
      if (at == ends.end()) {
        ends.push_back(i);
      } else {
        *at = i;
      }
    }
    std::vector<Match> series;
    for (std::size_t i = ends.empty() ? 0 : ends.back(); series.size() < ends.size(); i = earlier[i])
      series.push_back(matches[i]);
    std::reverse(series.begin(), series.end());
    return series;
  }

  const std::vector<Drawing::Run>&before_, &now_;
  FewBoxes boxes_;
};

}  // namespace

PixelBox PixelBox::around(const PixelBox& other) const {
  if (empty()) return other;
  if (other.empty()) return *this;
  return {std::min(left, other.left), std::min(top, other.top), std::max(right, other.right),
          std::max(bottom, other.bottom)};
}

void Drawing::clear() {
  runs_.clear();
  calls_.clear();
}

template <class Index>
void Drawing::add(const PixelBox& clip, std::uint64_t texture, std::span<const std::byte> vertices,
                  std::span<const Index> elements) {
  if (clip.empty()) {
    calls_.emplace_back();
    return;
  }
  const auto two = [](int a, int b) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(a)) << 32U) | static_cast<std::uint32_t>(b);
  };
  const std::uint64_t seed = mixed(texture + 1, mixed(two(clip.left, clip.top), two(clip.right, clip.bottom)));
  RunMaker maker(runs_, clip, seed);
  for (std::size_t i = 0; i + 2 < elements.size(); i += 3) {
    Triangle triangle;
    for (std::size_t corner = 0; corner < 3; ++corner)
      triangle.add(vertices.data() + kVertexBytes * static_cast<std::size_t>(elements[i + corner]));
    maker.add(triangle);
  }
  maker.end();
  calls_.push_back(maker.box());
}

template void Drawing::add(const PixelBox&, std::uint64_t, std::span<const std::byte>, std::span<const std::uint16_t>);
template void Drawing::add(const PixelBox&, std::uint64_t, std::span<const std::byte>, std::span<const std::uint32_t>);

std::vector<PixelBox> changed_boxes(const Drawing& before, const Drawing& now) {
  return Comparison(before, now).changed();
}

}  // namespace fuseline::app::gui
