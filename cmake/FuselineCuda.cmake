# Only headers are needed: the worker opens libcuda, NVRTC and CUPTI at run time, so that it starts (and says what is missing) anywhere.
set(FUSELINE_HAVE_CUDA FALSE)
# As a toolkit names the machines it is for. One that has several keeps those of the machine it runs on in include.
set(cuda_target x86_64-linux)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(cuda_target sbsa-linux)
endif()
if(NOT FUSELINE_CUDA STREQUAL "OFF")
  find_path(FUSELINE_CUDA_INCLUDE_DIR cuda.h
            HINTS ENV CUDA_HOME ENV CUDA_PATH
            PATHS /usr/local/cuda /opt/cuda /usr/lib/cuda
            PATH_SUFFIXES targets/${cuda_target}/include include)
  if(FUSELINE_CUDA_INCLUDE_DIR AND EXISTS ${FUSELINE_CUDA_INCLUDE_DIR}/nvrtc.h AND EXISTS ${FUSELINE_CUDA_INCLUDE_DIR}/cuda_occupancy.h)
    set(FUSELINE_HAVE_CUDA TRUE)
    message(STATUS "CUDA headers: ${FUSELINE_CUDA_INCLUDE_DIR}; building fuseline-worker")
    add_library(fuseline_cuda_headers INTERFACE)
    target_include_directories(fuseline_cuda_headers SYSTEM INTERFACE ${FUSELINE_CUDA_INCLUDE_DIR})
  elseif(FUSELINE_CUDA STREQUAL "ON")
    message(FATAL_ERROR "FUSELINE_CUDA=ON, but no CUDA toolkit with cuda.h, nvrtc.h and cuda_occupancy.h was found; "
                        "set CUDA_HOME, or configure with -DFUSELINE_CUDA=OFF to build everything but the worker")
  else()
    message(WARNING "No CUDA toolkit was found (looked in CUDA_HOME, CUDA_PATH, /usr/local/cuda, /opt/cuda, /usr/lib/cuda): "
                    "fuseline-worker is left out; recordings can still be replayed")
  endif()
endif()
