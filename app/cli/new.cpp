// fuseline new: a problem's folder from a kernel that is there.
#include <memory>
#include <string>
#include <utility>

#include "app/cli/common.hpp"
#include "app/cli/kernel_options.hpp"
#include "tuner/session/new_problem.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

Result<std::string> make(KernelOptions options) {
  FUSELINE_CHECK(read_choices(options));
  FUSELINE_TRY(data, require_data());
  return tuner::make_problem(std::move(options.problem), data);
}

}  // namespace

void add_new(CLI::App& app, Context& context) {
  auto options = std::make_shared<KernelOptions>();
  tuner::DraftRequest& draft = options->problem.draft;
  CLI::App* command = app.add_subcommand("new", "Make the folder of a problem from a kernel that is there");
  command->add_option("name", draft.name, "Name of the problem")->type_name("NAME")->required();
  command->add_option("--from", draft.file, "CUDA C++ source with the kernel; it is copied as it is")
      ->type_name("FILE")
      ->required();
  command->add_option("--kernel", draft.kernel, "Which __global__ function (default: the only one)")->type_name("F");
  command->add_option("-o,--output", options->problem.folder, "Folder to make (default: NAME)")->type_name("FOLDER");
  add_launch_options(*command, *options);
  add_parameter_option(*command, *options);
  add_draw_options(*command, *options, add_reference_options(*command, *options));
  command->footer(
      "Examples:\n"
      "  fuseline new scaled_add --from k.cu\n"
      "  fuseline new rows --from kernels.cu --kernel rows_f16 -o problems/rows\n"
      "  fuseline new mine --from k.cu --reference ref.py\n"
      "  fuseline new mine --from k.cu --reference ref.py --arg w=fc.weight --grid 'cdiv(n, block)' --block 128,256\n"
      "Integers that the kernel takes become dimensions, pointers to const inputs, other pointers outputs, float and "
      "double scalars.\nThe threads of a block are swept where the source reads blockDim, has a template parameter or "
      "a "
      "macro PARAM_block.\n"
      "With --reference, inputs, parameters and outputs of the model are written as .npy files; the outputs are "
      "computed in fp64\nfrom the inputs as the kernel gets them. Pointers are told by name, then by order. What was "
      "taken is said, with the option\nthat changes it, and what is not plain is an error that names the option. "
      "FUSELINE_PYTHON names the Python that has PyTorch\n(default: that of the virtual environment that Fuseline is "
      "installed in, else python3).\n"
      "Without it, what a person must decide is written as \"decide: ...\" and listed; the problem is refused until "
      "all "
      "of it is decided.\nA folder that is there already is not written to.\n");
  command->callback([options, &context] {
    context.task = [options] {
      const auto text = make(*options);
      if (!text) return fail(text.error());
      print(*text);
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace fuseline::app
