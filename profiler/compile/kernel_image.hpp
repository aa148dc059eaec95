// From a source in any form to an image that the driver loads: CUDA text is compiled, PTX and cubins are images
// already.
#pragma once

#include <future>

#include "profiler/compile/compiler_pool.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {

/// What a job's reference is made from.
[[nodiscard]] CompileRequest reference_request(const tuner::Job& job, const std::string& architecture);
/// What a configuration is made from; `source` is what its source_name stands for. Headers, defines and options belong
/// to CUDA text alone, and so do the name expressions: the kernels whose name is no identifier.
[[nodiscard]] CompileRequest configuration_request(const tuner::Job& job, const tuner::ResolvedConfiguration& resolved,
                                                   std::string source, const std::string& architecture);

/// Has the compiler write down the line of each instruction. Nothing is changed where the request's own options do.
void add_line_information(CompileRequest& request);

/// Compiles CUDA text in `pool`. PTX is passed on for the driver to assemble; a cubin is passed on where it can be read
/// to its end (the driver is given no size), else the result is a failed one that says why.
[[nodiscard]] std::shared_future<CompileResult> make_image(CompilerPool& pool, CompileJob job);

/// The failed result of a configuration that names a source which was never sent.
[[nodiscard]] std::shared_future<CompileResult> missing_source(const std::string& name);

}  // namespace fuseline::profiler
