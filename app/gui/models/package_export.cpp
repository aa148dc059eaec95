#include "app/gui/models/package_export.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"
#include "tuner/package/packages.hpp"
#include "tuner/session/images.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

/// All that the job needs: it runs on a thread of its own.
struct Job {
  const tuner::PackageKind* kind = nullptr;
  std::string folder;
  std::filesystem::path data;
  std::shared_ptr<const tuner::Catalog> catalog;
  std::shared_ptr<tuner::Store> store;
  std::string worker_program, worker;  ///< The worker's command where one was given.
  std::string target;
  std::vector<int> capabilities;
  RunData::Frozen shown;
  std::vector<std::int64_t> runs;
  std::size_t distil = 0;
};

Result<tuner::PackageExported> write(const Job& job) {
  std::vector<tuner::Run> runs;
  runs.push_back(job.shown.run());
  for (const std::int64_t id : job.runs) {
    if (id == runs.front().info.id) continue;
    FUSELINE_TRY(run, job.store->load(id));
    runs.push_back(std::move(run));
  }
  tuner::PackageRequest request;
  request.folder = job.folder;
  request.data = job.data;
  request.catalog = job.catalog.get();
  request.runs = &runs;
  request.distil = job.distil;
  FUSELINE_TRY(targets, tuner::package_targets(job.data, job.target, job.capabilities));
  request.targets = std::move(targets);
  FUSELINE_TRY(build, tuner::image_builder(job.worker, job.worker_program));
  request.build = std::move(build);
  return job.kind->write(request);
}

/// Whole numbers between commas; blanks do not count.
template <class Number>
Result<std::vector<Number>> numbers(const std::string& text, const char* what, Number least, Number most) {
  std::vector<Number> found;
  for (const std::string& each : tuner::split(text, ',')) {
    const std::string_view part = tuner::trimmed(each);
    if (part.empty()) continue;
    Number value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size() || value < least || value > most)
      return tuner::bad_input(fmt::format("'{}' is no {}", tuner::printable(part), what));
    found.push_back(value);
  }
  return found;
}

}  // namespace

Result<std::vector<int>> capabilities_of(const std::string& text) {
  return numbers<int>(text, "compute capability such as 86", 50, 150);
}

Result<std::vector<std::int64_t>> runs_of(const std::string& text) {
  return numbers<std::int64_t>(text, "run's number", 1, INT64_MAX);
}

Result<std::size_t> distil_of(const std::string& text) {
  FUSELINE_TRY(found, numbers<std::size_t>(text, "number of configurations from 1 to 1,000", 1, 1000));
  if (found.size() > 1) return tuner::bad_input("one number of configurations is wanted");
  return found.empty() ? 0 : found.front();
}

Result<void> start_package_export(App& app, const std::string& kind, const std::string& folder,
                                  const PackageChoice& choice) {
  if (folder.empty()) return tuner::bad_input("no folder was named to export to");
  Job job;
  FUSELINE_TRY(capabilities, capabilities_of(choice.capabilities));
  FUSELINE_TRY(runs, runs_of(choice.runs));
  FUSELINE_TRY(distil, distil_of(choice.distil));
  job.kind = tuner::package_kind(kind);
  job.folder = folder;
  job.data = app.options.data;
  job.catalog = app.catalog;
  job.store = app.store;
  job.worker_program = app.options.worker_program;
  if (!app.options.workers.empty()) job.worker = app.options.workers.front();
  job.target = choice.target.empty() ? tuner::kPackageTarget : choice.target;
  job.capabilities = std::move(capabilities);
  job.shown = app.data.freeze();
  job.runs = std::move(runs);
  job.distil = distil;
  app.messages.add(Severity::note, "Compiling the package " + folder);
  app.background.run([&messages = app.messages, job = std::move(job)]() -> Background::Then {
    auto exported = write(job);
    return [&messages, folder = job.folder, exported = std::move(exported)] {
      if (!exported) return messages.add(exported.error());
      for (const std::string& warning : exported->warnings) messages.add(Severity::warning, warning);
      messages.add(Severity::success,
                   fmt::format("Wrote {}: {} entries, {} images in all", folder, exported->entries, exported->images));
    };
  });
  return {};
}

}  // namespace fuseline::app::gui
