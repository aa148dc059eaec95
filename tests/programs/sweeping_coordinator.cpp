// Runs one sweep to its end, for tests that kill a coordinator half-way: sweeping_coordinator DATA_FOLDER DATABASE
// WORKER_COMMAND... [--resume]
#include <iostream>
#include <string>

#include "tuner/session/session.hpp"
#include "tuner/store/store.hpp"

int main(int argc, char** argv) {
  using namespace fuseline::tuner;
  if (argc < 4) return 64;
  const std::filesystem::path data = argv[1];
  const auto catalog = Catalog::load(data, {});
  auto store = Store::open(argv[2]);
  if (!catalog || !store) return 65;
  SweepRequest request;
  request.problem = "toy";
  request.draws = 1;  // What is counted is every launch.
  request.device = "auto";
  const bool resume = std::string(argv[argc - 1]) == "--resume";
  for (int i = 3; i < argc - (resume ? 1 : 0); ++i) request.workers.emplace_back(argv[i]);
  SessionEnvironment environment;
  environment.catalog = &*catalog;
  environment.data = data;
  environment.store = store->get();
  environment.resume = resume;
  environment.follow_evaluations = false;
  auto session = Session::start(request, environment);
  if (!session) {
    std::cerr << session.error().message() << '\n';
    return 66;
  }
  const auto run = (*session)->wait();
  return run ? 0 : 67;
}
