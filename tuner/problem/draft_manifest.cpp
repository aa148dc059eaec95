#include "tuner/problem/draft_manifest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/problem/block_index.hpp"
#include "tuner/problem/characters.hpp"
#include "tuner/problem/instance.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::string_view kAxes = "xyz";

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Whether it is called as the threads of a block are; "ROWS_PER_BLOCK" and "NUM_BLOCKS" are not.
bool names_a_block(const std::string& name) {
  const std::string lower = lower_case(name);
  const bool of_a_block = lower.find("thread") != std::string::npos && lower.find("perthread") == std::string::npos &&
                          lower.find("per_thread") == std::string::npos;
  const bool block = lower.find("block") != std::string::npos && lower.find("per") == std::string::npos &&
                     lower.find("blocks") == std::string::npos;
  return of_a_block || block || lower == "bdim";
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c); });
}

/// Whether a block's place is multiplied with what it has several of.
bool several_a_block(const std::string& factor) {
  const std::string lower = lower_case(factor);
  const auto has = [&](const char* word) { return lower.find(word) != std::string::npos; };
  return has("per") || has("tile") || has("block") || has("warp");
}

/// A value on the command line as a manifest has it.
OrderedJson choice_value(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  const auto whole = [&](auto number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? OrderedJson(number) : OrderedJson();
  };
  if (OrderedJson integer = whole(std::int64_t{}); !integer.is_null()) return integer;
  OrderedJson real = whole(double{});
  return real.is_null() ? OrderedJson(text) : real;
}

class ManifestDrafter {
 public:
  ManifestDrafter(DraftParts& parts, const KernelSignature& kernel, const KernelText& text, const DraftRequest& request)
      : parts_(parts), kernel_(kernel), text_(text), request_(request), choices_(request.choices) {}

  Result<OrderedJson> draft(const std::string& variant) {
    for (std::size_t axis = 0; axis < kAxes.size(); ++axis)
      index_.push_back(read_block_index(kernel_.body, kAxes[axis]));
    add_own_parameters();
    OrderedJson launch = {{"kernel", kernel_name()}};
    OrderedJson extents = block();
    FUSELINE_CHECK(check_values());
    FUSELINE_TRY(grid, grid_axes());
    launch["grid"] = std::move(grid);
    launch["block"] = std::move(extents);
    FUSELINE_CHECK(add_shared(launch));
    launch["args"] = parts_.arguments;
    return OrderedJson{{"schema", "fuseline/variant/1"},
                       {"name", variant},
                       {"description", ""},
                       {"source", variant + ".cu"},
                       {"parameters", parameters_},
                       {"launches", OrderedJson::array({std::move(launch)})}};
  }

 private:
  void guess(std::string what) { parts_.guesses.push_back(std::move(what)); }

  void add_parameter(const std::string& name, const std::string& description, OrderedJson values) {
    swept_.push_back(name);
    if (const auto given = choices_.values.find(name); given != choices_.values.end()) {
      values = OrderedJson::array();
      for (const std::string& text : given->second) values.push_back(choice_value(text));
    }
    parameters_.push_back({{"name", name}, {"description", description}, {"values", std::move(values)}});
  }

  /// Threads along an axis; `usual`: where the user says nothing.
  void add_block_parameter(const std::string& name, std::size_t axis, const std::vector<std::int64_t>& usual) {
    OrderedJson values = OrderedJson::array();
    const bool said = axis < choices_.block.size();
    for (const std::int64_t value : said ? choices_.block[axis] : usual) {
      if (said || value <= kernel_.most_threads.value_or(value)) values.push_back(value);
    }
    if (values.empty()) values.push_back(*kernel_.most_threads);
    if (!said && !choices_.values.contains(name))
      guess(fmt::format("{} is the number of threads {}, and {} are worth a try (--block)", name,
                        axis == 0 ? "a block" : fmt::format("along {}", kAxes[axis]), values.dump()));
    add_parameter(name, axis == 0 ? "threads a block" : fmt::format("threads along {}", kAxes[axis]),
                  std::move(values));
    blocks_.resize(axis + 1);
    blocks_[axis] = name;
  }

  /// Template parameters and PARAM_ macros are swept; the first that names a block is the block.
  void add_own_parameters() {
    std::vector<TemplateParameter> found;
    for (const TemplateParameter& each : kernel_.templates) {
      if (!each.is_type && !each.name.empty()) found.push_back(each);
    }
    for (const std::string& macro : text_.macros) found.push_back({macro, false, false});
    for (const TemplateParameter& each : found) {
      if (!parts_.names.insert(each.name).second) continue;
      if (each.is_boolean) {
        add_parameter(each.name, "", OrderedJson::array({false, true}));
      } else if (blocks_.empty() && names_a_block(each.name)) {
        add_block_parameter(each.name, 0, kUsualBlocks);
      } else if (each.usual && !choices_.values.contains(each.name)) {
        guess(fmt::format("{0} is {1}, its default (--param {0}={1},...)", each.name, *each.usual));
        add_parameter(each.name, "", OrderedJson::array({*each.usual}));
      } else {
        add_parameter(
            each.name, "",
            OrderedJson::array({decide(fmt::format("the values of {0} to sweep (--param {0}=A,B)", each.name))}));
      }
    }
  }

