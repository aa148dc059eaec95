#include "tuner/check/macros.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tuner/base/text.hpp"
#include "tuner/check/source_scan.hpp"
#include "tuner/check/used_names.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::string_view kParameterPrefix = "PARAM_";
constexpr std::string_view kDerivedPrefix = "DERIVED_";

/// What the launches, the workspace and the names of files and kernels of a manifest use: it changes the launch,
/// whether or not the source knows.
std::set<std::string> used_outside_sources(const Variant& variant) {
  std::set<std::string> used;
  const auto expression = [&](const std::string& text) {
    for (std::string& name : names_in_expression(text)) used.insert(std::move(name));
  };
  std::string patterns = variant.source_name;
  for (const LaunchSpec& launch : variant.launches) {
    for (const auto* texts : {&launch.grid, &launch.block}) std::for_each(texts->begin(), texts->end(), expression);
    expression(launch.shared_bytes);
    for (const ArgumentSpec& argument : launch.args) {
      if (argument.kind != ArgumentKind::buffer) expression(argument.text);
    }
    patterns += " " + launch.kernel;
  }
  for (const WorkspaceSpec& workspace : variant.workspace) expression(workspace.elements);
  for (const ParameterSpec& parameter : variant.parameters) {
    if (patterns.find("{" + parameter.name + "}") != std::string::npos) used.insert(parameter.name);
  }
  return used;
}

/// Puts in what derived values in `used` are worked out from.
void follow_derived(const Variant& variant, std::set<std::string>& used) {
  for (auto derived = variant.derived.rbegin(); derived != variant.derived.rend(); ++derived) {
    if (!used.contains(derived->name)) continue;
    for (std::string& name : names_in_expression(derived->text)) used.insert(std::move(name));
  }
}

struct Prefix {
  std::string_view text;
  const char* what;
  std::vector<std::string> known;
};

void check_undeclared(const CodeNames& names, const std::vector<Prefix>& prefixes, const std::string& file,
                      FindingList& findings) {
  for (const auto& [name, line] : names.lines()) {
    for (const Prefix& prefix : prefixes) {
      if (!name.starts_with(prefix.text) || name.size() == prefix.text.size() || names.settles(name)) continue;
      const std::string stands_for = name.substr(prefix.text.size());
      if (std::find(prefix.known.begin(), prefix.known.end(), stands_for) != prefix.known.end()) continue;
      findings.add({FindingKind::macro, file, line, "",
                    fmt::format("{} stands for no {} of the manifest{}", name, prefix.what,
                                known_names_hint(stands_for, prefix.known))});
    }
  }
}

}  // namespace

void check_macros(const Variant& variant, const std::map<std::string, std::string>& headers, FindingList& findings) {
  std::set<std::string> used = used_outside_sources(variant);
  Prefix parameters{kParameterPrefix, "parameter", {}};
  Prefix derived{kDerivedPrefix, "derived value", {}};
  for (const ParameterSpec& parameter : variant.parameters) parameters.known.push_back(parameter.name);
  for (const NamedExpression& each : variant.derived) derived.known.push_back(each.name);
  if (variant.form == KernelForm::cuda) {
    for (const auto& [name, text] : variant.sources) {
      const std::vector<std::string> codes = code_with_headers(*text, headers);
      const CodeNames all(codes);
      for (const Prefix& prefix : {parameters, derived}) {
        for (const std::string& known : prefix.known) {
          if (all.mentions(std::string(prefix.text) + known)) used.insert(known);
        }
      }
      check_undeclared(CodeNames(codes.front()), {parameters, derived},
                       printable((variant.file.parent_path() / name).string()), findings);
    }
  }
  follow_derived(variant, used);
  for (std::size_t p = 0; p < variant.parameters.size(); ++p) {
    const std::string& name = variant.parameters[p].name;
    if (used.contains(name) || variant.parameters[p].full_values.size() < 2) continue;
    findings.add({FindingKind::macro, printable(variant.file.string()), 0, fmt::format("/parameters/{}/name", p),
                  variant.form == KernelForm::cuda
                      ? fmt::format("nothing uses {0}: no source mentions PARAM_{0}, and no launch, workspace or name "
                                    "depends on it, so that its values repeat the same configuration",
                                    name)
                      : fmt::format("nothing uses {}: no launch, workspace or name depends on it, so that its values "
                                    "repeat the same configuration",
                                    name)});
  }
}

void check_reference_macros(const std::string& source, const std::map<std::string, std::string>& headers,
                            const std::string& file, FindingList& findings) {
  check_undeclared(CodeNames(code_with_headers(source, headers).front()),
                   {{kParameterPrefix, "parameter", {}}, {kDerivedPrefix, "derived value", {}}}, file, findings);
}

}  // namespace fuseline::tuner
