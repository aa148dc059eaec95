// The one way to name dynamic shared memory.
#pragma once

#ifndef FUSELINE_SHARED
/// Declares `name` as a pointer to `type` at the start of the block's dynamic shared memory (aligned to 128 bytes).
#define FUSELINE_SHARED(type, name)                                 \
  extern __shared__ __align__(128) unsigned char fuseline_shared[]; \
  type* const name = reinterpret_cast<type*>(fuseline_shared)
#endif
