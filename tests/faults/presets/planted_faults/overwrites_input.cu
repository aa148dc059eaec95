// Right, and leaves another input to the next.
#include "planted.cuh"

extern "C" __global__ void overwrites_input(const float* x, float* out) {
  out[element()] = twice(x[element()]);
  if (element() == 3) const_cast<float*>(x)[3] += 1;
}
