// The words that stand for states, back ends and counter modes in files, in the store and on the command line.
#include "tuner/base/enum_names.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {
namespace {

constexpr EnumNames<CounterMode, 3> counter_mode_names{
    {{CounterMode::none, "none"}, {CounterMode::best, "best"}, {CounterMode::all, "all"}}};

constexpr EnumNames<RunState, 4> run_state_names{{{RunState::running, "running"},
                                                  {RunState::finished, "finished"},
                                                  {RunState::interrupted, "interrupted"},
                                                  {RunState::failed, "failed"}}};

constexpr EnumNames<Backend, 2> backend_names{{{Backend::cuda, "cuda"}, {Backend::replay, "replay"}}};

}  // namespace

std::string_view to_string(CounterMode mode) { return enum_name(counter_mode_names, mode); }
std::optional<CounterMode> counter_mode_from_string(std::string_view text) {
  return enum_value(counter_mode_names, text);
}

std::string_view to_string(RunState state) { return enum_name(run_state_names, state); }
std::optional<RunState> run_state_from_string(std::string_view text) { return enum_value(run_state_names, text); }

std::string_view to_string(Backend backend) { return enum_name(backend_names, backend); }
std::optional<Backend> backend_from_string(std::string_view text) { return enum_value(backend_names, text); }

}  // namespace fuseline::tuner
