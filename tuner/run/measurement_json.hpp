// Measurements and what they are made of as JSON, for messages and stored runs.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "tuner/base/json.hpp"
#include "tuner/run/measurement.hpp"

namespace fuseline::tuner {

inline constexpr std::size_t kMaximumFinals = 4096;  ///< That a file or message may have.
inline constexpr std::size_t kMaximumCards = 4096;   ///< Likewise.

[[nodiscard]] nlohmann::json to_json(const Summary& summary);
[[nodiscard]] nlohmann::json to_json(const Recorded& recorded);
[[nodiscard]] nlohmann::json to_json(
    const Launch& launch);  ///< {"grid": [x, y, z], "block": [x, y, z], "shared_bytes": n}
[[nodiscard]] nlohmann::json to_json(const Verification& verification);
[[nodiscard]] nlohmann::json to_json(const StaticFacts& facts);
[[nodiscard]] nlohmann::json to_json(const FinalRound& round);
/// {"variant": "v", "values": [["block", 256], ["gelu", "erf"]]}: keeps the order of parameters.
[[nodiscard]] nlohmann::json to_json(const Configuration& configuration);

[[nodiscard]] Result<void> read_value(const JsonView& view, Summary& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Recorded& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Launch& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Verification& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, StaticFacts& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, FinalRound& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Value& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, NamedValue& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Configuration& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Measurement& out);
/// Null stays null.
[[nodiscard]] Result<void> read_value(const JsonView& view, std::shared_ptr<const SourceProfile>& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Evaluation& out);

}  // namespace fuseline::tuner
