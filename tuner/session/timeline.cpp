#include "tuner/session/timeline.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

namespace fuseline::tuner {
namespace {

using nlohmann::json;

json metadata(const char* what, int process, int thread, const std::string& name) {
  return {{"ph", "M"}, {"name", what}, {"pid", process}, {"tid", thread}, {"args", {{"name", name}}}};
}

}  // namespace

void Timeline::keep(Process& process, std::vector<Span> spans) {
  const std::size_t room = std::min(spans.size(), kMostSpans - kept_);
  left_out_ += spans.size() - room;
  kept_ += room;
  spans.resize(room);
  std::move(spans.begin(), spans.end(), std::back_inserter(process.spans));
}

void Timeline::add(std::size_t number, int life, const std::string& name, const SpansReply& reply,
                   SpanRecorder::Clock::time_point received) {
  auto [found, first] = workers_.try_emplace({number, life});
  Process& process = found->second;
  const std::int64_t offset = SpanRecorder::microseconds(received) - reply.now_us;
  process.offset_us = first ? offset : std::min(process.offset_us, offset);
  process.name = name;
  keep(process, reply.spans);
}

json Timeline::chrome_json() {
  keep(coordinator_, own_.take());
  std::vector<const Process*> processes = {&coordinator_};
  for (const auto& [key, process] : workers_) processes.push_back(&process);
  std::int64_t first_us = std::numeric_limits<std::int64_t>::max();
  for (const Process* process : processes) {
    for (const Span& span : process->spans) first_us = std::min(first_us, span.start_us + process->offset_us);
  }
  json events = json::array();
  for (std::size_t place = 0; place < processes.size(); ++place) {
    const Process& process = *processes[place];
    const int number = static_cast<int>(place);
    events.push_back(metadata("process_name", number, 0, process.name));
    std::map<std::string, int> threads;
    for (const Span& span : process.spans) {
      const auto [thread, added] = threads.try_emplace(span.thread, static_cast<int>(threads.size()));
      if (added) events.push_back(metadata("thread_name", number, thread->second, span.thread));
      events.push_back({{"ph", "X"},
                        {"name", span.name},
                        {"pid", number},
                        {"tid", thread->second},
                        {"ts", span.start_us + process.offset_us - first_us},
                        {"dur", span.duration_us}});
    }
  }
  json document = {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}};
  if (left_out_ > 0) document["otherData"] = {{"spans_left_out", left_out_}};
  return document;
}

}  // namespace fuseline::tuner
