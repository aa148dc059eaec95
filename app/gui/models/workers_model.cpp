#include "app/gui/models/workers_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tuner/base/text.hpp"
#include "tuner/session/remote_host.hpp"
#include "tuner/session/session.hpp"
#include "tuner/session/slurm.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

struct WrittenPlace {
  std::string kind, rest;
};

WrittenPlace parts_of(const std::string& text) {
  const std::string trimmed(tuner::trimmed(text));
  const std::size_t blank = trimmed.find(' ');
  if (blank == std::string::npos) return {trimmed, {}};
  return {trimmed.substr(0, blank), std::string(tuner::trimmed(trimmed.substr(blank)))};
}

struct SlurmTasks {
  int tasks = 0;
  std::string arguments;
};

Result<SlurmTasks> slurm_tasks(const std::string& text) {
  SlurmTasks slurm;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), slurm.tasks);
  const bool ends = at == text.data() + text.size() || *at == ' ';
  if (error != std::errc() || !ends || slurm.tasks < 1 || slurm.tasks > tuner::kMostTasks)
    return tuner::bad_input(fmt::format("'{}' does not begin with a number of workers: write slurm 4 --partition=gpu",
                                        tuner::printable(text)));
  slurm.arguments = std::string(tuner::trimmed(std::string_view(at, text.data() + text.size())));
  return slurm;
}

/// What trying one came to.
struct Tried {
  std::vector<std::string> commands, gpus;
};

Result<Tried> tried(const std::string& text, const std::string& worker_program,
                    const std::function<void(const std::string&)>& tell) {
  FUSELINE_TRY(commands, worker_commands(text, worker_program, tell));
  if (commands.empty()) return tuner::bad_input("there is no worker to ask");
  FUSELINE_TRY(devices, tuner::list_devices(commands.front()));
  Tried result{commands, {}};
  for (const tuner::DeviceInfo& device : devices) result.gpus.push_back(device_line(device));
  return result;
}

}  // namespace

std::string device_line(const tuner::DeviceInfo& device) {
  std::string line = tuner::printable(device.name);
  if (const std::string sm = device.limits.sm(); !sm.empty()) line += ", " + sm;
  if (!device.driver.empty()) line += ", driver " + tuner::printable(device.driver);
  if (!device.cuda.empty()) line += ", CUDA " + tuner::printable(device.cuda);
  return line;
}

Result<void> check_worker_place(const std::string& text) {
  const WrittenPlace place = parts_of(text);
  if (place.kind != "host" && place.kind != "slurm" && place.kind != "command")
    return tuner::bad_input(
        fmt::format("'{}' is none of host NAME[:N], slurm N [ARGUMENTS], command WORDS", tuner::printable(text)));
  if (place.rest.empty()) return tuner::bad_input("what the " + place.kind + " is has to follow");
  if (place.kind == "host") FUSELINE_CHECK(tuner::parse_remote_host(place.rest));
  if (place.kind == "slurm") FUSELINE_CHECK(slurm_tasks(place.rest));
  return {};
}

Result<std::vector<std::string>> worker_commands(const std::string& text, const std::string& worker_program,
                                                 const std::function<void(const std::string&)>& tell) {
  FUSELINE_CHECK(check_worker_place(text));
  const WrittenPlace place = parts_of(text);
  if (place.kind == "command") return std::vector<std::string>{place.rest};
  if (place.kind == "host") {
    FUSELINE_TRY(host, tuner::parse_remote_host(place.rest));
    return tuner::remote_workers(host, worker_program, tell);
  }
  FUSELINE_TRY(slurm, slurm_tasks(place.rest));
  return tuner::slurm_workers(slurm.tasks, slurm.arguments, worker_program);
}

const WorkerPlace* WorkersModel::find(const std::string& text) const {
  const auto found =
      std::find_if(places_.begin(), places_.end(), [&](const WorkerPlace& place) { return place.text == text; });
  return found == places_.end() ? nullptr : &*found;
}

WorkerPlace* WorkersModel::place_of(const std::string& text) {
  const WorkerPlace* found = find(text);
  return found == nullptr ? nullptr : &places_[static_cast<std::size_t>(found - places_.data())];
}

Result<void> WorkersModel::add(const std::string& text) {
  FUSELINE_CHECK(check_worker_place(text));
  const WrittenPlace place = parts_of(text);
  const std::string written = place.kind + " " + place.rest;
  if (find(written) != nullptr) return tuner::bad_input(tuner::printable(written) + " is there already");
  places_.push_back({written, WorkerPlace::State::untried, {}, {}, {}});
  return {};
}

Result<void> WorkersModel::remove(const std::string& text) {
  if (std::erase_if(places_, [&](const WorkerPlace& place) { return place.text == text; }) == 0)
    return tuner::bad_input("there is no place '" + tuner::printable(text) + "' for workers");
  return {};
}

Result<void> WorkersModel::try_out(const std::string& text, Background& background) {
  WorkerPlace* place = place_of(text);
  if (place == nullptr) return tuner::bad_input("there is no place '" + tuner::printable(text) + "' for workers");
  if (place->state == WorkerPlace::State::trying) return tuner::bad_input("it is being tried");
  *place = {text, WorkerPlace::State::trying, {}, {}, {}};
  background.run([this, text, program = worker_program_]() -> Background::Then {
    auto answer = std::make_shared<Result<Tried>>(tried(text, program, [](const std::string&) {}));
    return [this, text, answer] {
      WorkerPlace* asked = place_of(text);
      if (asked == nullptr) return;
      asked->state = *answer ? WorkerPlace::State::answered : WorkerPlace::State::failed;
      if (*answer) {
        asked->commands = (*answer)->commands;
        asked->gpus = (*answer)->gpus;
      } else {
        asked->said = tuner::printable(answer->error().message(), true);
      }
    };
  });
  return {};
}

std::vector<std::string> WorkersModel::texts() const {
  std::vector<std::string> texts;
  for (const WorkerPlace& place : places_) texts.push_back(place.text);
  return texts;
}

void WorkersModel::set_texts(const std::vector<std::string>& texts) {
  places_.clear();
  for (const std::string& text : texts) (void)add(text);
}

}  // namespace fuseline::app::gui