  OrderedJson block() {
    const bool two = text_.block_axes > 1 && request_.model != nullptr;
    const bool said = !choices_.block.empty();
    if (blocks_.empty() && (text_.block_axes > 0 || said))
      add_block_parameter(parts_.free_name(text_.block_axes > 1 ? "block_x" : "block"), 0,
                          two ? kUsualAcross : kUsualBlocks);
    OrderedJson extents = OrderedJson::array();
    if (!blocks_.empty()) extents.push_back(blocks_.front());
    if (blocks_.empty() && kernel_.most_threads) {
      extents.push_back(*kernel_.most_threads);
      guess(fmt::format("a block has {} threads, as its launch bounds say (--block)", *kernel_.most_threads));
    }
    if (extents.empty() && is_number(index_[0].threads)) {
      extents.push_back(choice_value(index_[0].threads));
      guess(fmt::format("a block has {} threads, as the source counts them (--block)", index_[0].threads));
    }
    if (extents.empty()) extents.push_back(decide("threads a block (--block N,...)"));
    for (std::size_t axis = 1; axis < std::max<std::size_t>(choices_.block.size(), text_.block_axes); ++axis) {
      if (axis >= choices_.block.size() && (!two || axis > 1)) {
        extents.push_back(decide(fmt::format("threads along axis {} of a block (--block, once more)", kAxes[axis])));
        continue;
      }
      add_block_parameter(parts_.free_name(fmt::format("block_{}", kAxes[axis])), axis, kUsualDown);
      extents.push_back(blocks_[axis]);
    }
    return extents;
  }

  Result<void> check_values() const {
    for (const auto& [name, values] : choices_.values) {
      if (std::find(swept_.begin(), swept_.end(), name) == swept_.end())
        return bad_input("--param", "",
                         fmt::format("nothing of the kernel {} that is swept is called \"{}\"{}", kernel_.name,
                                     printable(name), known_names_hint(name, swept_)));
    }
    return {};
  }

  [[nodiscard]] Result<void> check_choice(const std::string& expression, const char* option) const {
    std::vector<std::string> known = parts_.dim_names();
    for (const auto& scalar : parts_.scalars.items()) known.push_back(scalar.key());
    known.insert(known.end(), swept_.begin(), swept_.end());
    known.insert(known.end(), dtype_names().begin(), dtype_names().end());
    known.insert(known.end(), device_names().begin(), device_names().end());
    const OrderedJson json = expression;
    return check_expression(JsonView(json, option), known);
  }

  Result<void> add_shared(OrderedJson& launch) const {
    if (!choices_.shared_bytes.empty()) {
      FUSELINE_CHECK(check_choice(choices_.shared_bytes, "--shared"));
      launch["shared_bytes"] = choices_.shared_bytes;
    } else if (text_.dynamic_shared) {
      launch["shared_bytes"] = decide("bytes of dynamic shared memory a block (--shared EXPR)");
    }
    return {};
  }

  Result<OrderedJson> grid_axes() {
    OrderedJson grid = OrderedJson::array();
    for (const std::string& expression : choices_.grid) {
      FUSELINE_CHECK(check_choice(expression, "--grid"));
      grid.push_back(expression);
    }
    if (!grid.empty()) return grid;
    const std::vector<std::string> dims = parts_.dim_names();
    if (request_.model == nullptr) {
      const std::string each =
          blocks_.empty() ? "" : fmt::format(", such as cdiv({}, {})", dims.empty() ? "n" : dims.front(), blocks_[0]);
      return OrderedJson::array({decide(fmt::format("how many blocks are launched{} (--grid EXPR)", each))});
    }
    std::size_t axes = 1;
    for (std::size_t axis = 1; axis < index_.size(); ++axis) {
      if (index_[axis].kind != BlockIndex::Kind::none) axes = axis + 1;
    }
    for (std::size_t axis = 0; axis < axes; ++axis) grid.push_back(blocks_along(axis, axes == 1));
    return grid;
  }

  /// Threads of a block along the axis, as an expression; empty where that is not known.
  [[nodiscard]] std::string threads_along(std::size_t axis) const {
    if (axis < blocks_.size()) return blocks_[axis];
    if (axis == 0 && kernel_.most_threads) return fmt::format("{}", *kernel_.most_threads);
    return is_number(index_[axis].threads) ? index_[axis].threads : "";
  }

  /// A row's place is multiplied with what a row has, not with what a block has.
  [[nodiscard]] bool goes_by_threads(const BlockIndex& index) const {
    const std::vector<std::string> dims = parts_.dim_names();
    return index.kind == BlockIndex::Kind::thread && std::find(dims.begin(), dims.end(), index.threads) == dims.end() &&
           !index.threads.starts_with("DIM_");
  }

