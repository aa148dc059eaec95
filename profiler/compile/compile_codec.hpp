// Compile requests and results as bytes (CBOR): between the worker and its compiler processes, and in the cache's
// files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "profiler/compile/compiler.hpp"

namespace fuseline::profiler {

[[nodiscard]] std::string encode(const CompileRequest& request);
[[nodiscard]] std::string encode(const CompileResult& result);
/// Empty where the bytes are not what encode() wrote. Never throws.
[[nodiscard]] std::optional<CompileRequest> decode_compile_request(std::string_view bytes);
[[nodiscard]] std::optional<CompileResult> decode_compile_result(std::string_view bytes);

}  // namespace fuseline::profiler
