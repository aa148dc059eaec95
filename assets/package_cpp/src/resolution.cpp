#include "resolution.hpp"

#include <cmath>
#include <cstring>

namespace fuseline_package {
namespace detail {
namespace {

constexpr double kLargestFloat = 3.4028234663852886e38;
constexpr double kMostElements = 17592186044416.0;  // 2^44
constexpr std::int64_t kGridLimits[3] = {2147483647, 65535, 65535};
constexpr std::int64_t kBlockLimits[3] = {1024, 1024, 64};

std::string quoted(const char* text) { return std::string("expression \"") + text + "\""; }

}  // namespace

bool Resolution::fail(const std::string& reason) {
  reason_ = reason;
  return false;
}

bool Resolution::evaluated(const char* text) {
  const char* const error = take_number_error();
  return error == nullptr || fail(quoted(text) + " " + error);
}

bool Resolution::needs_capability(double least) {
  const auto tenths = [](double capability) { return static_cast<int>(std::lround(capability * 10)); };
  if (tenths(device_.compute_capability) >= tenths(least)) return true;
  const auto shown = [&](double capability) {
    return std::to_string(tenths(capability) / 10) + "." + std::to_string(tenths(capability) % 10);
  };
  return fail("it needs compute capability " + shown(least) + ", and " + shown(device_.compute_capability) +
              " is there");
}

bool Resolution::value(Number& result, Number value, const char* text) {
  result = value;
  return evaluated(text);
}

bool Resolution::whole(Number& result, double least, Number value, const char* text) {
  if (!evaluated(text)) return false;
  const double rounded = std::nearbyint(value.value());
  if (std::fabs(value.value() - rounded) > 1e-9) return fail(quoted(text) + " gives what is no integer");
  if (rounded < least || rounded > kLargestWhole) return fail(quoted(text) + " gives what is out of range");
  result = rounded;
  return true;
}

bool Resolution::meets(Number condition, const char* text, const char* reason) {
  return evaluated(text) && (static_cast<bool>(condition) || fail(reason));
}

void Resolution::launch(bool cooperative) {
  launches.emplace_back();
  launches.back().cooperative = cooperative;
}

bool Resolution::extent(std::int64_t& result, Number value, const char* text) {
  Number rounded;
  if (!whole(rounded, 1, value, text)) return false;
  result = static_cast<std::int64_t>(rounded.value());
  return true;
}

bool Resolution::grid(int axis, Number blocks, const char* text) {
  return extent(launches.back().grid[axis], blocks, text);
}

bool Resolution::block(int axis, Number threads, const char* text) {
  return extent(launches.back().block[axis], threads, text);
}

bool Resolution::shared(Number bytes, const char* text) {
  Number rounded;
  if (!whole(rounded, 0, bytes, text)) return false;
  launches.back().shared_bytes = static_cast<std::int64_t>(rounded.value());
  return true;
}

bool Resolution::buffer(std::size_t position) {
  launches.back().arguments.push_back({Kind::buffer, position});
  return true;
}

bool Resolution::integer(Kind kind, Number value, const char* text) {
  Number rounded;
  return whole(rounded, -kLargestWhole, value, text) && literal(kind, static_cast<std::int64_t>(rounded.value()));
}

bool Resolution::literal(Kind kind, std::int64_t value) {
  constexpr std::int64_t kTwo31 = std::int64_t{1} << 31;
  const bool in_range = kind == Kind::i32   ? value >= -kTwo31 && value < kTwo31
                        : kind == Kind::u32 ? value >= 0 && value < 2 * kTwo31
                        : kind == Kind::u64 ? value >= 0
                                            : true;
  if (!in_range) return fail(std::to_string(value) + " is given for an argument that cannot hold it");
  // Little-endian, as every host of a GPU is: the first four bytes are the 32-bit number.
  launches.back().arguments.push_back({kind, static_cast<std::uint64_t>(value)});
  return true;
}

bool Resolution::real(Kind kind, Number value, const char* text) {
  if (!evaluated(text)) return false;
  Argument argument{kind, 0};
  if (kind == Kind::f32) {
    if (std::fabs(value.value()) > kLargestFloat) return fail(quoted(text) + " gives what no float can hold");
    const auto narrow = static_cast<float>(value.value());
    std::memcpy(&argument.bits, &narrow, sizeof narrow);
  } else {
    const double wide = value.value();
    std::memcpy(&argument.bits, &wide, sizeof wide);
  }
  launches.back().arguments.push_back(argument);
  return true;
}

bool Resolution::within_limits() {
  for (const Launch& each : launches) {
    for (int axis = 0; axis < 3; ++axis) {
      if (each.grid[axis] > kGridLimits[axis] || each.block[axis] > kBlockLimits[axis]) {
        return fail(std::to_string(each.grid[axis]) + " blocks of " + std::to_string(each.block[axis]) +
                    " threads along axis " + std::to_string(axis) + " are over the limits");
      }
    }
    // A limit that is not known (0) bounds nothing.
    const auto over = [](double wanted, double limit) { return limit > 0 && wanted > limit; };
    const auto threads = static_cast<double>(each.block[0] * each.block[1] * each.block[2]);
    if (over(threads, device_.max_threads_per_block))
      return fail(std::to_string(static_cast<std::int64_t>(threads)) + " threads a block are over the limit there");
    if (over(static_cast<double>(each.shared_bytes), device_.shared_bytes_per_block))
      return fail(std::to_string(each.shared_bytes) + " bytes of shared memory a block are over the limit there");
  }
  return true;
}

bool Resolution::scratch(Number elements, double element_bytes, bool zeroed, const char* text) {
  Number rounded;
  if (!whole(rounded, 0, elements, text)) return false;
  if (rounded > kMostElements) return fail(quoted(text) + " gives more than 2^44 elements of workspace");
  workspaces.push_back({static_cast<std::size_t>(rounded.value() * element_bytes), zeroed});
  return true;
}

}  // namespace detail
}  // namespace fuseline_package
