#include "plan.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "compiler.hpp"
#include "sha256.hpp"

namespace fuseline_package {
namespace detail {
namespace {

constexpr int kMostCompiled = 3;  // Configurations that are compiled for one shape before it is given up.
constexpr std::size_t kMostShown = 4;
constexpr double kDistanceSteps = 1e9;  // In 1.
constexpr std::int64_t kDefaultSharedBytes = 48 * 1024;
constexpr std::int64_t kLargestExtent = 4294967295;
constexpr std::size_t kWorkspaceAlignment = 256;
// Numbers of CUfunction_attribute.
constexpr int kMaxThreads = 0, kStaticShared = 1, kMaxDynamicShared = 8;

double bytes_of(Dtype dtype) { return dtype == Dtype::f32 ? 4 : 2; }
double place_of(Dtype dtype) { return dtype == Dtype::f32 ? 0 : dtype == Dtype::f16 ? 1 : 2; }
const char* text_of(Dtype dtype) { return dtype == Dtype::f32 ? "f32" : dtype == Dtype::f16 ? "f16" : "bf16"; }

std::string sizes(const Operation& operation, const std::int64_t* dims) {
  std::string text;
  for (std::size_t i = 0; i < operation.dim_count; ++i)
    text += (i == 0 ? "" : " ") + std::string(operation.dims[i].name) + "=" + std::to_string(dims[i]);
  return text;
}

bool same_scalars(const Operation& operation, const double* a, const double* b) {
  for (std::size_t i = 0; i < operation.scalar_count; ++i) {
    if (!(a[i] == b[i])) return false;
  }
  return true;
}

/// The sum of squares of the ratios of dimensions, in logarithms. It is rounded, so that shapes that are equally far
/// apart come out so, whatever the order of the sum and of its operations.
std::int64_t distance(const Operation& operation, const std::int64_t* a, const std::int64_t* b) {
  double sum = 0;
  for (std::size_t i = 0; i < operation.dim_count; ++i) {
    const double ratio = std::log(static_cast<double>(std::max<std::int64_t>(1, a[i])) /
                                  static_cast<double>(std::max<std::int64_t>(1, b[i])));
    sum += ratio * ratio;
  }
  return std::llround(sum * kDistanceSteps);
}

/// What came of trying one configuration.
enum class Tried { runs, unfit, failed };

/// Modules by context and the checksum of their image. Used under the lock of whoever makes plans.
std::map<std::pair<std::uint64_t, std::string>, Module>& modules() {
  static std::map<std::pair<std::uint64_t, std::string>, Module> loaded;
  return loaded;
}

/// An image with the names of its kernels.
struct Candidate {
  const void* data = nullptr;
  std::size_t bytes = 0;
  bool cubin = true;
  std::string sha256;
  std::vector<std::pair<std::string, std::string>> symbols;
  const char* name = "";
  Origin origin = Origin::shipped;
  double compile_ms = 0;
};

class Planner {
 public:
  Planner(const Driver& driver, const Problem& problem, Plan& plan, Status& status)
      : driver_(driver), problem_(problem), operation_(problem.operation), plan_(plan), status_(status) {}

  bool make() {
    if (!describe_device(driver_, device_, status_)) return false;
    if (!sizes_are_right()) return true;
    collect();
    if (exact_.empty() && others_.empty()) {
      report(plan_.status, Code::no_kernel, "%s: the package has no configuration for %s; it has %s", operation_.name,
             text_of(problem_.dtype), tuned_shapes().c_str());
      return true;
    }
    const Tried tried = choose();
    if (tried == Tried::unfit) refuse();
    return tried != Tried::failed;
  }

 private:
  [[nodiscard]] Case case_of(const double* parameters) const {
    return {device_.limits,           problem_.dims,           problem_.scalars, parameters,
            bytes_of(problem_.dtype), place_of(problem_.dtype)};
  }