  /// The bound that the source holds an index against, where it is one of dimensions alone; macros without prefixes.
  [[nodiscard]] std::string usable(const std::string& bound) const {
    const std::vector<std::string> dims = parts_.dim_names();
    std::string text;
    for (std::size_t at = 0; at < bound.size();) {
      std::size_t end = at;
      while (end < bound.size() && (starts_name(bound[end]) || is_digit(bound[end]))) ++end;
      if (end == at) {
        text += bound[at++];
        continue;
      }
      std::string word = bound.substr(at, end - at);
      if (word.starts_with("DIM_")) word.erase(0, 4);
      if (word.starts_with("PARAM_")) word.erase(0, 6);
      const bool known = is_number(word) || std::find(dims.begin(), dims.end(), word) != dims.end() ||
                         std::find(swept_.begin(), swept_.end(), word) != swept_.end();
      if (!known) return {};
      text += word;
      at = end;
    }
    return text.empty() || !check_choice(text, "--grid") ? std::string() : text;
  }

  std::string blocks_along(std::size_t axis, bool alone) {
    const BlockIndex& index = index_[axis];
    const std::string place = fmt::format("blockIdx.{}", kAxes[axis]);
    if (index.kind == BlockIndex::Kind::none) {
      if (alone) guess("the grid is 1: the source does not use blockIdx (--grid)");
      return "1";
    }
    const std::string threads = threads_along(axis);
    const bool by_threads = goes_by_threads(index);
    // What a row's elements are held against says nothing of rows.
    const std::string bound = by_threads || index.kind == BlockIndex::Kind::block ? usable(index.bound) : std::string();
    if (!by_threads) {
      if (several_a_block(index.threads)) return undecided(place);
      std::string rows = !bound.empty() ? bound : alone ? row_count() : "";
      if (rows.empty()) return undecided(place);
      guess(fmt::format("the grid is {}: {} counts {} (--grid)", rows, place,
                        bound.empty() ? "rows, taken for all but the last axis" : "up to it"));
      return rows;
    }
    const std::string items = !bound.empty() ? bound : alone ? output_count() : "";
    std::string each = usable(index.factor);
    if (threads.empty() || items.empty() || (each.empty() && !index.factor.empty())) return undecided(place);
    each = each.empty() ? threads : fmt::format("{} * {}", threads, each);
    std::string grid = fmt::format("cdiv({}{}, {})", items, index.warps ? " * 32" : "", each);
    guess(fmt::format("the grid is {}: a {} {} (--grid)", grid, index.warps ? "warp" : "thread",
                      bound.empty() ? "an element of the output" : fmt::format("each of {}", bound)));
    return grid;
  }

  static std::string undecided(const std::string& place) {
    return decide(
        fmt::format("how many blocks are launched: what {} counts is not plain (--grid EXPR, an axis each)", place));
  }

  [[nodiscard]] std::string output_count() const { return parts_.sized(request_.model->outputs.front().elements()); }
  [[nodiscard]] std::string row_count() const {
    const Model& model = *request_.model;
    for (const auto* tensors : {&model.inputs, &model.outputs}) {
      if (tensors->empty() || tensors->front().shape.size() < 2) continue;
      return parts_.sized(tensors->front().elements() / tensors->front().shape.back());
    }
    return {};
  }

  /// As the manifest names it: a plain name is one in the image, which C++ mangles.
  [[nodiscard]] std::string kernel_name() const {
    if (kernel_.templates.empty())
      return kernel_.extern_c ? kernel_.name : (kernel_.scope.empty() ? "::" : kernel_.scope) + kernel_.name;
    std::vector<std::string> arguments;
    bool first_type = true;
    for (const TemplateParameter& each : kernel_.templates) {
      if (each.name.empty() || (each.is_type && !first_type))
        return decide(fmt::format("an instance of {}, such as {}<{{T}}>", kernel_.name, kernel_.name));
      arguments.push_back(each.is_type ? "{T}" : "{" + each.name + "}");
      if (each.is_type) first_type = false;
    }
    return fmt::format("{}{}<{}>", kernel_.scope, kernel_.name, fmt::join(arguments, ", "));
  }

  static inline const std::vector<std::int64_t> kUsualBlocks = {64, 128, 256, 512};
  static inline const std::vector<std::int64_t> kUsualAcross = {16, 32, 64}, kUsualDown = {4, 8, 16};

  DraftParts& parts_;
  const KernelSignature& kernel_;
  const KernelText& text_;
  const DraftRequest& request_;
  const DraftChoices& choices_;
  std::vector<BlockIndex> index_;
  std::vector<std::string> swept_;
  std::vector<std::string> blocks_;  ///< The parameter that is the number of threads, an axis each.
  OrderedJson parameters_ = OrderedJson::array();
};

}  // namespace

Result<OrderedJson> draft_manifest(DraftParts& parts, const KernelSignature& kernel, const KernelText& text,
                                   const DraftRequest& request, const std::string& variant) {
  return ManifestDrafter(parts, kernel, text, request).draft(variant);
}

}  // namespace fuseline::tuner
