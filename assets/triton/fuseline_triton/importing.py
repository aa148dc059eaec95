"""fuseline import-triton, once its arguments are known to be good."""

import json
import re
import shlex
import shutil
import sys

import torch
import triton

from fuseline_reference.loading import FORM, Refused, load
from fuseline_reference.tensors import write_npy
from fuseline_triton.capture import Kernel, dense
from fuseline_triton.folder import given_values, manifest_json, narrowed, problem_json
from fuseline_triton.models import Models
from fuseline_triton.reference import NoReference, expected_outputs
from fuseline_triton.variation import candidates, capability_here, free_constants, vary

KERNEL_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")


def say(text):
    """What goes on, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def note(text):
    print(("\r\033[K" if sys.stderr.isatty() else "") + text, file=sys.stderr, flush=True)


def time_ms(kernel):
    kernel.restore()
    return triton.testing.do_bench(lambda: kernel.launch.jit.run(
        grid=kernel.grid, warmup=False, **{**kernel.launch.arguments, **kernel.tensors},
        **{**kernel.launch.options, **kernel.options}), return_mode="median")


def expected(models, kernel):
    inputs = {name: tensor for name, tensor in kernel.launch.before.items() if name not in kernel.outputs}
    try:
        return expected_outputs(models.reference, models.inputs, inputs, kernel.expected)
    except NoReference as error:
        raise Refused(f"{kernel.launch.name}: {error}") from error
    except Exception as error:
        raise Refused(f"running Model raises {type(error).__name__}: {error}") from error


def largest_error(got, wanted, tolerance):
    """As a share of what is allowed."""
    allowed = tolerance[0] + tolerance[1] * wanted.abs()
    return ((got.double() - wanted).abs() / allowed).max().item()


def import_kernels(options):
    if not torch.cuda.is_available():
        raise Refused("PyTorch finds no GPU; kernels are launched to be imported")
    reference = load(options.reference, FORM)
    module = load(options.file, ["ModelNew"])
    versions = f"Triton {triton.__version__}, PyTorch {torch.__version__}"
    made = {}  # Kernel's name to what was found in each dtype.
    try:
        import_each(reference, module, options, versions, made)
        for one in made.values():
            one.write()
    finally:
        for one in made.values():
            shutil.rmtree(one.work, ignore_errors=True)


def import_each(reference, module, options, versions, made):
    for dtype in options.dtypes:
        say(f"{dtype}: running the module")
        models = Models(reference, module, dtype, options.seed)
        watch = models.launches()
        for name, launch in watch.launches.items():
            if options.kernel and name != options.kernel:
                continue
            if not KERNEL_NAME.match(name):
                raise Refused(f"{name}: a kernel's name is to be letters, digits and _")
            if watch.counts[name] > 1:
                note(f"{name} is launched {watch.counts[name]} times; the launch that moves most is imported")
            if name not in made:
                made[name] = Imported(name, options, versions)
            made[name].add(dtype, Kernel(launch), models)
        del models, watch
        torch.cuda.empty_cache()
    if not made:
        raise Refused(f"ModelNew does not launch a kernel named {options.kernel}")


class Imported:
    """A kernel in every dtype: its data is written as it is found, its folder's files at the end."""

    def __init__(self, name, options, versions):
        self.name, self.options, self.versions = name, options, versions
        self.folder = options.output / name
        if self.folder.exists():
            raise Refused(f"{self.folder}: is there already")
        self.work = options.output / f".{name}.unfinished"  # Becomes the folder once it is whole.
        shutil.rmtree(self.work, ignore_errors=True)
        self.kernels, self.configurations, self.times, self.errors = {}, {}, {}, {}
        self.axes, self.values, self.compiled = None, None, None
        self.capabilities = list(dict.fromkeys([capability_here(), *options.capabilities]))

    def add(self, dtype, kernel, models):
        wanted = expected(models, kernel)
        tolerance = self.options.tolerance[dtype]
        self.errors[dtype] = max(largest_error(kernel.expected[name], wanted[name], tolerance)
                                 for name in kernel.outputs)
        if self.errors[dtype] > 1:
            note(f"{self.name} {dtype}: as given its largest error is {self.errors[dtype]:.3g} times the tolerance of "
                 f"{tolerance[0]:g} + {tolerance[1]:g} of the value; --tolerance sets another")
        if self.axes is None:
            say(f"{self.name}: how the grid follows the constants")
            self.axes, free = free_constants(kernel, self.options.keep)
            self.values = candidates(kernel, free, self.options.at_most)
            self.compiled = kernel.launch.compiled
        elif kernel.grid != next(iter(self.kernels.values())).grid:
            raise Refused(f"{self.name}: its grid in {dtype} is another; import one dtype at a time")
        self.keep_right(dtype, vary(kernel, dtype, self.capabilities, self.axes, self.values, say))
        if not self.configurations:
            raise Refused(f"{self.name} {dtype}: not even the configuration given gives the same results twice")
        self.times[dtype] = time_ms(kernel)
        kernel.restore()
        for name, tensor in kernel.tensors.items():
            if name not in kernel.outputs:
                write_npy(self.work / "data" / f"{name}.{dtype}.npy", dense(tensor))
        for name, tensor in wanted.items():
            given = kernel.expected[name]
            like = torch.empty_strided(given.shape, given.stride(), dtype=torch.float64)
            write_npy(self.work / "data" / f"{name}.expected.{dtype}.npy", dense(like.copy_(tensor)))
        kernel.expected = {}
        kernel.launch.before = {}
        self.kernels[dtype] = kernel
        kernel.tensors = {name: tensor.to("meta") for name, tensor in kernel.tensors.items()}

    def keep_right(self, dtype, found):
        """What is right in every dtype so far."""
        if not self.kernels:
            self.configurations = found
            return
        self.configurations = {chosen: one for chosen, one in self.configurations.items() if chosen in found}
        for chosen, one in self.configurations.items():
            one.images.update(found[chosen].images)
            one.shared.update(found[chosen].shared)

    def write(self):
        first = next(iter(self.kernels.values()))
        configurations = list(self.configurations.values())
        values = narrowed(self.values, configurations)
        for one in configurations:
            for (dtype, capability), image in one.images.items():
                file = self.work / "cubins" / one.file(dtype, capability)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(image)
        source = self.options.file.name
        problem = problem_json(self.name, self.kernels, self.options.tolerance, source)
        manifest = manifest_json(first, self.compiled, configurations, values, list(self.kernels), self.axes,
                                 self.versions)
        for file, content in (("problem.json", problem), ("triton.json", manifest)):
            (self.work / file).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        self.say_what_it_is(values, len(configurations), source)
        self.work.rename(self.folder)
        given = " ".join(f"{name}={value}" for name, value in given_values(first, values).items())
        times = ", ".join(f"{dtype} {time:.4f} ms" for dtype, time in self.times.items())
        note(f"{self.folder}: {len(configurations)} configurations; given {given}: {times} by do_bench")
        note(f"next: fuseline sweep {self.name} --preset-path {shlex.quote(str(self.options.output))}")

    def say_what_it_is(self, values, count, source):
        first = next(iter(self.kernels.values()))
        lines = [f"# {self.name}", "",
                 f"Imported from `{source}` on an {torch.cuda.get_device_name()}, {self.versions}.",
                 f"{count} configurations gave the results of the one given. The images are of this size alone.", ""]
        lines += ["| dtype | as given, do_bench | its largest error, of the tolerance |", "|---|---|---|"]
        lines += [f"| {dtype} | {self.times[dtype]:.4f} ms | {self.errors[dtype]:.3g} |" for dtype in self.kernels]
        lines += ["", "| parameter | given | values |", "|---|---|---|"]
        lines += [f"| {name} | {given_values(first, values)[name]} | {', '.join(map(str, each))} |"
                  for name, each in values.items()]
        (self.work / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
