// NVRTC through dlopen, with CUDA's headers that lie beside it.
#pragma once

#include <string>
#include <vector>

#include "compiler.hpp"

namespace fuseline_package {
namespace detail {

/// The run-time compiler, opened once.
class Nvrtc {
 public:
  /// Null with `reason` set where there is none.
  static Nvrtc* open(std::string& reason);

  [[nodiscard]] const std::string& version() const { return version_; }
  /// `expressions`: those names of kernels whose name in the image NVRTC is asked for. False with `reason` set to the
  /// compiler's first error.
  bool compile(const CompileRequest& request, const std::vector<std::string>& expressions, Compilation& made,
               std::string& reason);

 private:
  using Program = void*;

  explicit Nvrtc(std::string& reason);
  bool find_functions(void* library);
  bool succeeded(int code, const char* what, std::string& reason) const;
  bool take_image(Program program, Compilation& made, std::string& reason);
  [[nodiscard]] std::string first_error(Program program, int code);

  int (*get_version_)(int*, int*) = nullptr;
  const char* (*error_text_)(int) = nullptr;
  int (*create_)(Program*, const char*, const char*, int, const char* const*, const char* const*) = nullptr;
  int (*destroy_)(Program*) = nullptr;
  int (*add_expression_)(Program, const char*) = nullptr;
  int (*compile_)(Program, int, const char* const*) = nullptr;
  int (*image_bytes_)(Program, std::size_t*) = nullptr;
  int (*image_)(Program, char*) = nullptr;
  int (*log_bytes_)(Program, std::size_t*) = nullptr;
  int (*log_)(Program, char*) = nullptr;
  int (*lowered_name_)(Program, const char*, const char**) = nullptr;
  std::string version_;
  std::vector<std::string> includes_;  ///< Options.
  bool usable_ = false;
};

}  // namespace detail
}  // namespace fuseline_package
