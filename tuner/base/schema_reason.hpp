// What a person is told where a document does not fit its schema. Used by schema.cpp alone.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace fuseline::tuner {

/// A clause for one failure: what the schema asks for at the place `steps` (member names and indices from the root of
/// `document`) and what is there. `complaint` is the validator's sentence, kept where there is nothing better to say.
[[nodiscard]] std::string schema_reason(const nlohmann::json& schema, const std::vector<std::string>& steps,
                                        const nlohmann::json& document, std::string complaint);

/// RFC 6901 pointer of the place.
[[nodiscard]] std::string json_pointer(const std::vector<std::string>& steps);

}  // namespace fuseline::tuner
