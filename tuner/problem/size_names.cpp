#include "tuner/problem/size_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <utility>

namespace fuseline::tuner {
namespace {

using Shape = std::vector<std::int64_t>;
using Names = std::set<std::string, std::less<>>;

/// Of tensors by their letters; a kernel has all of a layout's, or the layout says nothing.
constexpr std::array<std::string_view, 12> kLayouts = {"nc",  "bc",  "ncl", "nchw", "bchw", "ncdhw",
                                                       "btc", "bsd", "bld", "bhsd", "bhtd", "mn"};

const Names& element_names() {
  static const Names names = {"n",      "size",     "numel",    "total",         "count",     "len",
                              "length", "elements", "nelement", "numelements",   "nelements", "nelem",
                              "nelems", "numelems", "elems",    "totalelements", "totalsize"};
  return names;
}
const Names& row_names() {
  static const Names names = {"rows", "nrows", "numrows", "nrow", "m"};
  return names;
}
const Names& column_names() {
  static const Names names = {"cols",      "ncols",   "numcols",    "columns",   "ncol",     "width",
                              "hidden",    "d",       "hiddensize", "hiddendim", "dim",      "features",
                              "nfeatures", "rowsize", "rowlength",  "rowlen",    "embeddim", "normalizedsize",
                              "normsize",  "w"};
  return names;
}

std::int64_t product(const Shape& shape, std::size_t first, std::size_t last) {
  std::int64_t all = 1;
  for (std::size_t i = first; i < last && i < shape.size(); ++i) all *= shape[i];
  return all;
}

/// Letters that the kernel's integers are called by.
std::string letters_of(const std::vector<std::string>& all) {
  std::string letters;
  for (const std::string& name : all) {
    if (const std::string plain = plain_name(name); plain.size() == 1) letters += plain;
  }
  return letters;
}

bool has_all(std::string_view letters, std::string_view wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](char each) { return letters.find(each) != std::string_view::npos; });
}

const ModelTensor& first_input(const Model& model) {
  return !model.inputs.empty() ? model.inputs.front()
         : !model.held.empty() ? model.held.front()
                               : model.outputs.front();
}

/// Whether some integer is a number of rows, so that n is what a row has.
bool counts_rows(const std::vector<std::string>& all) {
  return std::any_of(all.begin(), all.end(), [](const std::string& name) {
    return row_names().contains(plain_name(name)) || plain_name(name).starts_with("batch");
  });
}

/// "n4" of vectors of four: the name of what they are made of, and four; else one.
std::pair<std::string, std::int64_t> of_vectors(const std::string& plain) {
  const char last = plain.back();
  if (plain.size() < 2 || (last != '2' && last != '4' && last != '8')) return {plain, 1};
  return {plain.substr(0, plain.size() - 1), last - '0'};
}

/// The longest layout of the input's rank whose letters are all there.
std::optional<std::int64_t> by_layout(char letter, const std::string& letters, const Shape& shape) {
  for (const std::string_view layout : kLayouts) {
    if (layout.size() != shape.size() || !has_all(letters, layout)) continue;
    if (const std::size_t at = layout.find(letter); at != std::string_view::npos) return shape[at];
  }
  return std::nullopt;
}

}  // namespace

std::string plain_name(const std::string& name) {
  std::string lower = name;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view ending : {"_ptr", "_dev", "_d"}) {
    if (lower.size() > ending.size() && lower.ends_with(ending)) lower.resize(lower.size() - ending.size());
  }
  if (lower.size() > 2 && lower.starts_with("d_")) lower.erase(0, 2);
  lower.erase(std::remove(lower.begin(), lower.end(), '_'), lower.end());
  return lower;
}

std::optional<std::int64_t> size_named(const std::string& name, const std::vector<std::string>& all,
                                       const Model& model) {
  const std::string plain = plain_name(name);
  const Shape& in = first_input(model).shape;
  const Shape& out = model.outputs.front().shape;
  if (plain.size() == 1) {
    const std::string letters = letters_of(all);
    if (in.size() == 2 && out.size() == 2 && has_all(letters, "mnk")) {  // A product of matrices.
      if (plain == "m") return out[0];
      if (plain == "n") return out[1];
      if (plain == "k") return in[1];
    }
    if (const auto found = by_layout(plain[0], letters, in)) return found;
    if (plain == "n" && counts_rows(all) && !in.empty()) return in.back();
  }
  if (plain == "spatial" || plain == "hw")
    return in.size() > 2 ? std::optional(product(in, 2, in.size())) : std::nullopt;
  if (plain == "batch" || plain == "batchsize" || plain == "b" || plain == "bs")
    return in.size() > 1 ? std::optional(in.front()) : std::nullopt;
  if (plain == "channels" || plain == "numchannels" || plain == "inchannels" || plain == "c")
    return in.size() > 2 ? std::optional(in[1]) : in.size() == 2 ? std::optional(in.back()) : std::nullopt;
  if (plain == "height" || plain == "h") return in.size() > 1 ? std::optional(in[in.size() - 2]) : std::nullopt;
  if (column_names().contains(plain) && !in.empty()) return in.back();
  if (row_names().contains(plain) && in.size() > 1) return product(in, 0, in.size() - 1);
  if (plain.empty()) return std::nullopt;
  const auto [items, each] = of_vectors(plain);
  if (!element_names().contains(items)) return std::nullopt;
  const std::int64_t elements = product(in, 0, in.size());
  const bool same = elements == product(out, 0, out.size()) && elements % each == 0;
  return same ? std::optional(elements / each) : std::nullopt;
}

std::vector<std::int64_t> sizes_of(const Model& model) {
  std::set<std::int64_t> sizes;
  for (const auto* tensors : {&model.inputs, &model.outputs}) {
    for (const ModelTensor& tensor : *tensors) {
      sizes.insert(tensor.shape.begin(), tensor.shape.end());
      sizes.insert(tensor.elements());
    }
  }
  sizes.erase(1);
  return {sizes.begin(), sizes.end()};
}

}  // namespace fuseline::tuner
