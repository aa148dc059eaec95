// What the Source panel shows: the files of one variant, one of them laid out, and what is found in it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/code_text.hpp"
#include "app/gui/models/source_view.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/problem/instance.hpp"

namespace fuseline::app::gui {

/// Whose source is shown.
enum class SourceOf { setup, run };

/// A variant, and the configuration that its source is read with.
struct SourceSubject {
  std::shared_ptr<const tuner::Catalog> catalog;
  std::shared_ptr<const tuner::CatalogEntry> entry;  ///< Of the catalog; null: nothing is shown.
  const tuner::Variant* variant = nullptr;           ///< Of the entry.
  tuner::Configuration configuration;
  /// Of the evaluation: its values are in the macros. Of the set-up: they are still open.
  bool settled = false;
  tuner::Dtype dtype = tuner::Dtype::f32;
  tuner::DeviceLimits limits;
  std::optional<tuner::ProblemInstance> instance;  ///< Points into the entry.
  std::filesystem::path data;                      ///< data_folder(): where common headers are.
  std::string title;                               ///< "row of the set-up", "#120 row"
};

struct SourceFile {
  std::string name;            ///< As the compiler names it: "row.cu", "common/reduce.cuh".
  std::filesystem::path path;  ///< On disk.
  std::string role;            ///< "kernel", "header", "common header", "manifest", "reference"
  std::shared_ptr<const std::string> text;
};
/// The kernel's source, the headers that it includes (own ones, then common ones), the manifest, and the reference.
/// Without its source where `view` has none.
[[nodiscard]] std::vector<SourceFile> source_files(const SourceSubject& subject, const SourceView& view);

class SourceModel {
 public:
  /// Another subject. The file on show, the line and what is looked for stay as far as they are in it.
  void show(SourceSubject subject);
  [[nodiscard]] const SourceSubject& subject() const { return subject_; }
  [[nodiscard]] const SourceView& view() const { return view_; }

  [[nodiscard]] const std::vector<SourceFile>& files() const { return files_; }
  /// Null where nothing is shown.
  [[nodiscard]] const SourceFile* file() const { return chosen_ < files_.size() ? &files_[chosen_] : nullptr; }
  /// Laid out once for a text; null without a file.
  [[nodiscard]] const std::shared_ptr<const CodeText>& code() const { return code_; }
  /// Error: no file of that name.
  [[nodiscard]] tuner::Result<void> choose(const std::string& name);

  /// What a macro stands for in the configuration: "256"; empty where that is not known.
  [[nodiscard]] std::string value_of(std::string_view macro) const;

  /// Lines count from 1; 0: none.
  [[nodiscard]] std::size_t line() const { return line_; }
  [[nodiscard]] std::size_t last_line() const { return last_line_; }  ///< Of several that are marked.
  void mark(std::size_t line, bool extend);
  /// Marks a line, of another file where one is named, and has it scrolled to. Error: no such file or line.
  [[nodiscard]] tuner::Result<void> go_to(const std::string& file, std::size_t line);
  /// The line to scroll to, once.
  [[nodiscard]] std::optional<std::size_t> take_scroll();
  /// Of the lines that are marked where they are several, else of the file.
  [[nodiscard]] std::string copied() const;

  void look_for(const std::string& query);
  [[nodiscard]] const std::string& query() const { return query_; }
  [[nodiscard]] const std::vector<CodeMatch>& matches() const { return matches_; }
  [[nodiscard]] std::size_t match() const { return match_; }  ///< The one that is gone to.
  /// The next one, or the one before, round the ends.
  void next_match(bool forward);

 private:
  void lay_out();
  void work_out_macros();
  void look();
  void go_to_match();

  SourceSubject subject_;
  SourceView view_;
  std::vector<SourceFile> files_;
  std::size_t chosen_ = 0;
  std::shared_ptr<const std::string> laid_out_;  ///< The text that code_ is of.
  std::shared_ptr<const CodeText> code_;
  std::map<std::string, std::string, std::less<>> macros_;
  std::size_t line_ = 0, last_line_ = 0;
  std::optional<std::size_t> scroll_;
  std::string query_;
  std::vector<CodeMatch> matches_;
  std::size_t match_ = 0;
};

}  // namespace fuseline::app::gui
