#include "tuner/session/host_programs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <thread>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::tuner {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// More than this a program does not say on a line; a kernel that prints without end is cut off.
constexpr std::size_t kMostLine = std::size_t{1} << 20;
constexpr std::size_t kMostAtATime = 8;

/// One program on its way.
class Way {
 public:
  Way(const HostProgram& program, const HostTimes& times, HostOutcome& outcome)
      : program_(program), times_(times), outcome_(outcome) {
    start(program_.compile, times_.compile);
  }

  [[nodiscard]] bool done() const { return !child_; }
  [[nodiscard]] const ChildProcess& child() const { return *child_; }

  /// Takes what has come.
  void look() {
    child_->read_errors();
    auto read = child_->read_output();
    buffer_ += read.bytes;
    if (running_) take_lines();
    if (buffer_.size() > kMostLine) buffer_.clear();
    const bool late = Clock::now() > deadline_;
    if (late) child_->kill();
    if (read.closed || late) ended(late);
  }

  /// The time for everything is over.
  void give_up() {
    child_->kill();
    if (!running_ || next_ < program_.cases) outcome_.out_of_time = true;
    finish();
  }

 private:
  void start(const std::vector<std::string>& words, std::chrono::seconds time) {
    auto child = ChildProcess::start(words);
    if (!child) {
      if (running_) {
        lose_rest(child.error().reason);
      } else {
        outcome_.complaint = printable(child.error().reason);
      }
      return;
    }
    child_ = std::make_unique<ChildProcess>(std::move(*child));
    child_->close_input();
    buffer_.clear();
    began_ = answered_ = false;
    deadline_ = Clock::now() + time;
  }

  void run() {
    running_ = true;
    start({program_.program.string(), program_.job.string(), std::to_string(next_)}, times_.run);
  }

  void take_lines() {
    for (std::size_t end = 0; (end = buffer_.find('\n')) != std::string::npos; buffer_.erase(0, end + 1)) {
      auto answer = host_answer(std::string_view(buffer_).substr(0, end));
      if (!answer || answer->number >= program_.cases) continue;
      deadline_ = Clock::now() + times_.run;
      next_ = answer->number;
      began_ = answered_ = true;
      if (!answer->ended) last_begun_ = *answer;
      // Another order of threads may follow; what has gone wrong ends the case.
      if (answer->ended && !answer->kind.empty()) {
        outcome_.ends[next_].wrong = std::move(*answer);
        ++next_;
        began_ = false;
      }
    }
  }

  void ended(bool late) {
    const std::string how = child_->wait_exit(5s);
    child_->read_errors();
    const std::string errors = child_->stderr_tail();
    if (!running_) {
      compiled(late, how, errors);
      return;
    }
    child_.reset();
    const bool whole = !late && how == "exited with status 0";
    if (whole) {
      finish();
      return;
    }
    if (began_ && errors.find(": runtime error: ") != std::string::npos) {
      // A sanitizer that ends the program without a word to it.
      last_begun_.kind = "undefined";
      outcome_.ends[next_] = {last_begun_, errors, {}};
      ++next_;
    } else if (began_ && crashed(how)) {
      last_begun_.kind = "crash";
      last_begun_.what = how + last_line(errors);
      outcome_.ends[next_] = {last_begun_, errors, {}};
      ++next_;
    } else if (answered_ && !began_ && next_ > 0) {
      outcome_.ends[next_ - 1].errors = errors;
    } else if (next_ < program_.cases) {
      outcome_.ends[next_].lost =
          late ? fmt::format("it did not end within {} s", times_.run.count()) : printable(how + last_line(errors));
      ++next_;
    }
    if (next_ < program_.cases) {
      run();
    } else {
      finish();
    }
  }

  void compiled(bool late, const std::string& how, const std::string& errors) {
    child_.reset();
    if (!late && how == "exited with status 0") {
      outcome_.ends.resize(program_.cases);
      run();
      return;
    }
    outcome_.complaint = late ? fmt::format("not compiled within {} s", times_.compile.count())
                              : (errors.empty() ? how : first_complaint(errors));
  }

  /// By a signal of its own making, as a failed assert() is; others come from outside.
  static bool crashed(const std::string& how) {
    return how.starts_with("killed by signal") && !how.starts_with("killed by signal 9 ") &&
           !how.starts_with("killed by signal 14 ");
  }

  static std::string last_line(std::string text) {
    text.erase(text.find_last_not_of("\r\n ") + 1);
    return text.empty() ? text : ": " + text.substr(text.rfind('\n') + 1);
  }

  void lose_rest(const std::string& reason) {
    for (; next_ < program_.cases; ++next_) outcome_.ends[next_].lost = printable(reason);
  }

  void finish() {
    child_.reset();
    std::error_code ignored;
    std::filesystem::remove(program_.program, ignored);
  }

  const HostProgram& program_;
  const HostTimes& times_;
  HostOutcome& outcome_;
  std::unique_ptr<ChildProcess> child_;
  bool running_ = false;
  bool answered_ = false;  ///< The process has said something.
  bool began_ = false;     ///< The case at next_ has, and nothing is wrong with it so far.
  std::size_t next_ = 0;   ///< The case that runs, or is to run.
  HostAnswer last_begun_;
  std::string buffer_;
  Clock::time_point deadline_;
};

}  // namespace

Result<std::vector<HostOutcome>> run_host_programs(const std::vector<HostProgram>& programs, const HostTimes& times,
                                                   const std::function<void(std::size_t)>& progress,
                                                   const std::function<bool()>& stop) {
  std::vector<HostOutcome> outcomes(programs.size());
  const std::size_t at_a_time = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostAtATime);
  std::vector<std::unique_ptr<Way>> ways;
  std::size_t begun = 0, done = 0;
  while (done < programs.size()) {
    if (stop && stop()) return tl::unexpected(Error{ErrorKind::interrupted, {}, {}, "stopped before all kernels ran"});
    const bool over = Clock::now() > times.end;
    for (; begun < programs.size() && (over || ways.size() < at_a_time); ++begun) {
      if (over) {
        outcomes[begun].out_of_time = true;
        ++done;
      } else {
        ways.push_back(std::make_unique<Way>(programs[begun], times, outcomes[begun]));
      }
    }
    std::vector<ChildInterest> interests;
    for (const auto& way : ways) {
      if (!way->done()) interests.push_back({&way->child(), false});
    }
    if (!interests.empty()) wait_for_children(interests, 100ms);
    for (const auto& way : ways) {
      if (!way->done()) over ? way->give_up() : way->look();
    }
    done += std::erase_if(ways, [](const auto& way) { return way->done(); });
    if (progress) progress(done);
  }
  return outcomes;
}

}  // namespace fuseline::tuner
