// An error message of two megabytes.
#include "planted.cuh"

#define WORDS_0 "this kernel talks at great length and says nothing that helps anyone "
#define WORDS_1 WORDS_0 WORDS_0
#define WORDS_2 WORDS_1 WORDS_1
#define WORDS_3 WORDS_2 WORDS_2
#define WORDS_4 WORDS_3 WORDS_3
#define WORDS_5 WORDS_4 WORDS_4
#define WORDS_6 WORDS_5 WORDS_5
#define WORDS_7 WORDS_6 WORDS_6
#define WORDS_8 WORDS_7 WORDS_7
#define WORDS_9 WORDS_8 WORDS_8
#define WORDS_10 WORDS_9 WORDS_9
#define WORDS_11 WORDS_10 WORDS_10
#define WORDS_12 WORDS_11 WORDS_11
#define WORDS_13 WORDS_12 WORDS_12
#define WORDS_14 WORDS_13 WORDS_13
#define WORDS_15 WORDS_14 WORDS_14

static_assert(false, WORDS_15);

extern "C" __global__ void enormous_log(const float* x, float* out) { out[element()] = twice(x[element()]); }
