#include "tuner/problem/block_index.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tuner/problem/kernel_signature.hpp"

namespace fuseline::tuner {
namespace {

BlockIndex index_of(const std::string& body, char axis = 'x') {
  const auto text = read_kernel_text("__global__ void k(int n) {" + body + "}", "k.cu");
  EXPECT_TRUE(text) << text.error().message();
  return read_block_index(text->kernels.at(0).body, axis);
}

using Kind = BlockIndex::Kind;

TEST(BlockIndices, AThreadAnElement) {
  for (const char* body : {"int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) x[i] = 1;",
                           "const size_t i = threadIdx.x + (size_t)blockIdx.x * blockDim.x; if (i >= n) return;",
                           "int i = blockDim.x * blockIdx.x + threadIdx.x; if (ok && i < n) {}",
                           "for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {}",
                           "long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; if(i<n){}"}) {
    const BlockIndex index = index_of(body);
    EXPECT_EQ(index.kind, Kind::thread) << body;
    EXPECT_EQ(index.threads, "blockDim.x") << body;
    EXPECT_EQ(index.bound, "n") << body;
    EXPECT_EQ(index.factor, "") << body;
    EXPECT_FALSE(index.warps) << body;
  }
  EXPECT_EQ(index_of("int i = blockIdx.x * 256 + threadIdx.x; if (i < rows * cols / 4) {}").bound, "rows*cols/4");
  EXPECT_EQ(index_of("int i = blockIdx.x * 256 + threadIdx.x; if (i < f(n)[2]) {}").bound, "");
}

TEST(BlockIndices, SeveralElementsAThreadAndAWarpARow) {
  const BlockIndex four = index_of("int i = (blockIdx.x * BLOCK + threadIdx.x) * 4; if (i < n) {}");
  EXPECT_EQ(four.threads, "BLOCK");
  EXPECT_EQ(four.factor, "4");
  const BlockIndex warp = index_of("int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32; if (row >= rows) return;");
  EXPECT_TRUE(warp.warps);
  EXPECT_EQ(warp.bound, "rows");
}

TEST(BlockIndices, ABlockARow) {
  const BlockIndex row = index_of("int row = blockIdx.x; if (row >= rows) return;");
  EXPECT_EQ(row.kind, Kind::block);
  EXPECT_EQ(row.bound, "rows");
  const BlockIndex pointer =
      index_of("const float* mine = x + blockIdx.x * cols; for (int i = threadIdx.x; i < n;) {}");
  EXPECT_EQ(pointer.kind, Kind::block);
  EXPECT_EQ(pointer.threads, "cols");
  EXPECT_EQ(pointer.bound, "");
  EXPECT_EQ(index_of("x[threadIdx.x] = 1;").kind, Kind::none);
}

TEST(BlockIndices, AxesAreToldApart) {
  const std::string body =
      "int c = blockIdx.x * blockDim.x + threadIdx.x; int r = blockIdx.y * blockDim.y + threadIdx.y;"
      "if (r < rows && c < cols) {}";
  EXPECT_EQ(index_of(body, 'x').bound, "cols");
  EXPECT_EQ(index_of(body, 'y').bound, "rows");
  EXPECT_EQ(index_of(body, 'z').kind, Kind::none);
  const std::string one =
      "int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.y + threadIdx.y;"
      "if (c < min(width, 5) && c < width && r < height) {}";
  EXPECT_EQ(index_of(one, 'x').bound, "");
  EXPECT_EQ(index_of(one, 'y').bound, "height");
}

TEST(BlockIndices, AnyTextIsSurvived) {
  const std::string body = "int i=(blockIdx.x*blockDim.x+threadIdx.x)*4;if(i<n*(2+m)){}";
  for (std::size_t at = 0; at < body.size(); ++at) {
    static_cast<void>(read_block_index(body.substr(0, at), 'x'));
    static_cast<void>(read_block_index(body.substr(at), 'x'));
  }
}

}  // namespace
}  // namespace fuseline::tuner
