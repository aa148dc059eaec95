#include "profiler/compile/kernel_image.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/problem/included_headers.hpp"
#include "tuner/problem/kernel_image.hpp"
#include "tuner/problem/source_digest.hpp"

namespace fuseline::profiler {
namespace {

std::shared_future<CompileResult> ready(CompileResult result) {
  std::promise<CompileResult> promise;
  promise.set_value(std::move(result));
  return promise.get_future().share();
}

CompileResult passed_on(CompileRequest request) {
  CompileResult result;
  describe(result, request);
  if (request.form == tuner::KernelForm::cubin) {
    if (const auto image = tuner::read_cubin(request.source, request.name); !image) {
      result.reason = image.error().message();
      return result;
    }
  }
  result.status = CompileResult::Status::ok;
  result.form = request.form;
  result.image = std::move(request.source);
  return result;
}

}  // namespace

CompileRequest reference_request(const tuner::Job& job, const std::string& architecture) {
  CompileRequest request;
  request.name = "reference.cu";
  request.source = job.reference_source;
  request.headers = tuner::included_headers(job.reference_source, job.headers);
  request.options = job.defines;
  request.name_expressions = tuner::name_expressions(job.reference_launches);
  request.architecture = architecture;
  return request;
}

CompileRequest configuration_request(const tuner::Job& job, const tuner::ResolvedConfiguration& resolved,
                                     std::string source, const std::string& architecture) {
  CompileRequest compile;
  compile.form = resolved.form;
  compile.name = resolved.source_name;
  compile.source = std::move(source);
  compile.architecture = architecture;
  if (resolved.form != tuner::KernelForm::cuda) return compile;
  compile.headers = tuner::included_headers(compile.source, job.headers);
  compile.options = resolved.defines;
  compile.options.insert(compile.options.end(), resolved.compile_options.begin(), resolved.compile_options.end());
  compile.name_expressions = tuner::name_expressions(resolved.launches);
  return compile;
}

void add_line_information(CompileRequest& request) {
  if (request.form != tuner::KernelForm::cuda) return;
  for (const std::string& option : request.options) {
    if (option == "-lineinfo" || option == "--generate-line-info") return;
  }
  request.options.emplace_back("--generate-line-info");
}

std::shared_future<CompileResult> make_image(CompilerPool& pool, CompileJob job) {
  if (job.request.form == tuner::KernelForm::cuda) return pool.submit(std::move(job));
  return ready(passed_on(std::move(job.request)));
}

std::shared_future<CompileResult> missing_source(const std::string& name) {
  CompileResult result;
  result.reason = fmt::format("the worker was never sent the source '{}'", name);
  return ready(std::move(result));
}

}  // namespace fuseline::profiler
