// One element of all is off by a thousandth.
#include "planted.cuh"

extern "C" __global__ void wrong(const float* x, float* out) {
  out[element()] = twice(x[element()]) + (element() == DIM_N / 2 ? 2e-3f : 0.0f);
}
