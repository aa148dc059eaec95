// What goes back to the system while it is not needed any more.
#include "tuner/base/memory.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fuseline::tuner {
namespace {

constexpr std::size_t kBytes = std::size_t{8} << 20;

/// Pages of a text that are in memory; those at its ends are left out.
std::size_t resident_pages(const std::string& text) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(text.data());
  const std::uintptr_t first = (begin + page - 1) / page * page, end = (begin + text.size()) / page * page;
  std::vector<unsigned char> in((end - first) / page);
  EXPECT_EQ(mincore(const_cast<char*>(text.data()) + (first - begin), end - first, in.data()), 0);
  std::size_t count = 0;
  for (const unsigned char each : in) count += each & 1U;
  return count;
}

TEST(Memory, TheStartOfATextGoesAndTheRestStays) {
  std::string text(kBytes, 'x');
  const std::size_t before = resident_pages(text), forgotten = kBytes / 4 * 3 + 17;
  forget_start(text, forgotten);
  EXPECT_LT(resident_pages(text), before / 2);
  EXPECT_EQ(text.size(), kBytes);
  EXPECT_EQ(text.find_first_not_of('x', forgotten), std::string::npos) << "what was not forgotten is as it was";
  forget_start(text, 2 * kBytes);  // No more than there is.
  text.assign(kBytes, 'y');
  EXPECT_EQ(text.find_first_not_of('y'), std::string::npos) << "it can be written again";
  std::string small = "a few bytes";
  forget_start(small, small.size());
  EXPECT_EQ(small, "a few bytes") << "pages that hold something else stay";
}

}  // namespace
}  // namespace fuseline::tuner
