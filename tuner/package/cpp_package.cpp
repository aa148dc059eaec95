#include "tuner/package/cpp_package.hpp"

#include <fmt/format.h>

#include <string_view>

#include "tuner/base/text.hpp"
#include "tuner/package/contents.hpp"
#include "tuner/package/cpp_example.hpp"
#include "tuner/package/cpp_images.hpp"
#include "tuner/package/cpp_names.hpp"
#include "tuner/package/cpp_text.hpp"
#include "tuner/package/package_readme.hpp"

namespace fuseline::tuner {
namespace {

/// What files of assets/package_cpp, and what is generated, call the package.
constexpr std::string_view kPlaceholder = "fuseline_package";
constexpr std::string_view kOperations = "// FUSELINE: operations\n";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

/// Bytes of every image of the package: built now, or read back from what was written before.
Result<FileContents> image_bytes(const PackageContents& contents) {
  FileContents images;
  for (const std::string& file : contents.wisdom.image_files()) {
    if (const auto built = contents.built.find(file); built != contents.built.end()) {
      images[file] = built->second;
      continue;
    }
    const auto kept = contents.before.find(cpp_image_file(file));
    auto bytes = kept == contents.before.end() ? std::nullopt : cpp_image_bytes(kept->second);
    if (!bytes) return bad_input(printable(file), "", "the package lacks this image; export into a new folder");
    images[file] = std::move(*bytes);
  }
  return images;
}

}  // namespace

Result<PackageExported> export_cpp(const PackageRequest& request) {
  FUSELINE_TRY(name, cpp_package_name(request.folder));
  FUSELINE_TRY(contents, package_contents(request, "cpp"));
  const OrderedJson& wisdom = contents.wisdom.json();
  FUSELINE_CHECK(check_cpp_names(wisdom.at("problems")));
  FUSELINE_TRY(images, image_bytes(contents));
  FUSELINE_TRY(fixed, fixed_files(request.data / "assets" / "package_cpp", {".hpp", ".cpp", ".txt"}));
  FUSELINE_TRY(generated, cpp_sources(wisdom, images, contents.sources));
  FUSELINE_TRY(example, cpp_example(wisdom));
  generated["example.cpp"] = std::move(example);
  fixed.merge(generated);
  FileContents files;
  for (const auto& [file, text] : fixed) {
    files[replaced(file, kPlaceholder, name)] =
        replaced(replaced(text, kOperations, cpp_declarations(wisdom)), kPlaceholder, name);
  }
  for (const auto& [file, bytes] : images) files[cpp_image_file(file)] = cpp_image_text(bytes);
  files["README.md"] = cpp_package_readme(name, contents.wisdom);
  return write_contents(request, contents, std::move(files));
}

}  // namespace fuseline::tuner
