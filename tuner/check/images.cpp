#include "tuner/check/images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/check/compiler_messages.hpp"
#include "tuner/check/source_scan.hpp"
#include "tuner/problem/image_check.hpp"

namespace fuseline::tuner {

class ImageCheck::Kept {
 public:
  explicit Kept(const std::shared_ptr<const std::map<std::string, std::string>>& headers) : distinct_(headers) {}

  /// True the first time.
  bool is_new(const Image& image) {
    return keys_.insert(distinct_.key(image.resolved, image.source, image.capability)).second;
  }

 private:
  DistinctImages distinct_;
  std::set<std::string> keys_;
};

void ImageCheck::keep(Image image, Kept& kept) {
  if (!kept.is_new(image)) return;
  ++owners_[image.owner].summary->distinct;
  images_.push_back(std::move(image));
}

void ImageCheck::add(const Variant& variant, std::shared_ptr<const std::map<std::string, std::string>> headers,
                     const std::vector<CaseSpace>& spaces, CompileSummary& summary, FindingList& findings) {
  const std::string file = printable(variant.file.string());
  Kept kept(headers);
  owners_.push_back({&summary, {file, "/launches"}, variant.file.parent_path().string(), std::move(headers), true});
  for (const CaseSpace& each : spaces) {
    if (!each.space) continue;
    for (std::uint64_t index = 0; index < each.space->size(); ++index) {
      const Configuration configuration = each.space->configuration(index);
      const std::string where = fmt::format("{} ({})", printable(configuration.key()), each.looked_at->text());
      auto resolved = resolve(variant, configuration, each.looked_at->instance, each.looked_at->device);
      if (!resolved) {
        const Error& error = resolved.error();
        findings.add({FindingKind::expression, error.file, 0, error.path, error.reason}, where);
        continue;
      }
      if (variant.form != KernelForm::cuda) continue;
      auto source = variant.sources.at(resolved->source_name);
      keep({owners_.size() - 1, std::move(*resolved), std::move(source), each.looked_at->capability, where}, kept);
    }
  }
}

void ImageCheck::add_reference(const Problem& problem, const std::string& source_file,
                               std::shared_ptr<const std::map<std::string, std::string>> headers,
                               const std::vector<CheckCase>& cases, CompileSummary& summary, FindingList& findings) {
  if (problem.reference_launches.empty()) return;
  const auto source = std::make_shared<const std::string>(problem.reference_source);
  Kept kept(headers);
  owners_.push_back({&summary,
                     {printable(problem.file.string()), "/reference/launches"},
                     problem.kernel_folder.string(),
                     std::move(headers),
                     false});
  for (const CheckCase& each : cases) {
    auto launches = resolve_reference(each.instance, each.device);
    if (!launches) {
      const Error& error = launches.error();
      findings.add({FindingKind::expression, error.file, 0, error.path, error.reason}, each.text());
      continue;
    }
    ResolvedConfiguration resolved;
    resolved.source_name = source_file;
    resolved.defines = instance_defines(each.instance);
    resolved.launches = std::move(*launches);
    keep({owners_.size() - 1, std::move(resolved), source, each.capability, each.text()}, kept);
  }
}

/// Leaves those that are compiled.
void ImageCheck::choose(const ImageOptions& options, const std::vector<int>& known) {
  std::vector<Image> chosen;
  for (std::size_t owner = 0; owner < owners_.size(); ++owner) {
    std::vector<Image*> of_owner;
    for (Image& image : images_) {
      const bool compiles = std::find(known.begin(), known.end(), image.capability) != known.end();
      if (image.owner == owner && compiles) of_owner.push_back(&image);
    }
    const std::size_t most = owners_[owner].limited && options.at_most > 0 ? options.at_most : of_owner.size();
    for (const std::uint64_t position : spread(of_owner.size(), most)) chosen.push_back(std::move(*of_owner[position]));
    owners_[owner].summary->compiled = std::min(of_owner.size(), most);
  }
  images_ = std::move(chosen);
}

void ImageCheck::run(const ImageOptions& options, CheckReport& report, FindingList& findings) {
  if (images_.empty()) return;
  const auto known = known_capabilities(options.build, options.capabilities, report.warnings);
  if (!known) {
    report.warnings.clear();
    report.not_compiled = known.error().reason;
    return;
  }
  choose(options, *known);
  std::size_t done = 0;
  const auto request = [&](std::size_t i) {
    const Image& image = images_[i];
    BuildRequest build;
    build.configuration = {i, image.resolved, image.source};
    build.headers = *owners_[image.owner].headers;
    build.architecture = architecture_of(image.capability);
    build.cache_folder = options.cache_folder;
    return build;
  };
  const auto built = options.build(images_.size(), request, [&](const BuildReply& reply) {
    take(images_.at(reply.id), reply, findings);
    if (options.progress) options.progress(++done, images_.size());
  });
  if (!built) report.not_compiled = built.error().reason;
}

void ImageCheck::take(const Image& image, const BuildReply& reply, FindingList& findings) const {
  CompileSummary& summary = *owners_[image.owner].summary;
  if (!reply.reason.empty()) {
    ++summary.failed;
    return take_error(image, printable(reply.reason), findings);
  }
  if (reply.registers > 0) {
    summary.fewest_registers =
        summary.fewest_registers == 0 ? reply.registers : std::min(summary.fewest_registers, reply.registers);
    summary.most_registers = std::max(summary.most_registers, reply.registers);
  }
  if (reply.spill_bytes > 0) ++summary.spilling;
  if (reply.spill_bytes > summary.most_spill_bytes) {
    summary.most_spill_bytes = reply.spill_bytes;
    summary.spills_most = image.where;
  }
  take_kernels(image, reply, findings);
}

void ImageCheck::take_error(const Image& image, const std::string& reason, FindingList& findings) const {
  const Owner& owner = owners_[image.owner];
  const auto in_folder = [&](const std::string& name) {
    // A common header is none of the folder's.
    if (name.starts_with("common/") || std::filesystem::path(name).is_absolute()) return name;
    return printable((std::filesystem::path(owner.folder) / name).string());
  };
  const auto complaint = placed_line(reason);
  if (complaint) {
    findings.add({FindingKind::compile, in_folder(complaint->file), complaint->line, "", complaint->text}, image.where);
  } else {
    findings.add({FindingKind::compile, in_folder(image.resolved.source_name), 0, "", reason}, image.where);
  }
}

void ImageCheck::take_kernels(const Image& image, const BuildReply& reply, FindingList& findings) const {
  const LaunchesPlace& place = owners_[image.owner].place;
  const auto read = read_cubin(reply.image, image.resolved.source_name);
  if (!read) {
    findings.add({FindingKind::compile, place.file, 0, "/source", read.error().message()}, image.where);
    return;
  }
  for (std::size_t l = 0; l < image.resolved.launches.size(); ++l) {
    const ResolvedLaunch& launch = image.resolved.launches[l];
    const auto symbol = reply.symbols.find(launch.kernel);
    std::vector<ArgumentKind> kinds;
    for (const ResolvedArgument& argument : launch.args) kinds.push_back(argument.kind);
    const auto entry =
        check_kernel(*read, symbol == reply.symbols.end() ? launch.kernel : symbol->second, kinds, {place.file, l});
    if (entry) continue;
    // The place within the launch: check_kernel() knows manifests alone.
    const std::string member = entry.error().path.substr(fmt::format("/launches/{}/", l).size());
    const bool nameless =
        member == "kernel" && std::any_of(read->entries.begin(), read->entries.end(), [&](const auto& e) {
          return e.name.starts_with("_Z") && e.name.find(launch.kernel) != std::string::npos;
        });
    findings.add(
        {member == "kernel" ? FindingKind::kernel : FindingKind::arguments, place.file, 0,
         fmt::format("{}/{}/{}", place.path, l, member),
         entry.error().reason + (nameless ? "; a kernel that is launched by its plain name is extern \"C\"" : "")});
  }
}

}  // namespace fuseline::tuner
