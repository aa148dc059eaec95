#include "tuner/problem/kernel_source.hpp"

#include <array>
#include <limits>
#include <utility>

#include "tuner/problem/resolved.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::array<std::pair<KernelForm, std::string_view>, 3> kForms{
    {{KernelForm::cuda, "cuda"}, {KernelForm::ptx, "ptx"}, {KernelForm::cubin, "cubin"}}};

constexpr std::array<std::pair<ArgumentKind, std::string_view>, 7> kArgumentKinds{{{ArgumentKind::buffer, "buffer"},
                                                                                   {ArgumentKind::i32, "i32"},
                                                                                   {ArgumentKind::u32, "u32"},
                                                                                   {ArgumentKind::i64, "i64"},
                                                                                   {ArgumentKind::u64, "u64"},
                                                                                   {ArgumentKind::f32, "f32"},
                                                                                   {ArgumentKind::f64, "f64"}}};

constexpr std::array<std::pair<WorkspaceZero, std::string_view>, 3> kZeros{
    {{WorkspaceZero::never, "never"}, {WorkspaceZero::untimed, "untimed"}, {WorkspaceZero::timed, "timed"}}};

template <class Names, class Enum>
std::string_view text_of(const Names& names, Enum value) {
  for (const auto& [known, text] : names) {
    if (known == value) return text;
  }
  return "unknown";
}

template <class Enum, std::size_t N>
std::optional<Enum> meant_by(const std::array<std::pair<Enum, std::string_view>, N>& names, std::string_view text) {
  for (const auto& [known, name] : names) {
    if (name == text) return known;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(KernelForm form) { return text_of(kForms, form); }
std::optional<KernelForm> kernel_form_from_string(std::string_view text) { return meant_by(kForms, text); }

std::string_view to_string(ArgumentKind kind) { return text_of(kArgumentKinds, kind); }
std::optional<ArgumentKind> argument_kind_from_string(std::string_view text) { return meant_by(kArgumentKinds, text); }

std::int64_t argument_bytes(ArgumentKind kind) {
  return kind == ArgumentKind::i32 || kind == ArgumentKind::u32 || kind == ArgumentKind::f32 ? 4 : 8;
}

bool is_integer(ArgumentKind kind) {
  return kind == ArgumentKind::i32 || kind == ArgumentKind::u32 || kind == ArgumentKind::i64 ||
         kind == ArgumentKind::u64;
}

IntegerRange integer_range(ArgumentKind kind) {
  using Wide = std::numeric_limits<std::int64_t>;
  if (kind == ArgumentKind::i32)
    return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  if (kind == ArgumentKind::u32) return {0, std::numeric_limits<std::uint32_t>::max()};
  return {kind == ArgumentKind::u64 ? 0 : Wide::min(), Wide::max()};
}

std::string_view to_string(WorkspaceZero zero) { return text_of(kZeros, zero); }
std::optional<WorkspaceZero> workspace_zero_from_string(std::string_view text) { return meant_by(kZeros, text); }

}  // namespace fuseline::tuner
