// fuseline import-triton: kernels of a Triton module as problems.
#include <memory>
#include <string>
#include <vector>

#include "app/cli/common.hpp"
#include "tuner/session/triton_import.hpp"

namespace fuseline::app {
namespace {

int import_triton(const tuner::TritonImport& request) {
  const auto data = require_data();
  if (!data) return fail(data.error());
  return fail(tuner::import_triton(request, *data));
}

}  // namespace

void add_import_triton(CLI::App& app, Context& context) {
  auto request = std::make_shared<tuner::TritonImport>();
  CLI::App* command = app.add_subcommand(
      "import-triton",
      "Make problems of the Triton kernels that a PyTorch module launches; needs a GPU, PyTorch, Triton");
  command->add_option("file", request->file, "Module with ModelNew, which launches the kernels")
      ->required()
      ->type_name("FILE.py");
  command
      ->add_option("--reference", request->reference,
                   "Module with Model, get_inputs and get_init_inputs, as KernelBench has them")
      ->required()
      ->type_name("REF.py");
  command
      ->add_option("-o,--output", request->output,
                   "Where each kernel becomes a folder; give it as --preset-path afterwards")
      ->required()
      ->type_name("FOLDER");
  command->add_option("--dtype", request->dtypes, "f32, f16 or bf16, several of them, or all (default: f32)")
      ->delimiter(',')
      ->type_name("DTYPE,...");
  command->add_option("--cc", request->capabilities, "Compute capabilities to compile for beside the GPU's, such as 89")
      ->delimiter(',')
      ->check(CLI::Range(50, 150))
      ->type_name("N,...");
  command->add_option("--kernel", request->kernel, "Only this kernel")->type_name("NAME");
  command->add_option("--keep", request->keep, "Constants (tl.constexpr) that are not to be varied")
      ->delimiter(',')
      ->type_name("NAME,...");
  command
      ->add_option("--tolerance", request->tolerance,
                   "Absolute and relative error allowed (default: KernelBench's 1e-4 in f32, 1e-2 in f16 and bf16)")
      ->delimiter(',')
      ->type_name("A[,R]");
  command->add_option("--at-most", request->at_most, "Configurations to compile")
      ->capture_default_str()
      ->check(quiet_range(1, 4096))
      ->type_name("N");
  command->add_option("--seed", request->seed, "Of parameters and inputs")->capture_default_str()->type_name("N");
  command->footer(
      "Both files are programs, and are run. FUSELINE_PYTHON names the Python that has PyTorch and Triton (default:\n"
      "that of the virtual environment that Fuseline is installed in, else python3). Warps, stages and power-of-two "
      "constants are varied round the configuration given; those that give\n"
      "other results are left out. Reference outputs are computed by Model in fp64 from the kernel's own inputs.\n"
      "\n"
      "Examples:\n"
      "  fuseline import-triton mine.py --reference 34.py -o own\n"
      "  fuseline import-triton mine.py --reference 34.py -o own --dtype all --cc 89 --tolerance 1e-3\n"
      "  fuseline sweep my_kernel --preset-path own\n");
  command->callback([&context, request] { context.task = [request] { return import_triton(*request); }; });
}

}  // namespace fuseline::app
