#!/usr/bin/env python3
"""What a package of `fuseline export --format torch` promises, shown on a GPU with PyTorch.

torch_package.py PACKAGE... [--only CHECK]... [--problem NAME]... [--dtype f32]...

One line a check with its figure, then a table of times. Ends with 1 where a check failed, with 77 where there is no GPU
or no PyTorch. Checks that need a second GPU or NVRTC are skipped where there is none. What ran on a second GPU has
"second device: " in its figure, and the first line names that GPU. One check starts a process that sees no GPU at all.
"""

import argparse
import importlib
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # A pool of compilers takes longer to start than to use.
try:
    import torch
except ImportError:
    print("torch_package.py: no PyTorch here")
    sys.exit(77)

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
NORMS = {"f32": 1e-5, "f16": 2e-3, "bf16": 1e-2}  # Of gradients, against fp64.
LOSSES = {"f32": 1e-4, "f16": 2e-2, "bf16": 5e-2}  # Of a training loop against the formula's, in the first loss.
LOSS_SCALE = {"f16": 2.0**20}  # A gradient of a mean over 2^28 elements is none in f16.
FORMULA = {"f32": 1.0, "f16": 20.0, "bf16": 20.0}  # Of the tolerance: a formula rounds after each of its steps.
FORMULA_NORMS = {"f32": 1e-5, "f16": 1e-2, "bf16": 5e-2}  # The same of its gradients.
SMALL = 8  # Of every dim, at most, where the CPU works.
HOST_US = 20.0
CHUNK = 1 << 25  # Elements that are worked out in fp64 at once.


