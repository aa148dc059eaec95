#!/usr/bin/env python3
"""Whole models on exported kernels beside PyTorch: times, values against fp64, and KernelBench's own evaluation.

models.py [--only 34,3,91] [--dtypes f32,bf16] [--skip times,values,evaluation] [--json FILE] PACKAGE KERNELBENCH

PACKAGE: a folder that `fuseline export --format torch` wrote, with the problems *_channels_last and their backward.
KERNELBENCH: a checkout of github.com/ScalingIntelligence/KernelBench, whose level 2 models are the references.
Needs a GPU and PyTorch with Triton.

- Times: medians of triton.testing.do_bench, device time between events, and of five rounds of it. torch.compile compiles
  before, twice: as it is, and with mode="max-autotune-no-cudagraphs"; the faster counts. A training step is forward,
  backward of a random gradient in the output's own layout, and no optimizer. TF32 is allowed to all alike in f32.
- Values: output and the gradient of every parameter against the reference model in fp64 on the same weights and input.
  Outputs by the largest difference, gradients by the norm of the difference over the largest norm of all.
- Evaluation: KernelBench's eval_kernel_against_ref in f32, five random inputs.
Exit 1: an evaluation that does not pass, or a value that is further from fp64 than PyTorch's own allows.
"""
import argparse
import copy
import importlib.util
import json
import os
import pathlib
import statistics
import sys

import torch
import triton.testing

ROOT = pathlib.Path(__file__).resolve().parents[2]
DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
TRAINED = ("34", "91")
SLACK = 1.25  # Ours may be so many times as far from fp64 as PyTorch's own model in the same dtype.
ROUNDS = 5


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def solution_path(number):
    for folder in (ROOT / "presets", ROOT / "share/fuseline/presets"):
        if (folder / "kernelbench" / f"{number}.py").is_file():
            return folder / "kernelbench" / f"{number}.py"
    sys.exit(f"models.py: there is no presets/kernelbench/{number}.py beside it")


def reference_path(kernelbench, number):
    found = sorted(pathlib.Path(kernelbench).glob(f"KernelBench/level2/{number}_*.py"))
    if not found:
        sys.exit(f"models.py: {kernelbench} has no KernelBench/level2/{number}_*.py")
    return found[0]


class Case:
    """A reference and our solution with the same weights, and an input."""

    def __init__(self, number, dtype, kernelbench):
        reference = load(reference_path(kernelbench, number), f"reference_{number}")
        solution = load(solution_path(number), f"solution_{number}")
        self.number, self.dtype = number, dtype
        torch.manual_seed(1)
        self.reference = reference.Model(*reference.get_init_inputs()).cuda().to(DTYPES[dtype])
        self.ours = solution.ModelNew(*reference.get_init_inputs()).cuda().to(DTYPES[dtype])
        self.ours.load_state_dict(self.reference.state_dict())  # Every name of one is one of the other.
        self.x = reference.get_inputs()[0].cuda().to(DTYPES[dtype])


def median_ms(call):
    return triton.testing.do_bench(call, warmup=50, rep=200, return_mode="median")


def forward_of(model, x):
    def call():
        with torch.no_grad():
            model(x)
    return call


def step_of(model, x):
    model(x)
    with torch.no_grad():
        gradient = torch.randn_like(model(x))
    parameters = list(model.parameters())

    def call():
        for parameter in parameters:
            parameter.grad = None
        model(x).backward(gradient)
    return call


def measure(case, of):
    """Medians of each, in rounds that begin with another of them each time: what shares the machine hits all alike.

    torch.compile has copies of its own, as one module keeps one compilation.
    """
    models = {"eager": case.reference, "compile": torch.compile(copy.deepcopy(case.reference)),
              "max-autotune": torch.compile(copy.deepcopy(case.reference), mode="max-autotune-no-cudagraphs"),
              "ours": case.ours}
    calls = {name: of(model, case.x) for name, model in models.items()}
    for call in calls.values():
        for _ in range(3):
            call()
    found = {name: [] for name in calls}
    names = list(calls)
    for turn in range(ROUNDS):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            found[name].append(median_ms(calls[name]))
    torch._dynamo.reset()
    return found


def times(case, results):
    kinds = [("forward", forward_of)] + ([("training step", step_of)] if case.number in TRAINED else [])
    for kind, of in kinds:
        found = measure(case, of)
        ms = {name: statistics.median(rounds) for name, rounds in found.items()}
        faster = min(ms["compile"], ms["max-autotune"])
        row = {"model": case.number, "dtype": case.dtype, "kind": kind, "ms": ms, "rounds": found,
               "ratio": faster / ms["ours"]}
        results["times"].append(row)
        print(f"| {case.number} {kind} | {case.dtype} | {ms['eager']:.3f} | {ms['compile']:.3f} | "
              f"{ms['max-autotune']:.3f} | {ms['ours']:.3f} ({min(found['ours']):.3f} to {max(found['ours']):.3f}) | "
              f"{row['ratio']:.2f} |", flush=True)