  bool sizes_are_right() {
    for (std::size_t i = 0; i < operation_.dim_count; ++i) {
      const Dim& dim = operation_.dims[i];
      const std::int64_t value = problem_.dims[i];
      if (value >= dim.minimum && value <= dim.maximum) continue;
      report(plan_.status, value < dim.minimum ? Code::bad_size : Code::too_large,
             "%s: %s is %lld, and %lld to %lld are possible", operation_.name, dim.name, static_cast<long long>(value),
             static_cast<long long>(dim.minimum), static_cast<long long>(dim.maximum));
      return false;
    }
    Resolution resolution(device_.limits);
    operation_.check(case_of(nullptr), resolution);
    if (!resolution.fits()) {
      report(plan_.status, Code::bad_size, "%s: %s: %s", operation_.name, sizes(operation_, problem_.dims).c_str(),
             resolution.reason().c_str());
    }
    return resolution.fits();
  }

  /// 0: this very device; 1: another of its capability.
  [[nodiscard]] int device_distance(const Entry& entry) const {
    return device_.name == entry.device ? 0 : entry.capability == device_.capability ? 1 : 2;
  }

  /// Entries of this very shape, nearest device first; and the rest, nearest shape first, of one shape nearest device
  /// first.
  void collect() {
    for (std::size_t i = 0; i < operation_.entry_count; ++i) {
      const Entry& entry = operation_.entries[i];
      if (entry.dtype != problem_.dtype) continue;
      const bool same = std::equal(entry.dims, entry.dims + operation_.dim_count, problem_.dims) &&
                        same_scalars(operation_, entry.scalars, problem_.scalars);
      (same ? exact_ : others_).push_back(&entry);
    }
    std::stable_sort(exact_.begin(), exact_.end(),
                     [this](const Entry* a, const Entry* b) { return device_distance(*a) < device_distance(*b); });
    const auto far = [this](const Entry* entry) {
      return std::make_pair(distance(operation_, problem_.dims, entry->dims), device_distance(*entry));
    };
    std::stable_sort(others_.begin(), others_.end(), [&](const Entry* a, const Entry* b) { return far(a) < far(b); });
  }

  /// What a shape runs that was not tuned, best first: of the package's distilled configurations that of the nearest
  /// shape, so that few are ever compiled, and then, where none of them can run, the configurations of the shapes.
  [[nodiscard]] std::vector<const Configuration*> for_untuned() const {
    std::vector<const Configuration*> found;
    const auto add = [&](const Configuration& added) {
      const bool there = std::any_of(found.begin(), found.end(), [&](const Configuration* each) {
        return each->variant == added.variant && std::strcmp(each->text, added.text) == 0;
      });
      if (!there) found.push_back(&added);
    };
    for (const Entry* entry : others_) {
      if (entry->untuned != nullptr) add(*entry->untuned);
    }
    for (const Entry* entry : others_) add(entry->own);
    return found;
  }

  /// Shipped images of this very shape come before anything is compiled, and that before other shapes' configurations.
  Tried choose() {
    std::vector<const Configuration*> imageless;
    for (const Entry* entry : exact_) {
      Resolution resolution(device_.limits);
      if (!resolve(entry->own, resolution)) continue;
      bool shipped = false;
      const Tried tried = try_shipped(entry->own, resolution, true, shipped);
      if (tried != Tried::unfit) return tried;
      if (!shipped) imageless.push_back(&entry->own);
    }
    for (const Configuration* each : imageless) {
      Resolution resolution(device_.limits);
      if (!resolve(*each, resolution)) continue;
      const Tried tried = try_compiled(*each, resolution, true);
      if (tried != Tried::unfit) return tried;
    }
    for (const Configuration* each : for_untuned()) {
      Resolution resolution(device_.limits);
      if (!resolve(*each, resolution)) continue;
      bool shipped = false;
      Tried tried = try_shipped(*each, resolution, false, shipped);
      if (!shipped) tried = try_compiled(*each, resolution, false);
      if (tried != Tried::unfit) return tried;
    }
    return Tried::unfit;
  }

  bool resolve(const Configuration& configuration, Resolution& resolution) {
    operation_.variants[configuration.variant].resolve(case_of(configuration.parameters), resolution);
    if (!resolution.fits()) note(resolution.reason());
    return resolution.fits();
  }

  void note(const std::string& reason) {
    if (std::find(reasons_.begin(), reasons_.end(), reason) == reasons_.end()) reasons_.push_back(reason);
  }

