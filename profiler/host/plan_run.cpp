#include "profiler/host/plan_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace fuseline::host_cuda {
namespace {

/// One argument that is no pointer, as the kernel reads it.
union Number {
  std::int32_t i32;
  std::int64_t i64;
  float f32;
  double f64;
};

constexpr const char* kKindHelp = "p: pointer, i: 32-bit integer, l: 64-bit integer, f: float, d: double";

Number number_of(const PlanArgument& argument) {
  Number number{};
  switch (argument.kind) {
    case 'i':
      number.i32 = static_cast<std::int32_t>(argument.integer);
      break;
    case 'l':
      number.i64 = argument.integer;
      break;
    case 'f':
      number.f32 = static_cast<float>(argument.real);
      break;
    default:
      number.f64 = argument.real;
  }
  return number;
}

std::string launch(const PlanLaunch& what, PlanMemory& memory, const FindKernel& find, const SharedRange& statics,
                   const RunSettings& settings) {
  const KernelEntry* const kernel = find(what.kernel);
  if (kernel == nullptr) return "the source has no such kernel";
  std::string kinds;
  std::vector<void*> values;
  std::list<Number> numbers;
  for (const PlanArgument& argument : what.args) {
    kinds += argument.kind;
    values.push_back(argument.kind == 'p' ? memory.argument(argument.buffer)
                                          : static_cast<void*>(&numbers.emplace_back(number_of(argument))));
  }
  if (kinds != kernel->kinds)
    return fmt::format("the manifest passes \"{}\" and the kernel takes \"{}\" ({})", kinds, kernel->kinds, kKindHelp);
  return run_grid(what.geometry, settings, statics, [&] { kernel->call(values.data()); });
}

}  // namespace

PlanMemory::PlanMemory(const Plan& plan, const std::vector<std::vector<std::byte>>& inputs)
    : plan_(plan), inputs_(inputs) {
  for (std::size_t place = 0; place < plan.buffers.size(); ++place) {
    const PlanBuffer& buffer = plan.buffers[place];
    buffers_.push_back(buffer.role == Role::input ? std::make_unique<GuardedBuffer>(inputs[place])
                                                  : std::make_unique<GuardedBuffer>(buffer.bytes()));
    if (buffer.zeroed && buffer.bytes() > 0) std::memset(buffers_.back()->data(), 0, buffer.bytes());
    pointers_.push_back(buffers_.back()->data());
  }
}

std::string PlanMemory::damage() const {
  for (std::size_t place = 0; place < buffers_.size(); ++place) {
    const PlanBuffer& buffer = plan_.buffers[place];
    if (!buffers_[place]->guards_intact()) return fmt::format("wrote outside \"{}\"", buffer.name);
    if (buffer.role == Role::input &&
        !std::equal(inputs_[place].begin(), inputs_[place].end(), buffers_[place]->bytes().begin()))
      return fmt::format("changed the input \"{}\"", buffer.name);
  }
  return {};
}

std::string run_plan(const Plan& plan, PlanMemory& memory, const FindKernel& find, const SharedRange& statics,
                     const RunSettings& settings) {
  for (const PlanLaunch& each : plan.launches) {
    std::string error = launch(each, memory, find, statics, settings);
    if (!error.empty()) return each.kernel + ": " + error;
  }
  return {};
}

}  // namespace fuseline::host_cuda
