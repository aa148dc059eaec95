#include "profiler/measure/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "tuner/problem/kernel_image.hpp"

namespace fuseline::profiler {
namespace {

constexpr std::size_t kMaximumParameters = 4096;  // A parameter takes a byte at least, and all of them 32,764 at most.

template <class T>
BoundArgument number(T value) {
  BoundArgument bound{BoundArgument::Kind::number, 0, 0, static_cast<std::int64_t>(sizeof(T))};
  std::memcpy(&bound.value, &value, sizeof(T));
  return bound;
}

/// The protocol has held the number against its kind.
BoundArgument number_of(const tuner::ResolvedArgument& argument) {
  switch (argument.kind) {
    case tuner::ArgumentKind::i32:
      return number(static_cast<std::int32_t>(argument.integer));
    case tuner::ArgumentKind::u32:
      return number(static_cast<std::uint32_t>(argument.integer));
    case tuner::ArgumentKind::u64:
      return number(static_cast<std::uint64_t>(argument.integer));
    case tuner::ArgumentKind::f32:
      return number(static_cast<float>(argument.real));
    case tuner::ArgumentKind::f64:
      return number(argument.real);
    case tuner::ArgumentKind::i64:
    case tuner::ArgumentKind::buffer:
      break;
  }
  return number(argument.integer);
}

/// "8, 8 and 4 bytes"
std::string sizes_text(const std::vector<std::int64_t>& sizes) {
  std::string text;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == sizes.size() ? " and " : ", ", sizes[i]);
  return text.empty() ? text : " (" + text + " bytes)";
}

}  // namespace

tl::expected<std::vector<BoundArgument>, std::string> bind_arguments(
    const std::vector<tuner::ResolvedArgument>& arguments, const tuner::Job& job,
    const std::vector<tuner::ResolvedWorkspace>& workspace) {
  std::vector<BoundArgument> bound;
  for (const tuner::ResolvedArgument& argument : arguments) {
    if (argument.kind != tuner::ArgumentKind::buffer) {
      bound.push_back(number_of(argument));
      continue;
    }
    const auto named = [&argument](const auto& each) { return each.name == argument.name; };
    const auto tensor = std::find_if(job.tensors.begin(), job.tensors.end(), named);
    const auto scratch = std::find_if(workspace.begin(), workspace.end(), named);
    if (tensor != job.tensors.end()) {
      bound.push_back({BoundArgument::Kind::tensor, static_cast<std::size_t>(tensor - job.tensors.begin())});
    } else if (scratch != workspace.end()) {
      bound.push_back({BoundArgument::Kind::workspace, static_cast<std::size_t>(scratch - workspace.begin())});
    } else {
      return tl::unexpected(fmt::format("argument '{}' is no tensor or workspace of the problem", argument.name));
    }
  }
  return bound;
}

std::optional<std::vector<std::int64_t>> parameter_bytes(const Driver& driver, CUfunction function,
                                                         const CompileResult& image, const std::string& symbol) {
  std::vector<std::int64_t> sizes;
  CUresult code = driver.cuFuncGetParamInfo == nullptr ? CUDA_ERROR_NOT_SUPPORTED : CUDA_SUCCESS;
  while (code == CUDA_SUCCESS && sizes.size() < kMaximumParameters) {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    code = driver.cuFuncGetParamInfo(function, sizes.size(), &offset, &bytes);
    if (code == CUDA_SUCCESS) sizes.push_back(static_cast<std::int64_t>(bytes));
  }
  // What the driver says of the parameter after the last one.
  if (code == CUDA_ERROR_INVALID_VALUE) return sizes;
  const auto table = image.form == tuner::KernelForm::ptx ? tuner::read_ptx(image.image, symbol)
                                                          : tuner::read_cubin(image.image, symbol);
  if (!table) return std::nullopt;
  const auto entry = std::find_if(table->entries.begin(), table->entries.end(),
                                  [&symbol](const tuner::KernelEntry& each) { return each.name == symbol; });
  if (entry == table->entries.end()) return std::nullopt;
  return entry->parameter_bytes;
}

tl::expected<void, std::string> check_arguments(const std::vector<BoundArgument>& given,
                                                const std::vector<std::int64_t>& expected) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(given.size());
  for (const BoundArgument& argument : given) sizes.push_back(argument.bytes);
  if (sizes == expected) return {};
  return tl::unexpected(fmt::format("takes {} arguments{}, {} are given{}", expected.size(), sizes_text(expected),
                                    sizes.size(), sizes_text(sizes)));
}

}  // namespace fuseline::profiler