  /// Images made from what this configuration comes to: the device's cubin, then PTX, the newest first.
  [[nodiscard]] std::vector<const Image*> images_for(const Configuration& configuration,
                                                     const Resolution& resolution) const {
    std::vector<const Image*> found;
    for (std::size_t i = 0; i < operation_.image_count; ++i) {
      const Image& image = operation_.images[i];
      if (image.variant != configuration.variant || image.source != configuration.source) continue;
      if (image.dtype != problem_.dtype) continue;
      if (image.cubin ? image.capability != device_.capability : image.capability > device_.capability) continue;
      const auto same = [](double value, double made_with) { return made_with == kAnyValue || value == made_with; };
      if (std::equal(resolution.macros.begin(), resolution.macros.end(), image.macros, same)) found.push_back(&image);
    }
    std::stable_sort(found.begin(), found.end(), [](const Image* a, const Image* b) {
      return std::make_pair(a->cubin, a->capability) > std::make_pair(b->cubin, b->capability);
    });
    return found;
  }

  Tried try_shipped(const Configuration& configuration, const Resolution& resolution, bool tuned, bool& shipped) {
    for (const Image* image : images_for(configuration, resolution)) {
      shipped = true;
      if (sha256_hex(image->words, image->bytes) != image->sha256) {
        report(plan_.status, Code::damaged,
               "%s: the package is damaged: the bytes of %s are not those that were written", operation_.name,
               image->file);
        return Tried::runs;  // That is settled.
      }
      Candidate candidate;
      candidate.data = image->words;
      candidate.bytes = image->bytes;
      candidate.cubin = image->cubin;
      candidate.sha256 = image->sha256;
      candidate.name = image->file;
      for (std::size_t i = 0; i < image->symbol_count; ++i)
        candidate.symbols.emplace_back(image->symbols[2 * i], image->symbols[2 * i + 1]);
      const Tried tried = load(configuration, resolution, candidate, tuned);
      if (tried != Tried::unfit) return tried;
    }
    return Tried::unfit;
  }

  Tried try_compiled(const Configuration& configuration, const Resolution& resolution, bool tuned) {
    if (compiled_ == kMostCompiled) return Tried::unfit;
    const auto begin = std::chrono::steady_clock::now();
    Compilation made;
    std::string reason;
    if (!compile(request_for(configuration, resolution), made, reason)) {
      note(reason);
      return Tried::unfit;
    }
    ++compiled_;
    Candidate candidate;
    candidate.data = made.image.data();
    candidate.bytes = made.image.size();
    candidate.sha256 = sha256_hex(made.image.data(), made.image.size());
    candidate.symbols = made.symbols;
    candidate.name = operation_.sources[configuration.source].name;
    candidate.origin = made.cached ? Origin::cached : Origin::compiled;
    candidate.compile_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return load(configuration, resolution, candidate, tuned);
  }

  [[nodiscard]] CompileRequest request_for(const Configuration& configuration, const Resolution& resolution) const {
    const Variant& variant = operation_.variants[configuration.variant];
    CompileRequest request;
    request.source = operation_.sources[configuration.source];
    request.headers = operation_.headers;
    request.header_count = operation_.header_count;
    request.capability = device_.capability;
    const char* const dtypes[] = {"F32", "F16", "BF16"};
    const auto define = [&](const std::string& name, const std::string& value) {
      if (is_named(name, request)) request.options.push_back("-D" + name + "=" + value);
    };
    define("FUSELINE_DTYPE_" + std::string(dtypes[static_cast<int>(problem_.dtype)]), "1");
    for (std::size_t i = 0; i < variant.macro_count; ++i)
      define(variant.macros[i].name, macro_text(variant.macros[i], resolution.macros[i]));
    for (std::size_t i = 0; i < variant.option_count; ++i) request.options.emplace_back(variant.options[i]);
    for (std::size_t i = 0; i < resolution.launches.size(); ++i) request.kernels.emplace_back(configuration.kernels[i]);
    return request;
  }

  /// Whether the source or a header names the macro; what is compiled differs by those alone.
  static bool is_named(const std::string& macro, const CompileRequest& request) {
    const auto names = [&](const char* text) { return std::strstr(text, macro.c_str()) != nullptr; };
    return names(request.source.text) || std::any_of(request.headers, request.headers + request.header_count,
                                                     [&](const Header& each) { return names(each.text); });
  }

