#include "tuner/check/launch_arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/check/source_scan.hpp"

namespace fuseline::tuner {
namespace {

using Parameters = std::vector<SourceParameter>;

/// A tensor given to a kernel.
struct Binding {
  std::size_t launch = 0, argument = 0;
  std::string name;  ///< Of the kernel's parameter, quoted.
};

class ArgumentsCheck {
 public:
  ArgumentsCheck(const std::vector<LaunchSpec>& launches, const std::vector<TensorSpec>& tensors,
                 const LaunchesPlace& place, FindingList& findings)
      : launches_(launches), tensors_(tensors), place_(place), findings_(findings) {}

  void run(const std::vector<std::string>& codes) {
    std::vector<std::optional<Parameters>> signatures;
    for (const LaunchSpec& launch : launches_) signatures.push_back(kernel_parameters(codes, launch.kernel));
    for (std::size_t l = 0; l < launches_.size(); ++l) {
      if (signatures[l]) look_at(l, *signatures[l]);
    }
    const bool all_known = std::all_of(signatures.begin(), signatures.end(), [](const auto& s) { return s; });
    if (all_known) look_at_outputs();
  }

 private:
  void report(std::size_t launch, const std::string& member, const std::string& reason) {
    findings_.add({FindingKind::arguments, place_.file, 0, fmt::format("{}/{}/{}", place_.path, launch, member),
                   fmt::format("kernel \"{}\" {}", printable(launches_[launch].kernel), reason)});
  }
  static std::string member(std::size_t argument) { return fmt::format("args/{}", argument); }

  const TensorSpec* tensor_of(const ArgumentSpec& argument) const {
    if (argument.kind != ArgumentKind::buffer) return nullptr;
    const auto found = std::find_if(tensors_.begin(), tensors_.end(),
                                    [&](const TensorSpec& tensor) { return tensor.name == argument.text; });
    return found == tensors_.end() ? nullptr : &*found;
  }

  void look_at(std::size_t l, const Parameters& parameters) {
    const std::vector<ArgumentSpec>& args = launches_[l].args;
    if (args.size() != parameters.size()) return report(l, "args", count_reason(args, parameters));
    std::set<std::size_t> swapped;
    for (std::size_t i = 0; i < args.size(); ++i) {
      for (std::size_t j = i + 1; j < args.size(); ++j) {
        if (args[i].text != parameters[j].name || args[j].text != parameters[i].name || args[i].text == args[j].text)
          continue;
        swapped.insert({i, j});
        report(l, member(i),
               fmt::format("takes \"{0}\" here and \"{1}\" at {2}, and is given \"{1}\" here and \"{0}\" there: they "
                           "are swapped",
                           args[j].text, args[i].text, j));
      }
    }
    const bool has_constant =
        std::any_of(parameters.begin(), parameters.end(), [](const SourceParameter& each) { return each.constant; });
    for (std::size_t i = 0; i < args.size(); ++i) {
      if (swapped.contains(i)) {
        // Said; and an output among them is no output that is only read.
        if (const TensorSpec* tensor = tensor_of(args[i])) written_.insert(tensor->name);
        continue;
      }
      look_at_one(l, i, parameters[i], has_constant);
    }
  }

  void look_at_one(std::size_t l, std::size_t i, const SourceParameter& parameter, bool has_constant) {
    const ArgumentSpec& argument = launches_[l].args[i];
    // An address may be given as a number of 64 bits.
    const bool number = argument.kind != ArgumentKind::buffer && argument_bytes(argument.kind) < 8;
    if (parameter.pointer && (number || argument.kind == ArgumentKind::f64)) {
      return report(
          l, member(i),
          fmt::format("takes a pointer{} here, and \"{}\" is a number", named(parameter), printable(argument.text)));
    }
    const TensorSpec* tensor = tensor_of(argument);
    if (tensor == nullptr || !parameter.pointer) return;
    if (tensor->role == TensorRole::output) {
      if (parameter.constant) {
        read_[tensor->name].push_back({l, i, named(parameter)});
      } else {
        written_.insert(tensor->name);
      }
    } else if (!parameter.constant && has_constant) {
      report(l, member(i),
             fmt::format("takes a pointer{} here that is not to const, and is given the input \"{}\": are arguments "
                         "swapped?",
                         named(parameter), tensor->name));
    }
  }

  void look_at_outputs() {
    for (const auto& [name, bindings] : read_) {
      if (written_.contains(name)) continue;
      for (const Binding& each : bindings) {
        report(
            each.launch, member(each.argument),
            fmt::format("takes a pointer to const{} here, and is given the output \"{}\", which nothing else writes: "
                        "are arguments swapped?",
                        each.name, name));
      }
    }
  }

  static std::string named(const SourceParameter& parameter) {
    return parameter.name.empty() ? "" : fmt::format(" \"{}\"", parameter.name);
  }

  static std::string count_reason(const std::vector<ArgumentSpec>& args, const Parameters& parameters) {
    std::string reason = fmt::format("takes {} arguments, and {} are given", parameters.size(), args.size());
    std::vector<std::string> missing;
    bool some_given = false;
    for (const SourceParameter& parameter : parameters) {
      const bool given = std::any_of(args.begin(), args.end(),
                                     [&](const ArgumentSpec& argument) { return argument.text == parameter.name; });
      some_given = some_given || given;
      if (!given && !parameter.name.empty()) missing.push_back(parameter.name);
    }
    // Where the manifest has other names, none of them is to be found.
    if (some_given && !missing.empty() && args.size() < parameters.size())
      reason += fmt::format("; not among them: {}", fmt::join(missing, ", "));
    return reason;
  }

  const std::vector<LaunchSpec>& launches_;
  const std::vector<TensorSpec>& tensors_;
  const LaunchesPlace& place_;
  FindingList& findings_;
  std::map<std::string, std::vector<Binding>> read_;  ///< Outputs, where they are given as pointers to const.
  std::set<std::string> written_;
};

}  // namespace

void check_arguments(const std::vector<LaunchSpec>& launches, const std::vector<TensorSpec>& tensors,
                     const std::vector<std::string>& codes, const LaunchesPlace& place, FindingList& findings) {
  ArgumentsCheck(launches, tensors, place, findings).run(codes);
}

}  // namespace fuseline::tuner
