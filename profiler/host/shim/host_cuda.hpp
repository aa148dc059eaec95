// The subset of CUDA C++ that kernels use here, for a plain C++17 compiler: included before a kernel's source.
//
// Threads of a block are fibres on one thread of the operating system (runtime/block.hpp): built-in variables are
// globals that the scheduler sets before it resumes a fibre, and whatever waits for other threads hands the turn back
// to it.
#ifndef FUSELINE_HOST_CUDA_HPP
#define FUSELINE_HOST_CUDA_HPP

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmath>
#include <tuple>
#include <type_traits>
#include <utility>

#include "profiler/host/shim/atomics.hpp"
#include "profiler/host/shim/builtins.hpp"
#include "profiler/host/shim/collectives.hpp"
#include "profiler/host/shim/entry.hpp"

#endif