  /// The image as a module of this context. Unfit: the driver does not take it, such as PTX that is newer than it is.
  Tried module_for(const Candidate& candidate, Module& module) {
    const auto key = std::make_pair(plan_.context, candidate.sha256);
    const auto there = modules().find(key);
    if (there != modules().end()) {
      module = there->second;
      return Tried::runs;
    }
    char log[4096] = {};
    int options[] = {5, 6};  // CU_JIT_ERROR_LOG_BUFFER and its size.
    void* values[] = {log, reinterpret_cast<void*>(sizeof log - 1)};
    // PTX is a text that ends with a zero.
    const std::string text =
        candidate.cubin ? "" : std::string(static_cast<const char*>(candidate.data), candidate.bytes);
    const void* const data = candidate.cubin ? candidate.data : text.c_str();
    const Result result = driver_.module_load(&module, data, candidate.cubin ? 0 : 2, options, values);
    // Invalid image, no binary for the GPU, invalid PTX, no JIT compiler, PTX of an unsupported version.
    const int refusals[] = {200, 209, 218, 221, 222};
    if (std::find(std::begin(refusals), std::end(refusals), result) != std::end(refusals)) {
      note(std::string(candidate.name) + ": " + error_text(driver_, result) + (log[0] != '\0' ? ": " : "") + log);
      return Tried::unfit;
    }
    if (!succeeded(driver_, result, candidate.name, status_)) return Tried::failed;
    modules()[key] = module;
    return Tried::runs;
  }

  Tried load(const Configuration& configuration, const Resolution& resolution, const Candidate& candidate, bool tuned) {
    Module module = nullptr;
    Tried tried = module_for(candidate, module);
    std::vector<LoadedLaunch> launches;
    for (std::size_t i = 0; tried == Tried::runs && i < resolution.launches.size(); ++i) {
      launches.emplace_back();
      tried = load_launch(configuration.kernels[i], resolution.launches[i], module, candidate, launches.back());
    }
    if (tried != Tried::runs) return tried;
    plan_.launches = std::move(launches);
    place_workspaces(resolution);
    plan_.chosen.variant = operation_.variants[configuration.variant].name;
    plan_.chosen.configuration = configuration.text;
    plan_.chosen.image = candidate.name;
    plan_.chosen.tuned = tuned;
    plan_.chosen.origin = candidate.origin;
    plan_.chosen.compile_ms = candidate.compile_ms;
    return Tried::runs;
  }

  /// Finds a kernel, and checks what only the compiled one can tell: registers for so many threads, all shared memory.
  Tried load_launch(const char* kernel, const Launch& launch, Module module, const Candidate& candidate,
                    LoadedLaunch& loaded) {
    if (launch.shared_bytes > kLargestExtent || launch.arguments.size() > kMostArguments) {
      note(std::string(kernel) + ": more than the driver takes");
      return Tried::unfit;
    }
    std::string symbol = kernel;
    for (const auto& [name, mangled] : candidate.symbols) {
      if (name == kernel) symbol = mangled;
    }
    if (!succeeded(driver_, driver_.module_get_function(&loaded.function, module, symbol.c_str()), kernel, status_))
      return Tried::failed;
    for (int axis = 0; axis < 3; ++axis) {
      loaded.grid[axis] = static_cast<unsigned>(launch.grid[axis]);
      loaded.block[axis] = static_cast<unsigned>(launch.block[axis]);
    }
    loaded.shared_bytes = static_cast<unsigned>(launch.shared_bytes);
    loaded.cooperative = launch.cooperative;
    loaded.kernel = kernel;
    loaded.arguments = launch.arguments;
    return check(loaded);
  }

