// A small problem on a scripted worker: everything a session needs, in a scratch folder.
#pragma once

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/session/session.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner::testing {

inline constexpr std::uint64_t kToySize = 26;  ///< 8 x 3 of "plain", 2 of "other".

class Toy {
 public:
  Toy() {
    folder_.write("kernels/toy/problem.json", R"json({
      "schema": "fuseline/problem/1", "name": "toy", "title": "Toy", "formula": "out = 2x", "description": "d", "source": "tests",
      "dims": [{"name": "N", "description": "elements", "min": 1, "max": 4096}],
      "shapes": [{"name": "small", "description": "s", "dims": {"N": 1024}}, {"name": "tiny", "description": "t", "dims": {"N": 64}}],
      "dtypes": ["f32", "f16"], "scalars": {"scale": 2.0},
      "tensors": [{"name": "x", "role": "input", "dtype": "T", "shape": "[N]", "elements": "N"},
                  {"name": "out", "role": "output", "dtype": "T", "shape": "[N]", "elements": "N"}],
      "flops": "N", "tolerance": {"f32": {"absolute": 1e-5, "relative": 1e-5}, "f16": {"absolute": 1e-3, "relative": 1e-3}},
      "reference": {"source": "reference.cu", "launches": [{"kernel": "reference", "grid": ["cdiv(N, 128)"], "block": ["128"], "args": ["x", "out"]}]}})json");
    folder_.write("kernels/toy/reference.cu", "// reference\n");
    folder_.write("kernels/toy/plain.cu", "// plain\n");
    folder_.write("kernels/toy/other.cu", "// other\n");
    folder_.write(
        "kernels/toy/plain.json",
        manifest("plain", R"([{"name": "block", "description": "b", "values": [32, 64, 96, 128, 160, 192, 224, 256]},
      {"name": "unroll", "description": "u", "values": [1, 2, 4]}])"));
    folder_.write("kernels/toy/other.json",
                  manifest("other", R"([{"name": "block", "description": "b", "values": [32, 64]}])"));
    std::filesystem::create_directories(path("kernels/common"));
    std::filesystem::create_directories(path("presets"));
    std::filesystem::copy(data_folder() / "presets" / "devices", path("presets/devices"),
                          std::filesystem::copy_options::recursive);
    script["log"] = path("log").string();
    load();
  }

  nlohmann::json script = nlohmann::json::object();  ///< Of the worker; see tests/programs/scripted_worker.cpp.
  std::unique_ptr<Store> store;
  int draws = 1;       ///< Of the inputs: most tests say what becomes of every launch.
  bool follow = true;  ///< Whether snapshots have the evaluations of a search while it goes on.
  std::size_t ahead = SessionEnvironment{}.ahead;  ///< Requests on their way to one worker.

  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

  void rule(const std::string& match, const std::string& at, const std::string& deed,
            nlohmann::json more = nlohmann::json::object()) {
    more.update({{"match", match}, {"at", at}, {"do", deed}});
    script["rules"].push_back(more);
  }
  /// Writes the problem's manifest with its first `from` replaced.
  void change_problem(const std::string& from, const std::string& to) {
    std::string text = read_file(path("kernels/toy/problem.json")).value();
    folder_.write("kernels/toy/problem.json", text.replace(text.find(from), from.size(), to));
    load();
  }
  /// Writes the script; the command that runs it.
  std::string worker(const std::string& name = "script.json") {
    folder_.write(name, script.dump());
    return std::string(FUSELINE_BIN_DIR) + "/scripted_worker " + path(name).string();
  }
  SweepRequest request() {
    SweepRequest request;
    request.problem = "toy";
    request.target = "";
    request.draws = draws;
    request.workers = {worker()};
    return request;
  }
  SessionEnvironment environment() {
    SessionEnvironment environment;
    environment.catalog = catalog_.get();
    environment.data = folder_.path();
    environment.store = store.get();
    environment.deadlines = {1.0, 1.0, 1.0, 30, 30};
    environment.counter_batch = 4;
    environment.follow_evaluations = follow;
    environment.ahead = ahead;
    return environment;
  }
  void open_store() { store = std::move(*Store::open(path("runs.db").string())); }
  Result<Run> sweep(const SweepRequest& request) {
    auto session = Session::start(request, environment());
    if (!session) return tl::unexpected(session.error());
    auto run = (*session)->wait();
    last = (*session)->snapshot();
    return run;
  }
  Result<Run> sweep() { return sweep(request()); }

  std::shared_ptr<const Snapshot> last;  ///< Of the latest sweep().

  [[nodiscard]] std::vector<std::string> log() const {
    std::vector<std::string> lines;
    std::ifstream file(path("log"));
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  [[nodiscard]] int logged(const std::string& start) const {
    int count = 0;
    for (const auto& line : log()) count += line.starts_with(start);
    return count;
  }
  [[nodiscard]] std::string messages() const {
    std::string text;
    for (const auto& message : last->messages) text += message.text + "\n";
    return text;
  }

 private:
  void load() {
    auto loaded = Catalog::load(folder_.path(), {});
    if (!loaded) throw std::runtime_error(loaded.error().message());
    catalog_ = std::make_unique<Catalog>(std::move(*loaded));
  }
  static std::string manifest(const std::string& name, const std::string& parameters) {
    return R"({"schema": "fuseline/variant/1", "name": ")" + name + R"(", "description": "d", "source": ")" + name +
           R"(.cu", "parameters": )" + parameters + R"(, "launches": [{"kernel": "toy_)" + name +
           R"json(", "grid": ["cdiv(N, block)"], "block": ["block"], "args": ["x", "out"]}]})json";
  }

  TemporaryFolder folder_;
  std::unique_ptr<Catalog> catalog_;
};

inline const Evaluation* find(const Run& run, const std::string& key) {
  for (const auto& evaluation : run.evaluations) {
    if (evaluation.configuration.key() == key) return &evaluation;
  }
  return nullptr;
}

/// Keys in order of sequence.
inline std::vector<std::string> keys(const Run& run) {
  std::vector<std::string> result;
  for (const auto& evaluation : run.evaluations) result.push_back(evaluation.configuration.key());
  return result;
}

}  // namespace fuseline::tuner::testing
