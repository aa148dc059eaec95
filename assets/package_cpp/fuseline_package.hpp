// fuseline_package: tuned CUDA kernels as functions of C++17, written by `fuseline export --format cpp`. See README.md.
//
// Every operation is a family of functions: OPERATION() launches it on a stream, OPERATION_prepare() loads its kernels
// ahead, OPERATION_workspace_bytes() tells what scratch memory it needs. All of them use the context that is current in
// the calling thread, report by the Status that they return, throw nothing, print nothing, and may be called by many
// threads at once. Pointers are device addresses. Kernels are loaded once a context, at the first call of a shape;
// later calls of it allocate nothing and wait for nothing.
//
// Environment: FUSELINE_LIBCUDA names the driver's library in place of libcuda.so.1; CUDA_HOME a toolkit whose NVRTC
// compiles shapes that were not tuned, or FUSELINE_LIBNVRTC its library; FUSELINE_PACKAGE_CACHE the folder where such
// kernels are kept, "none" for none.
#pragma once

#include <cstddef>
#include <cstdint>

struct CUstream_st;

namespace fuseline_package {

/// A CUstream or a cudaStream_t; null is the default stream.
using Stream = CUstream_st*;

/// The type of tensors whose type the operation leaves open: float, __half, __nv_bfloat16.
enum class Dtype { f32, f16, bf16 };

/// What became of a call.
enum class Code {
  ok,
  no_driver,      ///< libcuda.so.1 cannot be opened, or lacks a function.
  no_context,     ///< No context is current in this thread.
  null_pointer,   ///< A tensor's address is null.
  misaligned,     ///< An address is no multiple of 16 bytes.
  bad_size,       ///< A size is less than its minimum, or sizes do not go together.
  too_large,      ///< A size is over its maximum.
  no_workspace,   ///< The workspace is null or smaller than OPERATION_workspace_bytes() says.
  no_kernel,      ///< No configuration of the package can run it here; the message says why, and what was tuned.
  not_prepared,   ///< The stream is being captured and nothing is loaded: call OPERATION_prepare() before.
  damaged,        ///< An image is not the one that was written.
  out_of_memory,  ///< Of the host.
  driver_error,   ///< A call to the driver failed; the message has its name, the error's name and its text.
};

/// "ok", "no_driver", ...
const char* name_of(Code code) noexcept;

/// What a call returns. The message is empty where all is well, and lies in the Status itself.
struct [[nodiscard]] Status {
  Status() noexcept : code(Code::ok) { message[0] = '\0'; }

  [[nodiscard]] bool ok() const noexcept { return code == Code::ok; }
  explicit operator bool() const noexcept { return ok(); }

  Code code;
  char message[600];
};

/// Scratch memory on the device, aligned to 16 bytes (256 are faster). Launches that may run at the same time need one
/// each.
struct Workspace {
  void* data = nullptr;
  std::size_t bytes = 0;
};

/// Where an image came from.
enum class Origin {
  shipped,   ///< It is part of the package.
  compiled,  ///< NVRTC compiled it in this process.
  cached,    ///< NVRTC compiled it before, and it was kept on disk.
};

/// What runs for a shape. Texts live as long as the program.
struct Chosen {
  const char* variant = "";        ///< Of the operation's kernels.
  const char* configuration = "";  ///< "lanes=16 vector_bytes=16 ..."
  const char* image = "";          ///< Its name in the package; that of the source where it was compiled here.
  bool tuned = false;              ///< For this very shape and these scalars; else for others.
  Origin origin = Origin::shipped;
  double compile_ms = 0;            ///< What compiling or finding it on disk took.
  std::size_t workspace_bytes = 0;  ///< What OPERATION() needs.
};

// FUSELINE: operations

}  // namespace fuseline_package