class Case:
    """One problem of a package in one dtype, at the shape that was tuned for this GPU."""

    def __init__(self, folder, package, wisdom, entry):
        self.folder, self.package, self.entry = folder, package, entry
        self.name, self.dtype_name = entry["problem"], entry["dtype"]
        self.data = wisdom["problems"][self.name]
        self.dtype = DTYPES[self.dtype_name]
        self.function = getattr(package, self.name)
        self.operator = package._made["_operators"][self.name]
        self.problem = self.operator.problem
        self.formula = package._functions.FUNCTIONS[self.name].formula
        self.dims = dict(entry["dims"])
        self.scalars = {name: float(value) for name, value in entry["scalars"].items()}
        self.tolerance = self.data["tolerance"][self.dtype_name]
        self.parameters = vars(sys.modules[f"{package.__name__}._formula_{self.name}"])["PARAMETERS"]

    def keywords(self, dims=None):
        dims = dims or self.dims
        return {**self.scalars, **{name: dims[name] for name in self.problem.given}}

    def numbers(self, dims=None):
        return tuple(self.keywords(dims).values())

    def tensors(self, dims=None, dtype=None, seed=1, device="cuda"):
        """Inputs as a model would have them: weights near their initial values, all else normal."""
        dims, made = dims or self.dims, []
        generator = torch.Generator(device).manual_seed(seed)
        for each in self.problem.inputs:
            shape = self.problem.shape_of(each, dims)
            kind = dtype or (self.dtype if each.dtype == "T" else DTYPES[each.dtype])
            if each.strides:
                size = sys.modules[f"{self.package.__name__}._problems"].size
                strides = [size(text, dims) for text in each.strides]
                elements = 1 + sum((extent - 1) * stride for extent, stride in zip(shape, strides))
                flat = normal(elements, kind, generator)
                made.append(flat.as_strided(shape, strides))
                continue
            value = normal(shape, kind, generator)
            if each.name in self.parameters:
                value = value.mul_(0.25).add_(self.parameters[each.name])
            made.append(value)
        return made

    def with_first(self, value):
        """The dims with another first one: the batch or the rows."""
        return {**self.dims, next(iter(self.dims)): value}

    def call(self, tensors, dims=None):
        return tupled(self.function(*tensors, **self.keywords(dims)))

    def by_formula(self, tensors, dims=None):
        return tupled(self.formula(tensors, self.numbers(dims)))

    def batched(self, number):
        """Whether an input has the first dim along its first axis, so that it can be worked on in pieces."""
        return self.problem.inputs[number].shape[0] == next(iter(self.dims))

    def pieces(self, tensors):
        """(slice, fp64 inputs) along the first dim."""
        count = tensors[0].shape[0]
        step = max(1, CHUNK // max(1, tensors[0].numel() // count))
        for start in range(0, count, step):
            rows = slice(start, min(count, start + step))
            yield rows, [(each[rows] if self.batched(number) else each).double() for number, each in enumerate(tensors)]


def normal(shape, dtype, generator):
    """Normal numbers on the generator's device. The CPU of older versions draws no 16-bit ones."""
    drawn = torch.float32 if generator.device.type == "cpu" else dtype
    return torch.randn(shape, generator=generator, dtype=drawn, device=generator.device).to(dtype)


def tupled(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


class Skip(Exception):
    """A check that this machine cannot make."""


def expect(condition, figure):
    if not condition:
        raise AssertionError(figure)
    return figure


def has_nvrtc(package):
    compiler = sys.modules[f"{package.__name__}._compiler"]
    try:
        return bool(compiler.Nvrtc())
    except compiler.NoCompiler:
        return False


def worst_of(case, tensors, outputs):
    """The largest error against fp64 as a part of the problem's tolerance."""
    worst = 0.0
    for rows, piece in case.pieces(tensors):
        for output, reference in zip(outputs, case.by_formula(piece)):
            error = (output[rows].double() - reference).abs_()
            allowed = case.tolerance["absolute"] + case.tolerance["relative"] * reference.abs_()
            worst = max(worst, float((error / allowed).nan_to_num_(nan=math.inf).max()))
    return worst


def check_values(case):
    tensors = case.tensors()
    outputs = case.call(tensors)
    expect(bool(case.operator.loaded), "no kernel was loaded: the formula ran")
    origin = case.operator.loaded[-1]["image"]
    worst = worst_of(case, tensors, outputs)
    return expect(worst <= 1, f"{worst:.3f} of the tolerance, {origin} image")


def gradient_norms(case, tensors):
    """Gradients of one call against fp64: each input's error by its norm. The tensors become leaves."""
    tensors = [each.requires_grad_() for each in tensors]
    outputs = case.call(tensors)
    generator = torch.Generator(tensors[0].device).manual_seed(5)
    # Their mean is zero: sums over millions of rows would be more than an f16 parameter's gradient holds.
    upstream = [normal(each.shape, each.dtype, generator) for each in outputs]
    torch.autograd.backward(outputs, upstream)
    del outputs
    wrong = [0.0 for _ in tensors]
    total = [0.0 for _ in tensors]
    sums = [None if case.batched(number) else torch.zeros_like(each, dtype=torch.float64)
            for number, each in enumerate(tensors)]
    for rows, piece in case.pieces([each.detach() for each in tensors]):
        leaves = [each.requires_grad_() for each in piece]
        found = torch.autograd.grad(case.by_formula(leaves), leaves, [each[rows].double() for each in upstream])
        for number, gradient in enumerate(found):
            if sums[number] is not None:
                sums[number] += gradient
            else:
                wrong[number] += float((tensors[number].grad[rows].double() - gradient).square().sum())
                total[number] += float(gradient.square().sum())
    for number, reference in enumerate(sums):
        if reference is not None:
            wrong[number] = float((tensors[number].grad.double() - reference).square().sum())
            total[number] = float(reference.square().sum())
    return [math.sqrt(a / b) for a, b in zip(wrong, total)]


def check_gradients(case):
    norms = gradient_norms(case, case.tensors())
    figure = ", ".join(f"d{each.name} {norm:.1e}" for each, norm in zip(case.problem.inputs, norms))
    kind = "tuned backward" if case.data.get("backward") else "formula's gradient"
    return expect(max(norms) <= NORMS[case.dtype_name], f"{figure} by norm ({kind})")


def check_opcheck(case):
    dims = case.with_first(max(1, case.dims[next(iter(case.dims))] // 8)) if has_nvrtc(case.package) else case.dims
    tensors = case.tensors(dims)
    checked = [case.name]
    torch.library.opcheck(case.operator.overload, (*tensors, *case.numbers(dims)))
    function = case.package._functions.FUNCTIONS[case.name]
    upstream = [torch.randn_like(each) for each in case.call(tensors, dims)]
    given = [*tensors, *upstream]
    backward = case.package._made["_operators"].get(case.data.get("backward"))
    if backward is not None:
        torch.library.opcheck(backward.overload, (*[given[each] for each in function.backward_order],
                                                  *case.numbers(dims)))
        checked.append(backward.problem.name)
    else:
        torch.library.opcheck(function.backward, (*given, *case.numbers(dims)))
        checked.append("its formula_backward")
    return f"{' and '.join(checked)}: every test"


def compiled_matches(case, **options):
    """Compiles the function and calls it three times with new inputs, forward and backward: one compilation serves."""
    import torch._dynamo

    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()

    function, keywords = case.function, case.keywords()

    def work(*tensors):
        return function(*tensors, **keywords)

    compiled = torch.compile(work, fullgraph=True, **options)
    seconds, graphs = 0.0, 0
    for seed in (1, 2, 3):
        tensors = [each.requires_grad_() for each in case.tensors(seed=seed)]
        torch.compiler.cudagraph_mark_step_begin()
        begin = time.perf_counter()
        outputs = tupled(compiled(*tensors))
        upstream = [torch.ones_like(each) for each in outputs]
        torch.autograd.backward(outputs, upstream)
        seconds = seconds or time.perf_counter() - begin
        graphs = graphs or torch._dynamo.utils.counters["stats"]["unique_graphs"]
        with torch.no_grad():
            wanted = case.call(tensors)
        for got, want in zip(outputs, wanted):
            expect(torch.equal(got.detach(), want), "its outputs differ from eager ones")
        eager = [each.detach().requires_grad_() for each in tensors]
        torch.autograd.backward(case.call(eager), upstream)
        for a, b in zip(tensors, eager):
            apart = (a.grad.double() - b.grad.double()).norm()
            expect(bool(apart <= 1e-6 * b.grad.double().norm()), "gradients differ from eager ones")
        del outputs, upstream, wanted, eager
    stats = torch._dynamo.utils.counters["stats"]
    expect(stats["unique_graphs"] == graphs, f"{stats['unique_graphs']} graphs after three calls, {graphs} after one")
    expect(not torch._dynamo.utils.counters["graph_break"], "the graph breaks")
    return f"{graphs} graph, equal to eager three times, {seconds:.1f} s to compile"


def check_compile(case):
    return compiled_matches(case)


def check_reduce_overhead(case):
    return compiled_matches(case, mode="reduce-overhead")


def check_graph(case):
    x = case.tensors(seed=1)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        case.call(x)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        outputs = case.call(x)
    for seed in (2, 3):
        fresh = case.tensors(seed=seed)
        for to, new in zip(x, fresh):
            to.copy_(new)
        graph.replay()
        for got, want in zip(outputs, case.call(fresh)):
            expect(torch.equal(got, want), "a replay differs from an eager call")
    dims = case.with_first(case.dims[next(iter(case.dims))] + 7)
    tensors = case.tensors(dims)
    said = "it was taken"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's, that nothing was captured.
        try:
            with torch.cuda.graph(torch.cuda.CUDAGraph()):
                case.call(tensors, dims)
        except RuntimeError as error:
            said = str(error)
    torch.cuda.synchronize()
    expect("before a CUDA graph is captured" in said, f"a shape that was not loaded, while capturing: {said}")
    return "two replays with new input are equal to eager calls; a shape not loaded is refused"


def check_streams(case):
    inputs = [case.tensors(seed=seed) for seed in (1, 2)]
    wanted = [case.call(each) for each in inputs]
    streams = [torch.cuda.Stream() for _ in inputs]
    torch.cuda.synchronize()
    found = [[], []]
    for _ in range(5):
        for number, stream in enumerate(streams):
            with torch.cuda.stream(stream):
                found[number] = case.call(inputs[number])
    torch.cuda.synchronize()
    for got, want in zip(found, wanted):
        expect(all(torch.equal(a, b) for a, b in zip(got, want)), "a stream's outputs differ")
    return "five calls on each of two streams are equal to the default stream's"


def check_second_device(case):
    """Tensors on cuda:1 while cuda:0 is the current device: values, gradients, a graph, and tensors on both."""
    if torch.cuda.device_count() < 2:
        raise Skip("there is one GPU")
    first, second = (torch.cuda.get_device_name(index) for index in (0, 1))
    tensors = case.tensors()
    wanted = case.call(tensors)
    there = [each.to("cuda:1") for each in tensors]
    expect(torch.cuda.current_device() == 0, "the current device is not 0")
    outputs = case.call(there)
    expect(torch.cuda.current_device() == 0, "a call changed the current device")
    expect(all(each.device == torch.device("cuda:1") for each in outputs), "the outputs are on another device")
    loaded = [each for each in case.operator.loaded if each["device"] == 1 and each["dtype"] == case.dtype_name]
    expect(bool(loaded), "no kernel was loaded there: the formula ran")
    worst = worst_of(case, there, outputs)
    expect(worst <= 1, f"{worst:.3f} of the tolerance on {second}")
    if first == second:
        same = all(torch.equal(a.cpu(), b.cpu()) for a, b in zip(outputs, wanted))
        expect(same, "the outputs differ from device 0's")
    with torch.cuda.device(1):
        again = case.call(there)
    expect(all(torch.equal(a, b) for a, b in zip(again, outputs)), "they differ where device 1 is the current one")
    del again
    norms = gradient_norms(case, case.tensors(device="cuda:1"))
    expect(max(norms) <= NORMS[case.dtype_name], f"gradients on {second} are {max(norms):.1e} by norm off")
    graph_on_second_device(case)
    said = mixed_devices(case, tensors, there)
    expect(all(torch.equal(a, b) for a, b in zip(case.call(tensors), wanted)), "device 0 gives others afterwards")
    return (f"second device: {second}, {worst:.3f} of the tolerance, gradients {max(norms):.1e} by norm, a graph and "
            f"its replays; {said}")


def graph_on_second_device(case):
    """Captured and replayed on cuda:1 with new input."""
    x = case.tensors(seed=1, device="cuda:1")
    with torch.cuda.device(1):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            case.call(x)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # The stream that PyTorch captures on by itself is of the device of its first capture.
        with torch.cuda.graph(graph, stream=torch.cuda.Stream()):
            outputs = case.call(x)
        for seed in (2, 3):
            fresh = case.tensors(seed=seed, device="cuda:1")
            for to, new in zip(x, fresh):
                to.copy_(new)
            graph.replay()
            for got, want in zip(outputs, case.call(fresh)):
                expect(torch.equal(got, want), "a replay on the second device differs from an eager call")
        torch.cuda.synchronize()


def mixed_devices(case, here, there):
    """One input on another device than the rest: one error that names it, and no warning."""
    number = next((number for number in range(len(here)) if number != case.operator.lead), None)
    if number is None:
        return "it has one input"
    said = "it was taken"
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            case.call([there[each] if each == number else here[each] for each in range(len(here))])
        except RuntimeError as error:
            said = str(error)
    warned = fuseline_warnings(seen)
    name = case.problem.inputs[number].name
    expect(not warned and said.startswith(f"fuseline: {case.name}: {name} is on cuda:1, and "),
           f"tensors on two devices: {said}; warned: {warned[:2]}")
    return "tensors on both are one error"


def check_training(case):
    module_name = "".join(part.capitalize() for part in case.name.split("_"))
    made = getattr(case.package, module_name)
    if not case.parameters:
        raise Skip("it has no parameters")
    free = [number for number, each in enumerate(case.problem.inputs) if each.name not in case.parameters]
    tensors = case.tensors()
    inputs = [tensors[number] for number in free]

    def train(step):
        values = {name: case.dims[name] for name in made.dims}
        module = made(**values, **case.scalars, device="cuda", dtype=case.dtype)
        optimizer = torch.optim.SGD(module.parameters(), lr=4.0, momentum=0.9)
        losses = []
        for _ in range(20):
            optimizer.zero_grad()
            outputs = tupled(step(module))
            loss = sum((each.float() - 0.25).square().mean() for each in outputs)
            scale = LOSS_SCALE.get(case.dtype_name, 1.0)
            (loss * scale).backward()
            for parameter in module.parameters():
                parameter.grad /= scale
            optimizer.step()
            losses.append(float(loss.detach()))
        return losses

    def formula_step(module):
        free_inputs = iter(inputs)
        given = [getattr(module, each.name) if each.name in case.parameters else next(free_inputs)
                 for each in case.problem.inputs]
        return case.formula(given, case.numbers())

    own, wanted = train(lambda module: module(*inputs)), train(formula_step)
    apart = max(abs(a - b) for a, b in zip(own, wanted)) / wanted[0]
    return expect(apart <= LOSSES[case.dtype_name] and own[-1] < own[0],
                  f"losses {own[0]:.5f} to {own[-1]:.5f}, at most {apart:.1e} from the formula's")


def check_autocast(case):
    if "bf16" not in case.problem.dtypes:
        raise Skip("it has no bf16")
    tensors = [each.requires_grad_() for each in case.tensors(dtype=torch.float32)]
    with torch.autocast("cuda", dtype=torch.bfloat16):
        outputs = case.call(tensors)
    torch.autograd.backward(outputs, [torch.ones_like(each) for each in outputs])
    kinds = {each.dtype for each in outputs} | {each.grad.dtype for each in tensors}
    return expect(kinds == {torch.bfloat16, torch.float32} and all(each.dtype == torch.bfloat16 for each in outputs),
                  "outputs in bf16, gradients in float32")


def check_guards(case):
    """Every guard by one dtype: the formula's result, and one warning that says why."""
    dims = case.with_first(min(4, case.dims[next(iter(case.dims))]))
    plain = case.tensors(dims)
    flat = torch.empty(plain[0].numel() + 1, dtype=case.dtype, device="cuda")
    shifted = flat[1:].view(plain[0].shape).copy_(plain[0])
    wider = torch.empty(*plain[0].shape[:-1], 2 * plain[0].shape[-1], dtype=case.dtype, device="cuda")
    gapped = wider[..., ::2].copy_(plain[0])
    variants = {
        "alignment": ([shifted, *plain[1:]], dims, "does not start at a multiple"),
        "layout": ([gapped, *plain[1:]], dims, "not contiguous|strides"),
        "empty": ([plain[0][:0], *plain[1:]] if not any(case.batched(n) for n in range(1, len(plain))) else
                  [each[:0] if case.batched(n) else each for n, each in enumerate(plain)], dims, "is empty"),
        "fp64": ([each.double() for each in plain], dims, "not tuned for torch.float64"),
    }
    if len(plain) > 1:
        other = torch.float32 if case.dtype is not torch.float32 else torch.float16
        variants["mixed"] = ([plain[0], plain[1].to(other), *plain[2:]], dims, "is torch.float")
    for name, (tensors, sizes, reason) in variants.items():
        case.package._formulas._warned.clear()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            outputs = case.call(tensors, sizes)
            case.call(tensors, sizes)
        texts = fuseline_warnings(seen)
        expect(len(texts) == 1, f"{name}: {len(texts)} warnings: {texts[:2]}")
        expect(re.search(reason, texts[0]) is not None, f"{name}: warned: {texts[0]}")
        wanted = case.by_formula([each.double() for each in tensors], sizes)
        for got, want in zip(outputs, wanted):
            close = got.shape == want.shape and torch.allclose(got.double(), want, atol=0.05, rtol=0.05)
            expect(close, f"{name}: values")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        outputs = case.call([each.cpu().float() for each in plain], dims)
    seen = fuseline_warnings(seen)
    expect(not seen and all(not each.is_cuda for each in outputs), f"CPU tensors: {seen}, or outputs elsewhere")
    leaf = [each.requires_grad_() for each in case.tensors()]
    expect(all(each.requires_grad for each in case.call(leaf)), "requires_grad is lost")
    return f"{', '.join(variants)}: one warning each and the formula's values; CPU: none"


def check_large(case):
    """More than 2^31 elements: a kernel or the formula, and right at the far end."""
    first = next(iter(case.dims))
    each = math.prod(case.problem.shape_of(case.problem.inputs[0], case.with_first(1)))
    dims = case.with_first((1 << 31) // each + 2)
    x = case.tensors(case.with_first(2))
    wide = [torch.zeros(case.problem.shape_of(spec, dims), dtype=case.dtype, device="cuda") if case.batched(number)
            else x[number] for number, spec in enumerate(case.problem.inputs)]
    for number in range(len(x)):
        if case.batched(number):
            wide[number][-2:].copy_(x[number])
    case.package._formulas._warned.clear()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        outputs = case.call(wide, dims)
    tails = [output[-2:] for output in outputs]
    worst = worst_of(case, x, tails)
    how = "by the formula" if any("fuseline" in str(one.message) for one in seen) else "by a kernel"
    limit = 1 if how == "by a kernel" else 20
    return expect(worst <= limit, f"{first} = {dims[first]}, {how}, {worst:.3f} of the tolerance")


def run_child(case, first, cache):
    """Another process that checks values at a shape; what it prints."""
    command = [sys.executable, os.path.abspath(__file__), "--child", str(first), "--problem", case.name, "--dtype",
               case.dtype_name, case.folder]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env={**os.environ, "FUSELINE_PACKAGE_CACHE": cache})


def child(case, first):
    """In such a process: "<worst> <origin> <seconds>"."""
    dims = case.with_first(first)
    tensors = case.tensors(dims)
    outputs = case.call(tensors, dims)
    loaded = case.operator.loaded[-1] if case.operator.loaded else {"image": "formula", "compile_s": 0.0}
    print(f"child {worst_of(case, tensors, outputs):.4f} {loaded['image']} {loaded['compile_s']:.3f}")


def answer_of(process):
    text = process.communicate(timeout=300)[0]
    lines = [line.split() for line in text.splitlines() if line.startswith("child ")]
    expect(process.returncode == 0 and len(lines) == 1, f"a process ended with {process.returncode}: {text[-300:]}")
    return float(lines[0][1]), lines[0][2], float(lines[0][3])


def check_processes(case):
    with tempfile.TemporaryDirectory() as cache:
        tuned = case.dims[next(iter(case.dims))]
        pair = [run_child(case, tuned, cache) for _ in range(2)]
        answers = [answer_of(each) for each in pair]
    expect(all(worst <= 1 and origin == "shipped" for worst, origin, _ in answers), f"values: {answers}")
    return f"two at once, {answers[0][1]} images, {max(worst for worst, _, _ in answers):.3f} of the tolerance"


def check_untuned(case):
    if not has_nvrtc(case.package):
        raise Skip("there is no NVRTC")
    with tempfile.TemporaryDirectory() as cache:
        other = max(1, case.dims[next(iter(case.dims))] - 1)
        first = answer_of(run_child(case, other, cache))
        second = answer_of(run_child(case, other, cache))
    expect(first[0] <= 1 and second[0] <= 1, f"values: {first}, {second}")
    expect((first[1], second[1]) == ("compiled", "cached"), f"images: {first[1]}, then {second[1]}")
    return f"compiled in {first[2]:.2f} s, found on disk by a second process in {second[2]:.3f} s"


def check_no_gpu(case):
    """Every function of the package in a process that sees no GPU."""
    command = [sys.executable, os.path.abspath(__file__), "--without-gpu", case.folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
                          env={**os.environ, "CUDA_VISIBLE_DEVICES": ""})
    lines = [line[len("cpu "):] for line in done.stdout.splitlines() if line.startswith("cpu ")]
    expect(done.returncode == 0 and bool(lines), f"the process ended with {done.returncode}: {done.stdout[-600:]}")
    return "; ".join(lines)


def without_gpu(folders):
    """In such a process: the formula answers CPU tensors of every function and dtype. One line for each."""
    expect(not torch.cuda.is_available(), "there is a GPU here")
    for folder in folders:
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            path, package, wisdom = imported(folder)
        expect(not fuseline_warnings(seen), f"importing it warned: {fuseline_warnings(seen)}")
        tried = set()
        for entry in wisdom["entries"]:
            key = entry["problem"], entry["dtype"]
            if wisdom["problems"][entry["problem"]].get("torch") and key not in tried:
                tried.add(key)
                print(f"cpu {by_cpu(Case(str(path), package, wisdom, entry))}", flush=True)


def by_cpu(case):
    """One function in one dtype at a small shape, and its operator: values and gradients against fp64."""
    case.dims = {name: min(value, SMALL) for name, value in case.dims.items()}
    tensors = case.tensors(device="cpu")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        outputs = case.call(tensors)
        operated = tupled(case.operator.overload(*tensors, *case.numbers()))
        norms = gradient_norms(case, case.tensors(device="cpu"))
    said = fuseline_warnings(seen)
    name = f"{case.name} {case.dtype_name}"
    expect(len(said) <= 1, f"{name}: {len(said)} warnings: {said[:2]}")
    expect(all(each.device.type == "cpu" and each.dtype == case.dtype for each in (*outputs, *operated)),
           f"{name}: the outputs are of another device or dtype")
    worst = max(worst_of(case, tensors, each) for each in (outputs, operated))
    expect(worst <= FORMULA[case.dtype_name], f"{name}: {worst:.3f} of the tolerance")
    expect(max(norms) <= FORMULA_NORMS[case.dtype_name], f"{name}: gradients are {max(norms):.1e} by norm off")
    expect(not case.operator.loaded, f"{name}: a kernel was loaded")
    return f"{name} {worst:.3f} of the tolerance, gradients {max(norms):.1e}, {len(said)} warnings"


def fuseline_warnings(seen):
    return [str(each.message) for each in seen if "fuseline" in str(each.message)]


def kernel_ms(case):
    """Median time on the device: three sets of buffers, L2 read over before every call."""
    sets = [case.tensors(seed=seed) for seed in (1, 2, 3)]
    l2 = torch.cuda.get_device_properties(0).L2_cache_size
    flush = torch.zeros(l2 * 3 // 2 // 4, dtype=torch.int32, device="cuda")
    numbers, overload, kept = case.numbers(), case.operator.overload, [None, None, None]
    times = []
    deadline = time.perf_counter() + 0.8
    while len(times) < 40 or (time.perf_counter() < deadline and len(times) < 400):
        pairs = []
        for number in range(10):
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            flush.max()
            begin.record()
            kept[number % 3] = overload(*sets[number % 3], *numbers)
            end.record()
            pairs.append((begin, end))
        torch.cuda.synchronize()
        times += [begin.elapsed_time(end) for begin, end in pairs[2:]]
    return statistics.median(times[len(times) // 4:])


def check_kernel_time(case):
    wanted = case.entry.get("time_ms")
    if not wanted:
        raise Skip("wisdom.json has no time")
    got = kernel_ms(case)
    case.times["kernel"], case.times["wisdom"] = got, wanted
    return expect(abs(got / wanted - 1) <= 0.01,
                  f"{got:.4f} ms, the sweep's {wanted:.4f} ms ({100 * (got / wanted - 1):+.2f} %)")


def host_us(work):
    """Median of 1,000 calls on the host, which never waits for the device inside one."""
    for _ in range(20):
        work()
    torch.cuda.synchronize()
    times = []
    for number in range(1000):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
        if number % 20 == 19:
            torch.cuda.synchronize()
    return 1e6 * statistics.median(times)


def check_host_time(case):
    tensors, keywords, function = case.tensors(), case.keywords(), case.function
    case.times["eager"] = host_us(lambda: function(*tensors, **keywords))
    graded = [each.detach().requires_grad_() for each in tensors]
    case.times["grad"] = host_us(lambda: function(*graded, **keywords))
    compiled = torch.compile(lambda *given: function(*given, **keywords), fullgraph=True)
    case.times["compiled"] = host_us(lambda: compiled(*tensors))
    figure = ", ".join(f"{name} {case.times[name]:.1f} us" for name in ("eager", "grad", "compiled"))
    return expect(case.times["eager"] <= HOST_US, figure)


# Name: the check, and what shows it: every case, one dtype of a problem, or one case of all.
CHECKS = {
    "values": (check_values, "case"), "gradients": (check_gradients, "case"), "training": (check_training, "case"),
    "kernel_time": (check_kernel_time, "case"), "host_time": (check_host_time, "problem"),
    "opcheck": (check_opcheck, "problem"), "compile": (check_compile, "problem"),
    "reduce_overhead": (check_reduce_overhead, "problem"), "graph": (check_graph, "problem"),
    "streams": (check_streams, "problem"), "second_device": (check_second_device, "case"),
    "autocast": (check_autocast, "problem"), "guards": (check_guards, "problem"), "large": (check_large, "problem"),
    "untuned": (check_untuned, "all"), "processes": (check_processes, "all"), "no_gpu": (check_no_gpu, "all"),
}


def imported(folder):
    """The package's folder, its module and its wisdom.json."""
    path = pathlib.Path(folder).resolve()
    sys.path.insert(0, str(path.parent))
    return path, importlib.import_module(path.name), json.loads((path / "wisdom.json").read_text())


def cases_of(folder, wanted):
    """Cases of the forward problems that were tuned for this GPU."""
    path, package, wisdom = imported(folder)
    here = torch.cuda.get_device_name(0)
    found = {}
    for entry in wisdom["entries"]:
        key = entry["problem"], entry["dtype"]
        forward = wisdom["problems"][entry["problem"]].get("torch")
        if forward and entry["device"]["name"] == here and key not in found:
            if (not wanted.problem or entry["problem"] in wanted.problem) and \
                    (not wanted.dtype or entry["dtype"] in wanted.dtype):
                found[key] = Case(str(path), package, wisdom, entry)
    return list(found.values())


def show(cases, only):
    """Runs the checks; returns how many failed."""
    failed, shown = 0, set()
    for case in cases:
        case.times = {}
        for name, (check, scope) in CHECKS.items():
            key = name, {"case": (case.name, case.dtype_name), "problem": case.name, "all": ""}[scope]
            if (only and name not in only) or key in shown:
                continue
            shown.add(key)
            begin = time.perf_counter()
            try:
                verdict, figure = "ok", check(case)
            except Skip as reason:
                verdict, figure = "skipped", str(reason)
            except Exception as error:  # One check that breaks says so, and the others run.
                verdict, figure = "FAILED", f"{type(error).__name__}: {str(error)[:600]}"
                failed += 1
            torch.cuda.empty_cache()
            seconds = time.perf_counter() - begin
            print(f"{verdict:8}{case.name} {case.dtype_name} {name}: {figure} [{seconds:.1f} s]", flush=True)
    return failed


def table(cases):
    columns = ("kernel", "wisdom", "eager", "grad", "compiled")
    heads = ("kernel ms", "sweep ms", "eager us", "grad us", "compiled us")
    print("\n" + " " * 44 + "".join(f"{each:>12}" for each in heads))
    for case in cases:
        cells = []
        for each in columns:
            digits = 4 if each in ("kernel", "wisdom") else 1
            cells.append(f"{case.times[each]:.{digits}f}" if each in case.times else "-")
        print(f"{case.name + ' ' + case.dtype_name:44}" + "".join(f"{each:>12}" for each in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--only", action="append", choices=sorted(CHECKS))
    parser.add_argument("--problem", action="append")
    parser.add_argument("--dtype", action="append", choices=sorted(DTYPES))
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--without-gpu", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.without_gpu:
        without_gpu(wanted.packages)
        return 0
    if not torch.cuda.is_available():
        print("torch_package.py: no GPU here")
        return 77
    cases = [case for folder in wanted.packages for case in cases_of(folder, wanted)]
    if not cases:
        print(f"torch_package.py: nothing in these packages was tuned for {torch.cuda.get_device_name(0)}")
        return 1
    if wanted.child is not None:
        child(cases[0], wanted.child)
        return 0
    second = torch.cuda.get_device_name(1) if torch.cuda.device_count() > 1 else "there is none"
    print(f"{torch.cuda.get_device_name(0)}, PyTorch {torch.__version__}; second device: {second}")
    begin = time.perf_counter()
    failed = show(cases, wanted.only)
    table(cases)
    print(f"\n{failed} failed, {time.perf_counter() - begin:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
