// The main program of kernels compiled for the CPU: the tuner has the user's compiler link it with them.
//
// It is given a job (job.hpp) and answers on standard output, one JSON object a line: {"begin": CASE, "setting": S},
// then {"end": CASE, "setting": S} with "kind" and "what" where something is wrong. A case ends with the first thing
// that is. What the sanitizers refuse ends the program, behind an answer of kind "access" or "undefined"; the second
// says its reason on standard error.
#include <fmt/format.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "profiler/host/comparison.hpp"
#include "profiler/host/faults.hpp"
#include "profiler/host/job.hpp"
#include "profiler/host/plan_run.hpp"

// Of the unit that it is linked with (tuner/check/host_unit).
extern "C" const fuseline::host_cuda::KernelEntry fuseline_entries[];
extern "C" fuseline::host_cuda::SharedRange fuseline_statics();

// Looking for leaks needs ptrace, which containers forbid. Somebody's LD_PRELOAD is no fault of a kernel.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0:strict_string_checks=1:verify_asan_link_order=0:print_legend=0:detect_stack_use_after_return="
         "0";
}

namespace fuseline::host_cuda {
namespace {

/// Every greedy order with copies as late as may be and at once: each shows faults that others hide.
constexpr RunSettings kSettings[] = {{Order::ascending, 1, true},  {Order::descending, 2, false},
                                     {Order::descending, 3, true}, {Order::ascending, 4, false},
                                     {Order::random, 5, true},     {Order::round_robin, 6, false}};

/// Of a run; whoever started the program gives up before.
constexpr unsigned kMostSeconds = 150;

std::string settings_text(const RunSettings& settings) {
  return fmt::format("threads in {} order, copies {}", to_string(settings.order),
                     settings.late_copies ? "late" : "at once");
}

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') json += '\\';
    if (static_cast<unsigned char>(letter) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
    } else {
      json += letter;
    }
  }
  return json + "\"";
}

