// SHA-256 of what comes in pieces.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "tuner/base/error.hpp"

struct evp_md_ctx_st;  // OpenSSL's.

namespace fuseline::tuner {

class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  /// Lower-case hexadecimal, of all that was added. Ends it.
  [[nodiscard]] std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Of a whole file, of which no more than a piece is held. Error: it cannot be read.
[[nodiscard]] Result<std::string> file_sha256(const std::filesystem::path& file);

}  // namespace fuseline::tuner
