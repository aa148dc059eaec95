// A NaN that is not the pattern outputs are poisoned with.
#include "planted.cuh"

extern "C" __global__ void not_a_number(const float* x, float* out) {
  out[element()] = __int_as_float(0x7fc00000) + 0 * x[element()];
}
