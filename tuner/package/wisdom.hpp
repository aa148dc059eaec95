// wisdom.json of a package: problems as data, images by what they were made from, and entries. Schema "wisdom".
#pragma once

#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/package/entry.hpp"

namespace fuseline::tuner {

/// An image in a package's folder.
struct PackageImage {
  std::string file;  ///< "images/softmax.f32.0123456789ab.sm_90.cubin", named by what it was made from.
  std::string architecture;
  KernelForm form = KernelForm::cubin;
  std::string bytes;
  std::map<std::string, std::string> symbols;
  int registers = 0;
  std::int64_t spill_bytes = 0;
  std::string source_sha256;  ///< As a measurement's.
};

/// Errors: an image could not be built.
[[nodiscard]] Result<PackageImage> package_image(const PackageEntry& entry, const BuildRequest& request,
                                                 const BuildReply& reply);

class Wisdom {
 public:
  Wisdom();
  /// Reads what write() made. Errors: not JSON, against the schema.
  [[nodiscard]] static Result<Wisdom> parse(const std::string& text, const std::string& file);

  /// Adds an entry with its problem, variant and images. It replaces one of the same problem, dtype, dimensions,
  /// scalars and device, with the images that only that one used. Errors: the package has the problem or the variant in
  /// another version, or a tensor has no shape that could tell dimensions from arguments.
  [[nodiscard]] Result<void> add(const PackageEntry& entry, const std::vector<PackageImage>& images);

  [[nodiscard]] const OrderedJson& json() const { return json_; }
  [[nodiscard]] std::string text() const { return json_text(json_); }
  /// Files of its images.
  [[nodiscard]] std::vector<std::string> image_files() const;

 private:
  [[nodiscard]] Result<void> add_problem(const Problem& problem, const Variant& used);
  void add_images(const PackageEntry& entry, const std::vector<PackageImage>& images);
  void drop_unused_images();
  void link_backward_problems();

  OrderedJson json_;
};

}  // namespace fuseline::tuner
