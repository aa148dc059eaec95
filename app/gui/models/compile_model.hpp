// What the kernel on show compiles to, without a GPU: registers, spills and messages, beside what it compiled to
// before.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/background.hpp"
#include "app/gui/models/source_model.hpp"
#include "tuner/check/compile_look.hpp"
#include "tuner/session/images.hpp"

namespace fuseline::app::gui {

/// What is compiled, and for which chip.
struct CompileTask {
  SourceSubject subject;            ///< With its instance.
  tuner::SpaceSelection selection;  ///< Of a subject that is not settled: its first configuration is compiled.
  tuner::DeviceLimits chip;
  std::string chip_name;  ///< "NVIDIA H200"
};

/// Figures of one image; what is not known is empty.
struct CompiledFigures {
  std::optional<int> registers;
  std::optional<std::int64_t> spill_bytes, shared_bytes;  ///< Static and dynamic together, of a block.
  std::optional<double> occupancy;
};
/// Of the launch that results show.
[[nodiscard]] CompiledFigures compiled_figures(const tuner::StaticEntry& entry);
/// Of a measurement; nothing where it has no facts.
[[nodiscard]] std::optional<CompiledFigures> measured_figures(const tuner::Measurement& measurement);

struct Compiled {
  tuner::Configuration configuration;
  std::string problem, chip_name;
  tuner::CompileLook look;
  CompiledFigures figures;

  [[nodiscard]] bool good() const { return look.entry.state != tuner::StaticState::failed; }
  /// The same configuration for the same architecture.
  [[nodiscard]] bool like(const Compiled& other) const {
    return problem == other.problem && configuration.key() == other.configuration.key() &&
           look.architecture == other.look.architecture;
  }
};

/// A line of the two side by side.
struct CompiledLine {
  std::string what, before, now;  ///< "registers a thread", "40", "44"
  int change = 0;                 ///< -1: it takes less, or holds more; 1: the other way; 0: neither.
};
[[nodiscard]] std::vector<CompiledLine> compiled_lines(const std::optional<CompiledFigures>& before,
                                                       const CompiledFigures& now);
/// "sm_90: 40 -> 44 registers, no spills; 2 messages", or that it does not compile.
[[nodiscard]] std::string compiled_text(const Compiled& compiled, const std::optional<CompiledFigures>& before);

/// Compiles; on any thread. Errors: no instance; as tuner::look_at_configuration().
[[nodiscard]] tuner::Result<Compiled> compile_now(const CompileTask& task, const tuner::ImageStream& build,
                                                  const std::string& cache_folder = {});

class CompileModel {
 public:
  /// Starts in the background; one at a time, and of several asked for meanwhile the last. `then` is called on the GUI
  /// thread after the outcome is in place. `measured`: what the run says of the configuration, to stand beside it.
  void start(Background& background, CompileTask task, tuner::ImageStream build,
             std::optional<CompiledFigures> measured, std::function<void(const tuner::Result<Compiled>&)> then);
  [[nodiscard]] bool busy() const { return busy_; }
  /// What was compiled last; null at first. A failure to compile anything at all leaves it as it was.
  [[nodiscard]] const std::shared_ptr<const Compiled>& now() const { return now_; }
  /// What stands beside it: the last good one of the same configuration, else what was measured.
  [[nodiscard]] const std::optional<CompiledFigures>& before() const { return before_; }
  [[nodiscard]] const std::string& before_is() const { return before_is_; }  ///< "before", "in the run"

 private:
  struct Waiting {
    CompileTask task;
    tuner::ImageStream build;
    std::optional<CompiledFigures> measured;
    std::function<void(const tuner::Result<Compiled>&)> then;
  };
  void run(Background& background, Waiting next);
  void take(const Compiled& compiled, const std::optional<CompiledFigures>& measured);

  bool busy_ = false;
  std::optional<Waiting> waiting_;
  std::shared_ptr<const Compiled> now_, good_;  ///< The last; the last that has an image.
  std::optional<CompiledFigures> before_;
  std::string before_is_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace fuseline::app::gui
