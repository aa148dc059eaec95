// What the compiler makes of every distinct source and set of options of the spaces, and what the images say.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tuner/check/compiling.hpp"
#include "tuner/check/finding_list.hpp"
#include "tuner/check/launch_arguments.hpp"
#include "tuner/check/spaces.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

struct ImageOptions {
  std::vector<int> capabilities;
  std::size_t at_most = 0;  ///< Distinct sources and options of a variant that are compiled, spread evenly; 0: all.
  std::string cache_folder = {};  ///< As BuildRequest's.
  BuildImages build;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// Gathers what there is to compile, then has it compiled.
class ImageCheck {
 public:
  ImageCheck() = default;
  ImageCheck(const ImageCheck&) = delete;
  ImageCheck& operator=(const ImageCheck&) = delete;

  /// Every configuration of the spaces, each worked out; what cannot be is a finding. `summary` is filled in by run()
  /// and must outlive it.
  void add(const Variant& variant, std::shared_ptr<const std::map<std::string, std::string>> headers,
           const std::vector<CaseSpace>& spaces, CompileSummary& summary, FindingList& findings);
  void add_reference(const Problem& problem, const std::string& source_file,
                     std::shared_ptr<const std::map<std::string, std::string>> headers,
                     const std::vector<CheckCase>& cases, CompileSummary& summary, FindingList& findings);
  /// Findings: what NVRTC refuses, kernels that an image lacks, arguments that it does not take. Sets warnings and
  /// not_compiled of `report`.
  void run(const ImageOptions& options, CheckReport& report, FindingList& findings);

 private:
  /// Who images are for.
  struct Owner {
    CompileSummary* summary = nullptr;
    LaunchesPlace place;
    std::string folder;  ///< Of its sources.
    std::shared_ptr<const std::map<std::string, std::string>> headers;
    bool limited = true;  ///< By ImageOptions::at_most.
  };
  struct Image {
    std::size_t owner = 0;
    ResolvedConfiguration resolved;
    std::shared_ptr<const std::string> source;
    int capability = 0;
    std::string where;  ///< Configuration and case.
  };
  /// The images of one call of add().
  class Kept;

  void keep(Image image, Kept& kept);
  void choose(const ImageOptions& options, const std::vector<int>& known);
  void take(const Image& image, const BuildReply& reply, FindingList& findings) const;
  void take_error(const Image& image, const std::string& reason, FindingList& findings) const;
  void take_kernels(const Image& image, const BuildReply& reply, FindingList& findings) const;

  std::vector<Owner> owners_;
  std::vector<Image> images_;
};

}  // namespace fuseline::tuner
