// The floors of the house: which rooms may include from which. A lower room knows nothing of a higher one.
#pragma once

#include "tests/floors/floors.hpp"

namespace fuseline::floors {

inline const std::vector<std::string> kTops = {"tuner", "app", "profiler"};

inline const Arrows kArrows = {
    // The ground.
    {"tuner/base", {}},
    {"tuner/stats", {}},
    // What is tuned, and where.
    {"tuner/counters", {"tuner/base"}},
    {"tuner/device", {"tuner/base"}},
    {"tuner/problem", {"tuner/base", "tuner/device"}},
    {"tuner/space", {"tuner/base", "tuner/problem"}},
    // A run: the nouns.
    {"tuner/run", {"tuner/base", "tuner/counters", "tuner/device", "tuner/problem", "tuner/space", "tuner/stats"}},
    // What is done with one: none of these knows another.
    {"tuner/search", {"tuner/base", "tuner/space"}},
    {"tuner/store", {"tuner/base", "tuner/device", "tuner/run"}},
    {"tuner/worker", {"tuner/base", "tuner/counters", "tuner/device", "tuner/problem", "tuner/run", "tuner/stats"}},
    {"tuner/formats", {"tuner/base", "tuner/counters", "tuner/device", "tuner/run", "tuner/stats"}},
    {"tuner/package", {"tuner/base", "tuner/device", "tuner/formats", "tuner/problem", "tuner/run", "tuner/worker"}},
    // What is wrong with a problem, known without a GPU.
    {"tuner/check", {"tuner/base", "tuner/device", "tuner/problem", "tuner/space", "tuner/worker"}},
    // The sweep, then what people read and see of it.
    {"tuner/session",
     {"tuner/base", "tuner/check", "tuner/counters", "tuner/device", "tuner/formats", "tuner/problem", "tuner/run",
      "tuner/search", "tuner/space", "tuner/store", "tuner/worker"}},
    {"tuner/report",
     // What a worker allocates for a problem is said of problems.
     {"tuner/base", "tuner/check", "tuner/counters", "tuner/device", "tuner/formats", "tuner/problem", "tuner/run",
      "tuner/session", "tuner/space", "tuner/worker"}},
    // A conversation with a program: tools over all that is below.
    {"tuner/mcp",
     {"tuner/base", "tuner/check", "tuner/device", "tuner/formats", "tuner/package", "tuner/problem", "tuner/report",
      "tuner/run", "tuner/session"}},
    // A trend is of the runs that a store lists.
    {"tuner/plot", {"tuner/base", "tuner/device", "tuner/report", "tuner/run", "tuner/stats", "tuner/store"}},
    // A page holds documents and pictures.
    {"tuner/page", {"tuner/base", "tuner/plot", "tuner/problem", "tuner/report", "tuner/run"}},
    // The worker: a program of its own, which shares nouns and protocol.
    {"profiler/cuda", {"tuner/base", "tuner/device"}},
    {"profiler/compile", {"profiler/cuda", "tuner/base", "tuner/problem", "tuner/worker"}},
    {"profiler/counters", {"profiler/cuda", "tuner/base", "tuner/counters"}},
    {"profiler/measure",
     {"profiler/compile", "profiler/counters", "profiler/cuda", "tuner/counters", "tuner/device", "tuner/problem",
      "tuner/run", "tuner/stats", "tuner/worker"}},
    // Kernels on the CPU: linked with the user's, so that nothing of the tuner comes along.
    {"profiler/host/shim", {}},
    {"profiler/host/runtime", {"profiler/host/shim"}},
    {"profiler/host", {"profiler/host/runtime", "profiler/host/shim"}},
    {"profiler/serve",
     {"profiler/compile", "profiler/counters", "profiler/cuda", "profiler/measure", "tuner/base", "tuner/counters",
      "tuner/device", "tuner/worker"}},
    // The command line and the window.
    {"app/cli",
     {"tuner/base", "tuner/check", "tuner/counters", "tuner/device", "tuner/formats", "tuner/mcp", "tuner/package",
      "tuner/page", "tuner/plot", "tuner/problem", "tuner/report", "tuner/run", "tuner/search", "tuner/session",
      "tuner/store"}},
    {"app/gui/models",
     {"tuner/base", "tuner/check", "tuner/counters", "tuner/device", "tuner/formats", "tuner/package", "tuner/page",
      "tuner/plot", "tuner/problem", "tuner/report", "tuner/run", "tuner/search", "tuner/session", "tuner/space",
      "tuner/stats", "tuner/store", "tuner/worker"}},
    {"app/gui/plot", {"app/gui/models", "tuner/plot", "tuner/report"}},
    {"app/gui/platform", {"app/gui/models", "app/gui/plot", "tuner/base", "tuner/plot"}},
    {"app/gui/panels",
     {"app/gui/models", "app/gui/platform", "app/gui/plot", "tuner/plot", "tuner/report", "tuner/search"}},
    {"app/gui", {"app/gui/models", "app/gui/panels", "app/gui/platform", "tuner/base"}},
};

inline const std::vector<Wall> kWalls = {
    {"CUDA, CUPTI and NVRTC",
     {"cuda", "cupti", "nvrtc", "nvperf", "nvJitLink"},
     {"profiler/cuda", "profiler/counters"}},
    {"ImGui, GLFW and OpenGL",
     {"imgui", "backends/imgui", "misc/cpp/imgui", "GLFW/", "GL/"},
     {"app/gui", "app/gui/panels", "app/gui/platform"}},
};

}  // namespace fuseline::floors