void answer(const std::string& line) {
  // Of its own: a kernel may have printed half of one.
  std::fputs(("\n" + line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

/// What is wrong, and where in the source as far as that is known.
struct Wrong {
  std::string kind, what, place = {};
};

/// What runs, for answers from inside the sanitizers.
struct Running {
  const JobCase* one = nullptr;
  const PlanMemory* memory = nullptr;
  std::size_t setting = 0;
  std::string report;
};
Running running;

void answer_end(std::size_t number, std::size_t setting, const Wrong& wrong) {
  std::string line = fmt::format("{{\"end\": {}, \"setting\": {}", number, setting);
  if (!wrong.kind.empty())
    line += fmt::format(", \"kind\": {}, \"what\": {}, \"place\": {}, \"run\": {}", quoted(wrong.kind),
                        quoted(wrong.what), quoted(wrong.place), quoted(settings_text(kSettings[setting])));
  answer(line + "}");
}

std::string who() {
  return fmt::format(", by thread ({}, {}, {}) of block ({}, {}, {})", threadIdx.x, threadIdx.y, threadIdx.z,
                     blockIdx.x, blockIdx.y, blockIdx.z);
}

void keep_report(const char* text) { running.report = text; }

void say_what_was_refused() {
  if (running.one == nullptr || running.memory == nullptr) return;
  Wrong wrong{"undefined", who(), place_in_report(running.report)};
  if (__asan_report_present() != 0) {
    const BadAccess access{reinterpret_cast<std::uintptr_t>(__asan_get_report_address()),
                           __asan_get_report_access_size(), __asan_get_report_access_type() != 0,
                           __asan_get_report_description()};
    wrong.kind = "access";
    wrong.what = in_words(access, running.one->plan, *running.memory, fuseline_statics()) + who();
  }
  answer_end(running.one->number, running.setting, wrong);
}

}  // namespace
}  // namespace fuseline::host_cuda

// The undefined-behaviour sanitizer calls this as it reports; of its own end it tells nobody.
extern "C" void __ubsan_on_report();  // NOLINT(bugprone-reserved-identifier): the sanitizer's name
extern "C" void __ubsan_on_report() { fuseline::host_cuda::say_what_was_refused(); }

namespace fuseline::host_cuda {
namespace {

const KernelEntry* find_kernel(const std::string& name) {
  for (const KernelEntry* entry = fuseline_entries; entry->name != nullptr; ++entry) {
    if (name == entry->name) return entry;
  }
  return nullptr;
}

std::vector<std::byte> read_bytes(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::byte> bytes(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = static_cast<std::byte>(text[i]);
  return bytes;
}

void write_bytes(const std::string& file, std::span<const std::byte> bytes) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// Of inputs their elements, of outputs those of the reference.
std::vector<std::vector<std::byte>> contents_of(const JobCase& one) {
  std::vector<std::vector<std::byte>> contents;
  for (const PlanBuffer& buffer : one.plan.buffers) {
    const bool read = buffer.role == Role::input || (buffer.role == Role::output && !one.is_reference);
    contents.push_back(read ? read_bytes(buffer.file) : std::vector<std::byte>());
  }
  return contents;
}

std::string difference(const JobCase& one, const PlanMemory& memory,
                       const std::vector<std::vector<std::byte>>& contents) {
  for (std::size_t place = 0; place < contents.size(); ++place) {
    const PlanBuffer& buffer = one.plan.buffers[place];
    if (buffer.role != Role::output) continue;
    std::string text =
        compare_output(buffer.name, memory[place].bytes(), buffer.element, decode(contents[place], Element::f64),
                       {one.absolute, one.relative, buffer.of_largest});
    if (!text.empty()) return text;
  }
  return {};
}

Wrong run_once(const JobCase& one, const std::vector<std::vector<std::byte>>& contents, std::size_t setting) {
  PlanMemory memory(one.plan, contents);
  running = {&one, &memory, setting, {}};
  std::string error = run_plan(one.plan, memory, find_kernel, fuseline_statics(), kSettings[setting]);
  running.memory = nullptr;
  if (!error.empty()) return {"run", std::move(error)};
  error = memory.damage();
  if (!error.empty()) return {"damage", std::move(error)};
  if (one.is_reference) {
    for (std::size_t place = 0; place < contents.size(); ++place) {
      if (one.plan.buffers[place].role == Role::output)
        write_bytes(one.plan.buffers[place].file, memory[place].bytes());
    }
    return {};
  }
  error = difference(one, memory, contents);
  return error.empty() ? Wrong{} : Wrong{"result", std::move(error)};
}

void run(const JobCase& one) {
  const auto contents = contents_of(one);
  // One order is enough to know the reference; its own faults show in the first as well.
  const std::size_t settings = one.is_reference ? 1 : std::size(kSettings);
  for (std::size_t setting = 0; setting < settings; ++setting) {
    answer(fmt::format("{{\"begin\": {}, \"setting\": {}, \"run\": {}}}", one.number, setting,
                       quoted(settings_text(kSettings[setting]))));
    // Nobody may be left to end a kernel that spins.
    alarm(kMostSeconds);
    const Wrong wrong = run_once(one, contents, setting);
    answer_end(one.number, setting, wrong);
    if (!wrong.kind.empty()) return;
  }
}

}  // namespace
}  // namespace fuseline::host_cuda

/// JOB [FIRST]: runs the cases from the place FIRST on.
int main(int count, char** words) {
  using namespace fuseline::host_cuda;
  if (count < 2) return 2;
  std::ifstream in(words[1]);
  const auto cases = read_job(in);
  if (!cases) return 2;
  __asan_set_error_report_callback(keep_report);
  __sanitizer_set_death_callback(say_what_was_refused);
  const std::size_t first = count > 2 ? std::strtoul(words[2], nullptr, 10) : 0;
  for (std::size_t at = first; at < cases->size(); ++at) run((*cases)[at]);
  return 0;
}
