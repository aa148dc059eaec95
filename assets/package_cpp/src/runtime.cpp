// The functions behind every operation: find what runs for a shape, load it at the first call, launch.
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>

#include "plan.hpp"

namespace fuseline_package {

const char* name_of(Code code) noexcept {
  switch (code) {
    case Code::ok:
      return "ok";
    case Code::no_driver:
      return "no_driver";
    case Code::no_context:
      return "no_context";
    case Code::null_pointer:
      return "null_pointer";
    case Code::misaligned:
      return "misaligned";
    case Code::bad_size:
      return "bad_size";
    case Code::too_large:
      return "too_large";
    case Code::no_workspace:
      return "no_workspace";
    case Code::no_kernel:
      return "no_kernel";
    case Code::not_prepared:
      return "not_prepared";
    case Code::damaged:
      return "damaged";
    case Code::out_of_memory:
      return "out_of_memory";
    case Code::driver_error:
      return "driver_error";
  }
  return "unknown";
}

namespace detail {
namespace {

// Plans are added and never taken away, so that whoever reads needs no lock.
constexpr std::size_t kBuckets = 256;
std::atomic<const Plan*> buckets[kBuckets];

std::mutex& making() {
  static std::mutex mutex;
  return mutex;
}

std::size_t bucket_of(const Problem& problem, std::uint64_t context) {
  // FNV-1a over 64-bit words.
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&](std::uint64_t word) { hash = (hash ^ word) * 1099511628211ULL; };
  add(context);
  add(reinterpret_cast<std::uintptr_t>(&problem.operation));
  add(static_cast<std::uint64_t>(problem.dtype));
  for (std::size_t i = 0; i < problem.operation.dim_count; ++i) add(static_cast<std::uint64_t>(problem.dims[i]));
  for (std::size_t i = 0; i < problem.operation.scalar_count; ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &problem.scalars[i], sizeof bits);
    add(bits);
  }
  return (hash ^ (hash >> 32)) % kBuckets;
}

bool is_for(const Plan& plan, const Problem& problem, std::uint64_t context) {
  if (plan.context != context || plan.operation != &problem.operation || plan.dtype != problem.dtype) return false;
  for (std::size_t i = 0; i < plan.dims.size(); ++i) {
    if (plan.dims[i] != problem.dims[i]) return false;
  }
  // By their bits, so that one that is not a number is found again.
  return plan.scalars.empty() ||
         std::memcmp(plan.scalars.data(), problem.scalars, plan.scalars.size() * sizeof(double)) == 0;
}

const Plan* find(const Problem& problem, std::uint64_t context, std::size_t bucket) {
  const Plan* plan = buckets[bucket].load(std::memory_order_acquire);
  while (plan != nullptr && !is_for(*plan, problem, context)) plan = plan->next;
  return plan;
}

/// Of the current context, and never of another in this process where the driver can tell.
bool context_number(const Driver& driver, std::uint64_t& number, Status& status) {
  Context context = nullptr;
  if (!succeeded(driver, driver.ctx_get_current(&context), "cuCtxGetCurrent", status)) return false;
  if (context == nullptr) {
    report(status, Code::no_context,
           "no CUDA context is current in this thread: make one current (cuCtxSetCurrent; with the runtime, "
           "cudaSetDevice and cudaFree(nullptr))");
    return false;
  }
  unsigned long long id = 0;
  if (driver.ctx_get_id != nullptr && driver.ctx_get_id(context, &id) == 0) {
    number = id;
  } else {
    number = reinterpret_cast<std::uintptr_t>(context);
  }
  return true;
}

const Plan* make(const Driver& driver, const Problem& problem, std::uint64_t context, std::size_t bucket,
                 Status& status) {
  const std::lock_guard<std::mutex> lock(making());
  if (const Plan* plan = find(problem, context, bucket)) return plan;  // Another thread was first.
  auto plan = std::make_unique<Plan>();
  plan->context = context;
  plan->operation = &problem.operation;
  plan->dtype = problem.dtype;
  plan->dims.assign(problem.dims, problem.dims + problem.operation.dim_count);
  if (problem.scalars != nullptr)
    plan->scalars.assign(problem.scalars, problem.scalars + problem.operation.scalar_count);
  if (!make_plan(driver, problem, *plan, status)) return nullptr;
  plan->next = buckets[bucket].load(std::memory_order_relaxed);
  const Plan* const made = plan.release();
  buckets[bucket].store(made, std::memory_order_release);
  return made;
}

/// make(), where memory may run out.
const Plan* make_safely(const Driver& driver, const Problem& problem, std::uint64_t context, std::size_t bucket,
                        Status& status) noexcept {
#if defined(__cpp_exceptions)
  try {
    return make(driver, problem, context, bucket, status);
  } catch (...) {
    report(status, Code::out_of_memory, "%s: the host has no memory to load it", problem.operation.name);
    return nullptr;
  }
#else
  return make(driver, problem, context, bucket, status);
#endif
}

/// What runs in the current context. Null with `status` set. `stream`: what is about to be launched on, or null.
const Plan* plan_for(const Driver& driver, const Problem& problem, const Stream* stream, Status& status) noexcept {
  std::uint64_t context = 0;
  if (!context_number(driver, context, status)) return nullptr;
  const std::size_t bucket = bucket_of(problem, context);
  const Plan* plan = find(problem, context, bucket);
  if (plan == nullptr) {
    int capturing = 0;
    if (stream != nullptr &&
        !succeeded(driver, driver.stream_is_capturing(*stream, &capturing), "cuStreamIsCapturing", status))
      return nullptr;
    if (capturing != 0) {
      report(status, Code::not_prepared, "%s: call %s_prepare() with these sizes before the stream is captured",
             problem.operation.name, problem.operation.name);
      return nullptr;
    }
    plan = make_safely(driver, problem, context, bucket, status);
  }
  if (plan == nullptr || plan->status.ok()) return plan;
  status = plan->status;
  return nullptr;
}

bool pointers_are_right(const Operation& operation, const void* const* tensors, Status& status) {
  for (std::size_t i = 0; i < operation.tensor_count; ++i) {
    if (tensors[i] == nullptr) {
      report(status, Code::null_pointer, "%s: %s is null", operation.name, operation.tensors[i]);
      return false;
    }
    if (reinterpret_cast<std::uintptr_t>(tensors[i]) % kAlignment != 0) {
      report(status, Code::misaligned, "%s: %s does not start at a multiple of %d bytes", operation.name,
             operation.tensors[i], static_cast<int>(kAlignment));
      return false;
    }
  }
  return true;
}

bool workspace_is_right(const Plan& plan, Workspace workspace, Status& status) {
  const std::size_t needed = plan.chosen.workspace_bytes;
  if (needed == 0) return true;
  const char* const name = plan.operation->name;
  if (workspace.data == nullptr || workspace.bytes < needed) {
    report(status, Code::no_workspace, "%s: a workspace of %llu bytes is needed, and %llu are given", name,
           static_cast<unsigned long long>(needed),
           static_cast<unsigned long long>(workspace.data == nullptr ? 0 : workspace.bytes));
    return false;
  }
  if (reinterpret_cast<std::uintptr_t>(workspace.data) % kAlignment == 0) return true;
  report(status, Code::misaligned, "%s: the workspace does not start at a multiple of %d bytes", name,
         static_cast<int>(kAlignment));
  return false;
}

/// Everything that a call does with the device, of values on the stack.
bool launch_all(const Driver& driver, const Plan& plan, const std::uint64_t* buffers, Stream stream, Status& status) {
  const std::size_t tensors = plan.operation->tensor_count;
  for (std::size_t i = 0; i < plan.places.size(); ++i) {
    const Place& place = plan.places[i];
    if (place.zeroed && place.bytes > 0 &&
        !succeeded(driver, driver.memset(buffers[tensors + i], 0, place.bytes, stream), "cuMemsetD8Async", status))
      return false;
  }
  for (const LoadedLaunch& each : plan.launches) {
    // The driver takes addresses of arguments, reads them, and changes none.
    void* arguments[kMostArguments] = {};
    for (std::size_t i = 0; i < each.arguments.size(); ++i) {
      const Argument& argument = each.arguments[i];
      const std::uint64_t* const value = argument.kind == Kind::buffer ? &buffers[argument.bits] : &argument.bits;
      arguments[i] = const_cast<std::uint64_t*>(value);
    }
    const unsigned* const grid = each.grid;
    const unsigned* const block = each.block;
    const Result result = each.cooperative
                              ? driver.launch_cooperative(each.function, grid[0], grid[1], grid[2], block[0], block[1],
                                                          block[2], each.shared_bytes, stream, arguments)
                              : driver.launch(each.function, grid[0], grid[1], grid[2], block[0], block[1], block[2],
                                              each.shared_bytes, stream, arguments, nullptr);
    if (!succeeded(driver, result, each.kernel, status)) return false;
  }
  return true;
}

}  // namespace

