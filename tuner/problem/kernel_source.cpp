#include "tuner/problem/kernel_source.hpp"

#include <limits>

#include "tuner/base/enum_names.hpp"
#include "tuner/problem/resolved.hpp"

namespace fuseline::tuner {
namespace {

constexpr EnumNames<KernelForm, 3> kForms{
    {{KernelForm::cuda, "cuda"}, {KernelForm::ptx, "ptx"}, {KernelForm::cubin, "cubin"}}};

constexpr EnumNames<ArgumentKind, 7> kArgumentKinds{{{ArgumentKind::buffer, "buffer"},
                                                     {ArgumentKind::i32, "i32"},
                                                     {ArgumentKind::u32, "u32"},
                                                     {ArgumentKind::i64, "i64"},
                                                     {ArgumentKind::u64, "u64"},
                                                     {ArgumentKind::f32, "f32"},
                                                     {ArgumentKind::f64, "f64"}}};

constexpr EnumNames<WorkspaceZero, 3> kZeros{
    {{WorkspaceZero::never, "never"}, {WorkspaceZero::untimed, "untimed"}, {WorkspaceZero::timed, "timed"}}};

}  // namespace

std::string_view to_string(KernelForm form) { return enum_name(kForms, form); }
std::optional<KernelForm> kernel_form_from_string(std::string_view text) { return enum_value(kForms, text); }

std::string_view to_string(ArgumentKind kind) { return enum_name(kArgumentKinds, kind); }
std::optional<ArgumentKind> argument_kind_from_string(std::string_view text) {
  return enum_value(kArgumentKinds, text);
}

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

std::string_view to_string(WorkspaceZero zero) { return enum_name(kZeros, zero); }
std::optional<WorkspaceZero> workspace_zero_from_string(std::string_view text) { return enum_value(kZeros, text); }

}  // namespace fuseline::tuner
