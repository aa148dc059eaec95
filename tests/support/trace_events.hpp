// What every timeline must hold to, as a viewer of traces draws it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fuseline {

/// What is wrong with the trace; empty: nothing. Every span has a process and a thread with names, and of two spans of
/// one thread one lies within the other or behind it.
inline std::string fault_of_trace(const nlohmann::json& trace) {
  struct Range {
    std::int64_t begin, end;
    std::string name;
  };
  std::set<int> processes;
  std::set<std::pair<int, int>> threads;
  std::map<std::pair<int, int>, std::vector<Range>> spans;
  for (const auto& event : trace.at("traceEvents")) {
    const int process = event.at("pid"), thread = event.at("tid");
    if (event.at("ph") == "M") {
      if (event.at("args").at("name").get<std::string>().empty()) return "a name is empty";
      if (event.at("name") == "process_name") processes.insert(process);
      if (event.at("name") == "thread_name") threads.emplace(process, thread);
      continue;
    }
    if (event.at("ph") != "X") return "neither a span nor a name";
    const std::int64_t begin = event.at("ts"), duration = event.at("dur");
    if (begin < 0 || duration < 0) return "a time is negative";
    spans[{process, thread}].push_back({begin, begin + duration, event.at("name")});
  }
  for (auto& [where, each] : spans) {
    if (!processes.contains(where.first) || !threads.contains(where)) return "a thread has no name";
    std::sort(each.begin(), each.end(), [](const Range& one, const Range& other) {
      return std::pair(one.begin, -one.end) < std::pair(other.begin, -other.end);
    });
    std::vector<Range> open;
    for (const Range& span : each) {
      while (!open.empty() && open.back().end <= span.begin) open.pop_back();
      if (!open.empty() && span.end > open.back().end) return open.back().name + " overlaps " + span.name;
      open.push_back(span);
    }
  }
  return "";
}

/// Names of the spans of one process.
inline std::set<std::string> span_names(const nlohmann::json& trace, int process) {
  std::set<std::string> names;
  for (const auto& event : trace.at("traceEvents"))
    if (event.at("ph") == "X" && event.at("pid") == process) names.insert(event.at("name").get<std::string>());
  return names;
}

}  // namespace fuseline
