#include "tuner/package/package_readme.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

/// "layernorm_gelu_scale(x, gamma, beta, eps=1e-05, scale=1.5)"
std::string signature(const std::string& name, const OrderedJson& problem) {
  std::vector<std::string> arguments;
  for (const OrderedJson& tensor : problem.at("tensors")) {
    if (tensor.at("role") == "input") arguments.push_back(tensor.at("name").get<std::string>());
  }
  for (const auto& scalar : problem.at("scalars").items())
    arguments.push_back(fmt::format("{}={}", scalar.key(), scalar.value().get<double>()));
  return fmt::format("{}({})", name, fmt::join(arguments, ", "));
}

std::string sizes(const OrderedJson& dims) {
  std::vector<std::string> parts;
  for (const auto& dim : dims.items())
    parts.push_back(fmt::format("{}={}", dim.key(), dim.value().get<std::int64_t>()));
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string figures_row(const OrderedJson& entry) {
  const auto text = [&](const char* member) { return entry.at(member).get<std::string>(); };
  const bool measured = entry.at("measured").get<bool>();
  return fmt::format("| {} | {} | {} | {} | {} | {} |\n", text("problem"), text("dtype"), sizes(entry.at("dims")),
                     entry.at("device").at("name").get<std::string>(),
                     measured ? fmt::format("{:.4f}", entry.at("time_ms").get<double>()) : "not measured",
                     measured ? fmt::format("{:.1f} %", 100 * entry.at("of_copy").get<double>()) : "");
}

/// Every entry with its figures.
std::string figures_table(const OrderedJson& json) {
  std::string text = R"(## What it holds

*Of copy*: the time that a copy of the bytes would take, which every input and output must cost once, as a share of the
time measured. Devices that are marked so were not measured: the configuration is the best of those measured that the
device can hold.

| function | dtype | sizes | device | ms | of copy |
|---|---|---|---|---|---|
)";
  for (const OrderedJson& entry : json.at("entries")) text += figures_row(entry);
  return text;
}

/// A line for packages whose shapes that were not tuned run distilled configurations; else nothing.
std::string distilled_line(const OrderedJson& json) {
  const OrderedJson& entries = json.at("entries");
  const bool distilled =
      std::any_of(entries.begin(), entries.end(), [](const OrderedJson& entry) { return entry.contains("untuned"); });
  if (!distilled) return "";
  return "- That configuration is one of the few configurations that serve all shapes of a function best, so that few "
         "are\n"
         "  ever compiled.\n";
}

}  // namespace

std::string package_readme(const std::string& package_name, const Wisdom& wisdom) {
  const OrderedJson& json = wisdom.json();
  std::string text = fmt::format(R"(# {0}

Fused kernels for PyTorch, tuned and written by Fuseline {1}. Data and Python alone: it needs PyTorch 2.4 or newer, a
GPU of NVIDIA's and its driver. Put the folder where Python finds it:

```python
import torch
import {0}

)",
                                 package_name, json.at("tool").at("version").get<std::string>());
  for (const auto& problem : json.at("problems").items())
    text += fmt::format("{}.{}\n", package_name, signature(problem.key(), problem.value()));
  text += R"(```

- Tensors of the shapes, types and devices below run what was tuned for them.
- Another shape runs the nearest one's configuration, compiled once by NVRTC and kept in the user's cache folder. Without
  NVRTC, and for whatever the kernels do not take, the formula in PyTorch runs, and one warning says why.
)";
  text += distilled_line(json);
  text +=
      R"(- Gradients, `torch.compile`, CUDA graphs and autocast work. Call a shape once before it is captured in a graph.
- Each function has an `nn.Module` beside it. A size that no tensor's shape tells is a keyword too: `help()` has it.

)";
  text += figures_table(json);
  text += R"(
`wisdom.json` has launches, configurations and what was verified. `SHA256SUMS` has the checksum of every file:
`sha256sum -c SHA256SUMS`. A file that was changed is refused.
)";
  return text;
}

std::string cpp_package_readme(const std::string& package_name, const Wisdom& wisdom) {
  const OrderedJson& json = wisdom.json();
  std::string text = fmt::format(R"(# {0}

Fused kernels as functions of C++17, tuned and written by Fuseline {1}. To build it takes a compiler, to run it the
driver of a GPU of NVIDIA's; neither needs CUDA's toolkit. In a program's CMakeLists.txt:

```cmake
add_subdirectory({0})
target_link_libraries(program PRIVATE {0}::{0})
```

Without CMake: compile `src/*.cpp` with `-std=c++17`, and link with `-ldl -pthread`. `{0}.hpp` says what every function
takes and returns:

)",
                                 package_name, json.at("tool").at("version").get<std::string>());
  for (const auto& problem : json.at("problems").items()) {
    const auto line = [&](const char* member) { return printable(problem.value().at(member).get<std::string>()); };
    text += fmt::format("- `{}::{}`: {}. {}\n", package_name, problem.key(), line("title"), line("formula"));
  }
  text += R"(
- The context that is current in the thread is used. Kernels are loaded at a shape's first call; `..._prepare()` loads
  them ahead, which a stream that is captured needs.
- Errors are returned, with a message. Nothing is thrown or printed. Every function is thread-safe.
- Another shape runs the nearest one's configuration: by an image that serves it, else compiled once by NVRTC, where a
  toolkit is there (`CUDA_HOME`), and kept in the user's cache folder. Where neither can be, the message says why.
)";
  text += distilled_line(json);
  text += R"(- `example.cpp` runs and times everything: `cmake -B build && cmake --build build && build/example`.

)";
  text += figures_table(json);
  text += R"(
`wisdom.json` has launches, configurations and what was verified; its `images/X` is `images/X.inc` here. `SHA256SUMS`
has the checksum of every file: `sha256sum -c SHA256SUMS`. An image that was changed is not loaded.
)";
  return text;
}

}  // namespace fuseline::tuner