def gradients(model, x, gradient):
    for parameter in model.parameters():
        parameter.grad = None
    y = model(x)
    y.backward(gradient.to(y.dtype))
    return y.detach(), {name: parameter.grad for name, parameter in model.named_parameters()}


def values(case, results):
    exact = copy.deepcopy(case.reference).double()
    torch.manual_seed(2)
    with torch.no_grad():
        y = exact(case.x.double())
    gradient = torch.randn_like(y)
    right, right_gradients = gradients(exact, case.x.double(), gradient)
    largest = max(float(each.norm()) for each in right_gradients.values())
    sound = True
    row = {"model": case.number, "dtype": case.dtype}
    for name, model in (("pytorch", case.reference), ("ours", case.ours)):
        y, found = gradients(model, case.x, gradient)
        row[name] = {"output": float((y.double() - right).abs().max()),
                     "gradients": {each: float((found[each].double() - right_gradients[each]).norm()) / largest
                                   for each in right_gradients}}
        del y, found
    for each, error in row["ours"]["gradients"].items():
        sound = sound and error <= max(SLACK * row["pytorch"]["gradients"][each], 1e-3)
    sound = sound and row["ours"]["output"] <= SLACK * row["pytorch"]["output"] + 1e-6
    row["sound"] = sound
    results["values"].append(row)
    worst = {name: max(row[name]["gradients"].values()) for name in ("pytorch", "ours")}
    print(f"values {case.number} {case.dtype}: output from fp64 at most {row['ours']['output']:.3g} (PyTorch "
          f"{row['pytorch']['output']:.3g}), gradients by norm {worst['ours']:.3g} ({worst['pytorch']:.3g}): "
          f"{'ok' if sound else 'FAILED'}", flush=True)
    return sound


def evaluation(number, kernelbench, results):
    sys.path.insert(0, str(pathlib.Path(kernelbench) / "src"))
    try:
        from kernelbench.eval import eval_kernel_against_ref
    except ImportError as error:
        print(f"evaluation {number}: KernelBench cannot be imported: {error}")
        results["evaluation"].append({"model": number, "passed": None, "why": str(error)})
        return False
    reference = reference_path(kernelbench, number).read_text(encoding="utf-8")
    result = eval_kernel_against_ref(reference, solution_path(number).read_text(encoding="utf-8"),
                                     num_correct_trials=5, measure_performance=False, verbose=False,
                                     device=torch.device("cuda:0"))
    results["evaluation"].append({"model": number, "passed": bool(result and result.correctness),
                                  "why": str(result.metadata) if result else "nothing came back"})
    print(f"evaluation {number}: {'passed' if result and result.correctness else 'FAILED'} "
          f"{result.metadata if result else ''}", flush=True)
    return bool(result and result.correctness)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", metavar="PACKAGE")
    parser.add_argument("kernelbench", metavar="KERNELBENCH")
    parser.add_argument("--only", default="34,3,91")
    parser.add_argument("--dtypes", default="f32,bf16")
    parser.add_argument("--skip", default="")
    parser.add_argument("--json")
    options = parser.parse_args()
    skip = options.skip.split(",")
    package = pathlib.Path(options.package).resolve()
    sys.path.insert(0, str(package.parent))
    os.environ["FUSELINE_PACKAGE"] = package.name
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    results = {"gpu": torch.cuda.get_device_name(), "torch": torch.__version__, "times": [], "values": [],
               "evaluation": []}
    sound = True
    if "times" not in skip:
        print(f"{results['gpu']}, PyTorch {torch.__version__}; ms\n\n"
              "| model | dtype | eager | torch.compile | max-autotune | ours (of rounds) | faster compiled / ours |\n"
              "|---|---|---|---|---|---|---|", flush=True)
    for number in options.only.split(","):
        for dtype in options.dtypes.split(","):
            case = Case(number, dtype, options.kernelbench)
            if "times" not in skip:
                times(case, results)
            if "values" not in skip:
                sound = values(case, results) and sound
            del case
            torch.cuda.empty_cache()
    if "evaluation" not in skip:
        for number in options.only.split(","):
            sound = evaluation(number, options.kernelbench, results) and sound
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1), encoding="utf-8")
    if results["times"]:
        mean = statistics.geometric_mean(row["ratio"] for row in results["times"])
        print(f"{mean:.2f} times as fast as the faster compiled one, in the geometric mean")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