  Tried check(const LoadedLaunch& loaded) {
    int most_threads = 0;
    int static_shared = 0;
    if (!attribute(loaded.function, kMaxThreads, most_threads) ||
        !attribute(loaded.function, kStaticShared, static_shared))
      return Tried::failed;
    const std::int64_t threads = std::int64_t{loaded.block[0]} * loaded.block[1] * loaded.block[2];
    if (threads > most_threads) {
      note(std::string(loaded.kernel) + ": " + std::to_string(threads) + " threads a block, and its registers allow " +
           std::to_string(most_threads));
      return Tried::unfit;
    }
    const std::int64_t shared = std::int64_t{loaded.shared_bytes} + static_shared;
    const auto most_shared = static_cast<std::int64_t>(device_.limits.shared_bytes_per_block);
    if (shared > most_shared) {
      note(std::string(loaded.kernel) + ": " + std::to_string(shared) +
           " bytes of shared memory a block, and the device has " + std::to_string(most_shared));
      return Tried::unfit;
    }
    if (shared > kDefaultSharedBytes && !succeeded(driver_,
                                                   driver_.func_set_attribute(loaded.function, kMaxDynamicShared,
                                                                              static_cast<int>(loaded.shared_bytes)),
                                                   "cuFuncSetAttribute", status_))
      return Tried::failed;
    return loaded.cooperative ? check_cooperative(loaded, static_cast<int>(threads)) : Tried::runs;
  }

  /// A cooperative grid whose blocks are not all there at once would wait for ever.
  Tried check_cooperative(const LoadedLaunch& loaded, int threads) {
    int resident = 0;
    if (device_.cooperative &&
        !succeeded(driver_, driver_.occupancy(&resident, loaded.function, threads, loaded.shared_bytes),
                   "cuOccupancyMaxActiveBlocksPerMultiprocessor", status_))
      return Tried::failed;
    const std::int64_t most = resident * static_cast<std::int64_t>(device_.limits.sm_count);
    const std::int64_t blocks = std::int64_t{loaded.grid[0]} * loaded.grid[1] * loaded.grid[2];
    if (blocks <= most) return Tried::runs;
    note(std::string(loaded.kernel) + ": " + std::to_string(blocks) + " blocks at once, of which the device holds " +
         std::to_string(most));
    return Tried::unfit;
  }

  bool attribute(Function function, int number, int& value) {
    return succeeded(driver_, driver_.func_get_attribute(&value, number, function), "cuFuncGetAttribute", status_);
  }

  void place_workspaces(const Resolution& resolution) {
    std::size_t offset = 0;
    for (const Scratch& each : resolution.workspaces) {
      plan_.places.push_back({offset, each.bytes, each.zeroed});
      offset += (each.bytes + kWorkspaceAlignment - 1) / kWorkspaceAlignment * kWorkspaceAlignment;
    }
    plan_.chosen.workspace_bytes = offset;
  }

  [[nodiscard]] std::string tuned_shapes() const {
    std::vector<std::string> shapes;
    for (std::size_t i = 0; i < operation_.entry_count; ++i) {
      const Entry& entry = operation_.entries[i];
      std::string shape = std::string(text_of(entry.dtype)) + " " + sizes(operation_, entry.dims);
      if (std::find(shapes.begin(), shapes.end(), shape) == shapes.end()) shapes.push_back(std::move(shape));
    }
    std::string text;
    for (std::size_t i = 0; i < shapes.size() && i < kMostShown; ++i) text += (i == 0 ? "" : ", ") + shapes[i];
    if (shapes.size() > kMostShown) text += " and " + std::to_string(shapes.size() - kMostShown) + " more";
    return text;
  }

  void refuse() {
    std::string why;
    for (const std::string& reason : reasons_) why += (why.empty() ? "" : "; ") + reason;
    report(plan_.status, Code::no_kernel, "%s: nothing can run %s %s on %s (sm_%d); tuned are %s; %s", operation_.name,
           text_of(problem_.dtype), sizes(operation_, problem_.dims).c_str(), device_.name.c_str(), device_.capability,
           tuned_shapes().c_str(), why.c_str());
  }

  const Driver& driver_;
  const Problem& problem_;
  const Operation& operation_;
  Plan& plan_;
  Status& status_;
  Device device_;
  std::vector<const Entry*> exact_, others_;
  std::vector<std::string> reasons_;
  int compiled_ = 0;
};

}  // namespace

bool make_plan(const Driver& driver, const Problem& problem, Plan& plan, Status& status) {
  return Planner(driver, problem, plan, status).make();
}

}  // namespace detail
}  // namespace fuseline_package
