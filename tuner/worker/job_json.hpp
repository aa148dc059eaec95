// Jobs, requests for evaluation and their parts as JSON: what protocol.cpp builds messages of.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tuner/base/json.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

[[nodiscard]] nlohmann::json to_json(const Job& job);
[[nodiscard]] nlohmann::json to_json(const EvaluateRequest& request);
[[nodiscard]] Result<void> read_value(const JsonView& view, Job& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, EvaluateRequest& out);

}  // namespace fuseline::tuner
