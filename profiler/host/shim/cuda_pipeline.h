// Its C functions; the classes of the namespace cuda are not there.
#ifndef FUSELINE_HOST_CUDA_PIPELINE_H
#define FUSELINE_HOST_CUDA_PIPELINE_H

#include "profiler/host/shim/cuda_pipeline_primitives.h"

#endif