Status run(const Problem& problem, const void* const* tensors, Stream stream, Workspace workspace) noexcept {
  Status status;
  if (!pointers_are_right(problem.operation, tensors, status)) return status;
  const Driver* const driver = detail::driver(status);
  if (driver == nullptr) return status;
  const Plan* const plan = plan_for(*driver, problem, &stream, status);
  if (plan == nullptr || !workspace_is_right(*plan, workspace, status)) return status;
  std::uint64_t buffers[kMostArguments] = {};
  std::size_t count = 0;
  for (; count < problem.operation.tensor_count; ++count)
    buffers[count] = reinterpret_cast<std::uintptr_t>(tensors[count]);
  for (const Place& place : plan->places)
    buffers[count++] = reinterpret_cast<std::uintptr_t>(workspace.data) + place.offset;
  launch_all(*driver, *plan, buffers, stream, status);
  return status;
}

Status prepare(const Problem& problem, Chosen* chosen) noexcept {
  Status status;
  const Driver* const driver = detail::driver(status);
  if (driver == nullptr) return status;
  const Plan* const plan = plan_for(*driver, problem, nullptr, status);
  if (plan != nullptr && chosen != nullptr) *chosen = plan->chosen;
  return status;
}

Status workspace_bytes(const Problem& problem, std::size_t* bytes) noexcept {
  Status status;
  if (bytes == nullptr) {
    report(status, Code::null_pointer, "%s: bytes is null", problem.operation.name);
    return status;
  }
  Chosen chosen;
  status = prepare(problem, &chosen);
  *bytes = status.ok() ? chosen.workspace_bytes : 0;
  return status;
}

}  // namespace detail
}  // namespace fuseline_package
