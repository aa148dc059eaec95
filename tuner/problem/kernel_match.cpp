#include "tuner/problem/kernel_match.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"
#include "tuner/problem/size_names.hpp"

namespace fuseline::tuner {
namespace {

bool is_integer_type(const KernelType& type) {
  return type == "i32" || type == "u32" || type == "i64" || type == "u64";
}

template <class T>
std::optional<T> number_from(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

/// What is said of a parameter by another name.
std::string customary(const std::string& plain) {
  if (plain == "gamma" || plain == "w") return "weight";
  if (plain == "beta" || plain == "b") return "bias";
  if (plain == "mean") return "runningmean";
  if (plain == "var" || plain == "variance") return "runningvar";
  if (plain == "output" || plain == "y" || plain == "o" || plain == "result") return "out";
  return plain;
}

class Matcher {
 public:
  Matcher(const KernelSignature& kernel, const KernelText& text, const Model& model, const ArgumentChoices& chosen)
      : kernel_(kernel), text_(text), model_(model), chosen_(chosen) {
    const auto offer = [&](const std::vector<ModelTensor>& tensors, bool output, bool held) {
      for (const ModelTensor& tensor : tensors) offers_.push_back({{tensor, output, held}});
    };
    offer(model.inputs, false, false);
    offer(model.held, false, true);
    offer(model.outputs, true, false);
  }

  Result<KernelMatch> match() {
    FUSELINE_CHECK(check_names());
    FUSELINE_CHECK(match_chosen());
    for (const bool exactly : {true, false}) {
      for (const KernelParameter* pointer : free_pointers()) match_by_name(*pointer, exactly);
    }
    match_by_order();
    FUSELINE_CHECK(match_numbers());
    tell();
    return std::move(match_);
  }

 private:
  struct Offer {
    MatchedTensor matched;
    bool taken = false;
  };
  using Pointers = std::vector<const KernelParameter*>;
  using Offers = std::vector<Offer*>;

  Result<void> check_names() const {
    std::vector<std::string> known;
    for (const KernelParameter& each : kernel_.parameters) known.push_back(each.name);
    known.insert(known.end(), text_.dims.begin(), text_.dims.end());
    known.insert(known.end(), text_.scalars.begin(), text_.scalars.end());
    for (const auto& [name, value] : chosen_) {
      if (std::find(known.begin(), known.end(), name) == known.end())
        return bad_input("--arg", "",
                         fmt::format("the kernel {} takes no \"{}\"{}", kernel_.name, printable(name),
                                     known_names_hint(name, known)));
    }
    return {};
  }

  [[nodiscard]] Pointers free_pointers() const {
    Pointers pointers;
    for (const KernelParameter& each : kernel_.parameters) {
      if (each.pointer && !match_.tensors.contains(each.name)) pointers.push_back(&each);
    }
    return pointers;
  }

  /// Whether the pointer's type can hold the tensor's numbers.
  static bool holds(const KernelParameter& pointer, const ModelTensor& tensor) {
    if (pointer.type.empty()) return true;  // What it is, is told by who writes the tensor.
    const bool whole = is_integer_type(pointer.type) || pointer.type == "u8";
    return whole != tensor.floating;
  }

  void take(const KernelParameter& pointer, Offer& offer, bool by_order = false) {
    offer.taken = true;
    match_.tensors[pointer.name] = offer.matched;
    said_.push_back(fmt::format("{} is {} {}{}", pointer.name, printable(offer.matched.tensor.name),
                                offer.matched.tensor.shape_text(), by_order ? " by its place" : ""));
  }

  Result<void> match_chosen() {
    for (const KernelParameter& pointer : kernel_.parameters) {
      const auto choice = chosen_.find(pointer.name);
      if (!pointer.pointer || choice == chosen_.end()) continue;
      std::vector<std::string> known;
      for (const Offer& offer : offers_) known.push_back(offer.matched.tensor.name);
      const auto found = std::find_if(offers_.begin(), offers_.end(), [&](const Offer& offer) {
        return offer.matched.tensor.name == choice->second && !offer.taken &&
               (!offer.matched.output || !pointer.constant);
      });
      if (found == offers_.end())
        return bad_input(
            "--arg", "",
            fmt::format("{}={} names no tensor of {} that is left for it{}", pointer.name, printable(choice->second),
                        printable(model_.file), known_names_hint(choice->second, known)));
      take(pointer, *found);
    }
    return {};
  }

  void match_by_name(const KernelParameter& pointer, bool exactly) {
    const std::string wanted = exactly ? plain_name(pointer.name) : customary(plain_name(pointer.name));
    Offers found;
    for (Offer& offer : offers_) {
      const std::string& name = offer.matched.tensor.name;
      const bool named = plain_name(name) == wanted || plain_name(last_part(name)) == wanted ||
                         (exactly && plain_name(underscored(name)) == wanted);
      if (named && !offer.taken && (!offer.matched.output || !pointer.constant) && holds(pointer, offer.matched.tensor))
        found.push_back(&offer);
    }
    if (found.size() == 1) take(pointer, *found.front());
  }
  static std::string underscored(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
  }

  /// What is left of the model; of buffers not the counters of batches.
  Offers left(bool output, std::optional<bool> held = std::nullopt) {
    Offers all;
    for (Offer& offer : offers_) {
      const MatchedTensor& each = offer.matched;
      if (offer.taken || each.output != output || (held && each.held != *held)) continue;
      if (each.held && !each.tensor.floating && each.tensor.elements() == 1) continue;
      all.push_back(&offer);
    }
    return all;
  }

  void match_by_order() {
    const Pointers pointers = free_pointers();
    Pointers reads, writes;
    for (const KernelParameter* each : pointers) (each->constant ? reads : writes).push_back(each);
    const std::size_t outputs = left(true).size();
    if (writes.size() > outputs) {  // Some that are only read lack their const: outputs come last.
      writes.erase(writes.begin(), writes.end() - static_cast<std::ptrdiff_t>(outputs));
      reads.clear();
      for (const KernelParameter* each : pointers) {
        if (std::find(writes.begin(), writes.end(), each) == writes.end()) reads.push_back(each);
      }
    }
    assign(writes, left(true), true);
    const Offers inputs = left(false, false), all = left(false);
    assign(reads, reads.size() == inputs.size() ? inputs : all, false);
  }

  void assign(const Pointers& pointers, const Offers& offers, bool output) {
    bool fits = pointers.size() == offers.size();
    for (std::size_t i = 0; fits && i < pointers.size(); ++i) fits = holds(*pointers[i], offers[i]->matched.tensor);
    if (fits) {
      for (std::size_t i = 0; i < pointers.size(); ++i) take(*pointers[i], *offers[i], true);
      return;
    }
    std::vector<std::string> names;
    for (const Offer* offer : offers)
      names.push_back(printable(offer->matched.tensor.name) + " " + offer->matched.tensor.shape_text());
    const std::string of = names.empty() ? "of which none is left" : fmt::format("of {}", fmt::join(names, ", "));
    for (const KernelParameter* each : pointers)
      match_.open.push_back(fmt::format("which tensor \"{}\" is, {} (--arg {}=TENSOR)", each->text, of, each->name));
    if (output && pointers.empty())
      match_.open.push_back(fmt::format("which pointer gets {} (--arg POINTER={})", fmt::join(names, ", "),
                                        printable(offers.front()->matched.tensor.name)));
  }

  /// Of the model, by its whole name or by its last part where all that have it agree.
  [[nodiscard]] std::optional<double> number_named(const std::string& name) const {
    const std::string wanted = plain_name(name);
    std::set<double> whole, part;
    for (const auto& [full, value] : model_.numbers) {
      if (plain_name(full) == wanted) whole.insert(value);
      if (plain_name(last_part(full)) == wanted) part.insert(value);
    }
    const std::set<double>& found = whole.empty() ? part : whole;
    return found.size() == 1 ? std::optional(*found.begin()) : std::nullopt;
  }

  Result<void> match_numbers() {
    std::vector<std::string> integers = text_.dims, reals = text_.scalars;
    for (const KernelParameter& each : kernel_.parameters) {
      if (each.pointer) continue;
      if (is_integer_type(each.type)) integers.push_back(each.name);
      if (each.type == "f32" || each.type == "f64") reals.push_back(each.name);
    }
    for (const std::string& name : integers) FUSELINE_CHECK(match_integer(name, integers));
    for (const std::string& name : reals) FUSELINE_CHECK(match_real(name));
    return {};
  }

  Result<void> match_integer(const std::string& name, const std::vector<std::string>& all) {
    if (const auto choice = chosen_.find(name); choice != chosen_.end()) {
      const auto value = number_from<std::int64_t>(choice->second);
      if (!value) return bad_input("--arg", "", fmt::format("{}={} is no integer", name, printable(choice->second)));
      match_.integers[name] = *value;
      return {};
    }
    const std::vector<std::int64_t> sizes = sizes_of(model_);
    if (const auto number = number_named(name); number && std::floor(*number) == *number && std::fabs(*number) < 1e15) {
      match_.integers[name] = static_cast<std::int64_t>(*number);
    } else if (const auto size = size_named(name, all, model_)) {
      match_.integers[name] = *size;
    } else if (sizes.size() == 1) {
      match_.integers[name] = sizes.front();
    } else {
      match_.open.push_back(
          fmt::format("the value of the integer {}; sizes are {} (--arg {}=N)", name, fmt::join(sizes, ", "), name));
      return {};
    }
    said_.push_back(fmt::format("{} is {}", name, match_.integers[name]));
    return {};
  }

  Result<void> match_real(const std::string& name) {
    if (const auto choice = chosen_.find(name); choice != chosen_.end()) {
      const auto value = number_from<double>(choice->second);
      if (!value || !std::isfinite(*value))
        return bad_input("--arg", "", fmt::format("{}={} is no number", name, printable(choice->second)));
      match_.reals[name] = *value;
    } else if (const auto number = number_named(name)) {
      match_.reals[name] = *number;
      said_.push_back(fmt::format("{} is {}", name, *number));
    } else {
      std::vector<std::string> known;
      for (const auto& [each, value] : model_.numbers) known.push_back(fmt::format("{} {}", printable(each), value));
      match_.open.push_back(fmt::format("the value of the scalar {}{} (--arg {}=X)", name,
                                        known.empty() ? "" : fmt::format("; the model has {}", fmt::join(known, ", ")),
                                        name));
    }
    return {};
  }

  void tell() {
    if (!said_.empty()) match_.guesses.push_back(fmt::format("{} (--arg)", fmt::join(said_, ", ")));
    std::vector<std::string> unused;
    for (const Offer* offer : left(false)) unused.push_back(printable(offer->matched.tensor.name));
    if (!unused.empty() && match_.open.empty())
      match_.guesses.push_back(fmt::format("the kernel does not get {} of the model", fmt::join(unused, ", ")));
  }

  const KernelSignature& kernel_;
  const KernelText& text_;
  const Model& model_;
  const ArgumentChoices& chosen_;
  std::vector<Offer> offers_;
  std::vector<std::string> said_;
  KernelMatch match_;
};

}  // namespace

Result<KernelMatch> match_kernel(const KernelSignature& kernel, const KernelText& text, const Model& model,
                                 const ArgumentChoices& chosen) {
  return Matcher(kernel, text, model, chosen).match();
}

}  // namespace fuseline::tuner
