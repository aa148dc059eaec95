// The header and the sources of a package for C++, from its wisdom.json.
#pragma once

#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/json.hpp"
#include "tuner/package/folder.hpp"

namespace fuseline::tuner {

/// A member that is a string.
[[nodiscard]] inline std::string member_text(const OrderedJson& object, const char* member) {
  return object.at(member).get<std::string>();
}
/// Inputs, then outputs: in the order in which functions take them.
[[nodiscard]] std::vector<const OrderedJson*> cpp_tensors(const OrderedJson& problem);
/// "N=128 C=64"
[[nodiscard]] std::string cpp_sizes_text(const OrderedJson& dims);
/// Text that ends no comment and continues none.
[[nodiscard]] std::string cpp_comment(const std::string& text);

/// Declarations of every operation, for the header.
[[nodiscard]] std::string cpp_declarations(const OrderedJson& wisdom);

/// src/operations.cpp, src/images.{hpp,cpp} and src/sources.{hpp,cpp}, by their names in the package, with
/// fuseline_package as the package's name. `images`: bytes by file of wisdom.json; `sources`: "sources/...".
/// Errors: those of cpp_operation(), a part of wisdom.json that names another which is not there.
[[nodiscard]] Result<FileContents> cpp_sources(const OrderedJson& wisdom, const FileContents& images,
                                               const FileContents& sources);

}  // namespace fuseline::tuner
