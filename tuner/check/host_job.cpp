#include "tuner/check/host_job.hpp"

#include <fmt/format.h>

#include <map>

#include "tuner/check/host_source.hpp"

namespace fuseline::tuner {
namespace {

/// The kinds of profiler/host/shim/entry.hpp.
char letter_of(const ResolvedArgument& argument) {
  switch (argument.kind) {
    case ArgumentKind::buffer:
      return 'p';
    case ArgumentKind::f32:
      return 'f';
    case ArgumentKind::f64:
      return 'd';
    default:
      return argument.bytes() == 4 ? 'i' : 'l';
  }
}

std::string extents_text(const std::int64_t (&extents)[3]) {
  return fmt::format("{} {} {}", extents[0], extents[1], extents[2]);
}

std::string launch_text(const ResolvedLaunch& launch, const std::map<std::string, std::size_t>& places) {
  std::string text = fmt::format("{} {} {} {} {}\n", host_kernel_name(launch.kernel), extents_text(launch.launch.grid),
                                 extents_text(launch.launch.block), launch.launch.shared_bytes, launch.args.size());
  for (const ResolvedArgument& argument : launch.args) {
    const char letter = letter_of(argument);
    text += letter;
    if (letter == 'p') {
      text += fmt::format(" {}\n", places.at(argument.name));
    } else if (letter == 'f' || letter == 'd') {
      text += fmt::format(" {:a}\n", argument.real);
    } else {
      text += fmt::format(" {}\n", argument.integer);
    }
  }
  return text;
}

std::string case_text(const HostCase& one) {
  const ProblemInstance& instance = *one.instance;
  std::string text = fmt::format("case {} {} {:a} {:a} {}\n", one.number, one.is_reference ? "reference" : "variant",
                                 instance.tolerance.absolute, instance.tolerance.relative,
                                 instance.tensors.size() + one.resolved->workspace.size());
  std::map<std::string, std::size_t> places;
  for (const Tensor& tensor : instance.tensors) {
    const bool input = tensor.role == TensorRole::input;
    // A reference works its outputs out in fp64.
    const Dtype dtype = one.is_reference && !input ? Dtype::f64 : tensor.dtype;
    text += fmt::format("{} {} {} {} {}", input ? "input" : "output", to_string(dtype), tensor.elements, tensor.name,
                        host_file(one.data, places.size()));
    text += input ? "\n" : fmt::format(" {:a}\n", tensor.absolute_of_largest);
    places.emplace(tensor.name, places.size());
  }
  for (const ResolvedWorkspace& space : one.resolved->workspace) {
    text += fmt::format("{} u8 {} {} -\n", space.zero == WorkspaceZero::never ? "workspace" : "zeroed", space.bytes,
                        space.name);
    places.emplace(space.name, places.size());
  }
  text += fmt::format("{}\n", one.resolved->launches.size());
  for (const ResolvedLaunch& launch : one.resolved->launches) text += launch_text(launch, places);
  return text;
}

}  // namespace

std::int64_t host_elements(const ProblemInstance& instance) {
  std::int64_t elements = 0;
  for (const Tensor& tensor : instance.tensors) elements += tensor.elements;
  return elements;
}

std::string host_file(const std::string& data, std::size_t tensor) { return fmt::format("{}.{}", data, tensor); }

std::string host_job(const std::filesystem::path& folder, const std::vector<HostCase>& cases) {
  std::string text = fmt::format("fuseline-host 2\nfolder {}\n", folder.string());
  for (const HostCase& one : cases) text += case_text(one);
  return text + "end\n";
}

}  // namespace fuseline::tuner
