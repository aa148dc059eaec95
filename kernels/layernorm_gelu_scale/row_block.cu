// A block takes a row, for rows too wide for a warp: the row stays in registers as it lies in memory where it fits, and
// is read again (from L2 as a rule) where it does not.
#include "common/gelu.cuh"
#include "common/reduce.cuh"
#include "common/vector.cuh"

using namespace fuseline;

namespace {

constexpr int width = DIM_W;
constexpr int threads = PARAM_block;
constexpr int vector = PARAM_vector_bytes / dtype_bytes;
constexpr int chunks = cdiv(width, threads* vector);  // Vectors that a thread holds.
constexpr int kept = chunks < PARAM_kept ? chunks : PARAM_kept;
constexpr bool whole = width == chunks * threads * vector;
constexpr float inverse_width = 1.0f / static_cast<float>(width);
static_assert(width % vector == 0, "rows must be aligned to the access");

struct Row {
  const T* start;
  Pack<vector> packs[kept];

  FUSELINE_DEVICE static int column(int chunk) { return (chunk * threads + static_cast<int>(threadIdx.x)) * vector; }
  FUSELINE_DEVICE static bool owns(int chunk) { return whole || chunk + 1 < chunks || column(chunk) < width; }

  FUSELINE_DEVICE explicit Row(const T* row) : start(row) {
#pragma unroll
    for (int k = 0; k < kept; ++k)
      packs[k] = owns(k) ? load_pack<vector, Load::PARAM_load>(start + column(k)) : zero_pack<vector>();
  }

  /// Calls visit(chunk, values) for every chunk of the thread that lies in the row.
  template <typename Visit>
  FUSELINE_DEVICE void each(const Visit& visit) const {
    float values[vector];
#pragma unroll
    for (int k = 0; k < kept; ++k) {
      unpack(unknown(packs[k]), values);
      if (owns(k)) visit(k, values);
    }
#pragma unroll(threads == 1024 ? 1 : 2)
    for (int k = kept; k < chunks; ++k) {
      if (!owns(k)) break;
      unpack(load_pack<vector>(start + column(k)), values);
      visit(k, values);
    }
  }
};

}  // namespace

extern "C" __global__ void __launch_bounds__(threads)
    layernorm_gelu_scale_row_block(const T* __restrict__ x, const T* __restrict__ gamma, const T* __restrict__ beta,
                                   T* __restrict__ out) {
  __shared__ float scratch[32];
  const long long offset = static_cast<long long>(blockIdx.x) * width;
  const Row row(x + offset);
  float sum = 0.0f;
  row.each([&](int, const float(&values)[vector]) {
#pragma unroll
    for (int i = 0; i < vector; ++i) sum += values[i];
  });
  const float mean = block_sum<threads>(sum, scratch) * inverse_width;
  float squares = 0.0f;
  row.each([&](int, const float(&values)[vector]) {
#pragma unroll
    for (int i = 0; i < vector; ++i) squares = fmaf(values[i] - mean, values[i] - mean, squares);
  });
  const float inverse_deviation =
      rsqrtf(fmaf(block_sum<threads>(squares, scratch), inverse_width, static_cast<float>(SCALAR_eps)));
  row.each([&](int k, const float(&values)[vector]) {
    float weight[vector], shift[vector], results[vector];
    unpack(load_pack<vector>(gamma + Row::column(k)), weight);
    unpack(load_pack<vector>(beta + Row::column(k)), shift);
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      results[i] = gelu<Gelu::PARAM_gelu>(fmaf((values[i] - mean) * inverse_deviation, weight[i], shift[i]),
                                          static_cast<float>(SCALAR_scale));
    }
    store_pack<vector, Store::PARAM_store>(out + offset + Row::column(k), pack(results));
  });
}
