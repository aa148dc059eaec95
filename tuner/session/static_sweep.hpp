// fuseline sweep --device static:NAME: what a space is on a chip that is not there. It is no run: it has no times, and
// the store keeps nothing of it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "tuner/check/static_space.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Whether `device`, as --device takes it, names a chip that is not there.
[[nodiscard]] bool is_static(const std::string& device);

struct StaticMeans {
  const Catalog* catalog = nullptr;  ///< Outlives the result.
  std::filesystem::path data;        ///< data_folder()
  BuildImages build;
  std::string cache_folder = {};  ///< As BuildRequest's.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// The space that the request chooses (problem, shape, dtype, dimensions, scalars, variants, parameters, full) on the
/// chip of its device; all else in it is not looked at. Errors: no problem named, or an unknown one, shape, dtype,
/// dimension, variant, parameter or value; no such chip, or a file that is no device file; as static_space().
[[nodiscard]] Result<StaticSpace> static_sweep(const SweepRequest& request, const StaticMeans& means);

}  // namespace fuseline::tuner
