// What it declares is there before a source is read.
#ifndef FUSELINE_HOST_CUDA_RUNTIME_H
#define FUSELINE_HOST_CUDA_RUNTIME_H

#include "profiler/host/shim/host_cuda.hpp"

#endif
