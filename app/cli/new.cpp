// fuseline new: a problem's folder from a kernel that is there.
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/common.hpp"
#include "tuner/base/files.hpp"
#include "tuner/problem/draft.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct NewOptions {
  tuner::DraftRequest request;
  std::string folder;
};

Result<std::string> draft(NewOptions options) {
  constexpr std::size_t kLargestSource = std::size_t{4} << 20;
  FUSELINE_TRY(source, tuner::read_file(options.request.file, kLargestSource));
  options.request.source = std::move(source);
  const std::filesystem::path folder = options.folder.empty() ? options.request.name : options.folder;
  FUSELINE_TRY(made, tuner::draft_problem(options.request));
  FUSELINE_CHECK(tuner::write_draft(made, folder));
  return tuner::draft_text(made, options.request.name, folder);
}

}  // namespace

void add_new(CLI::App& app, Context& context) {
  auto options = std::make_shared<NewOptions>();
  CLI::App* command = app.add_subcommand("new", "Make the folder of a problem from a kernel that is there");
  command->add_option("name", options->request.name, "Name of the problem")->type_name("NAME")->required();
  command->add_option("--from", options->request.file, "CUDA C++ source with the kernel; it is copied as it is")
      ->type_name("FILE")
      ->required();
  command->add_option("--kernel", options->request.kernel, "Which __global__ function (default: the only one)")
      ->type_name("F");
  command->add_option("-o,--output", options->folder, "Folder to make (default: NAME)")->type_name("FOLDER");
  command->footer(
      "Examples:\n"
      "  fuseline new scaled_add --from k.cu\n"
      "  fuseline new rows --from kernels.cu --kernel rows_f16 -o problems/rows\n"
      "Integers that the kernel takes become dimensions, pointers to const inputs, other pointers outputs, float and "
      "double scalars.\nThe threads of a block are swept where the source reads blockDim, has a template parameter or "
      "a "
      "macro PARAM_block.\nWhat a person must decide is written as \"decide: ...\" and listed; the problem is refused "
      "until all of it is decided.\nA folder that is there already is not written to.\n");
  command->callback([options, &context] {
    context.task = [options] {
      const auto text = draft(*options);
      if (!text) return fail(text.error());
      print(*text);
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace fuseline::app
