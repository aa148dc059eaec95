"""What is written: problem.json, the variant's manifest, tensors as .npy."""

import itertools

from fuseline_reference.loading import Refused
from fuseline_triton.capture import SCALARS
from fuseline_triton.variation import hidden_arguments, sensible, sensible_expression


def as_expression(cases):
    """An expression of parameters for a number that is known for each configuration; `cases`: (values, number)."""
    names = list(cases[0][0])
    for count in range(len(names) + 1):
        for chosen in itertools.combinations(names, count):
            table = {}
            if all(table.setdefault(tuple(values[name] for name in chosen), number) == number
                   for values, number in cases):
                usual = max(set(table.values()), key=list(table.values()).count)
                return " : ".join(
                    [" && ".join(f"{name} == {value}" for name, value in zip(chosen, key)) + f" ? {number}"
                     for key, number in table.items() if number != usual] + [str(usual)])
    raise Refused("the bytes of shared memory are no function of the parameters")


LONGEST = 1000  # Characters of an expression; Fuseline takes some more.


def shared_bytes(configurations, dtypes):
    """Dynamic shared memory, of the dtype that takes most, as an expression, and the derived values that it names: one
    for each number of warps where the whole is too long for one expression."""
    cases = [(one.values, max(one.shared[dtype] for dtype in dtypes)) for one in configurations]
    whole = as_expression(cases)
    if len(whole) <= LONGEST:
        return whole, []
    derived = []
    for warps in sorted({values["num_warps"] for values, _ in cases}):
        of_warps = [(values, number) for values, number in cases if values["num_warps"] == warps]
        text = as_expression(of_warps)
        if len(text) > LONGEST:
            raise Refused("the bytes of shared memory differ too much between configurations; --at-most takes fewer")
        derived.append({"name": f"shared_{warps}", "value": text})
    *others, last = derived
    chosen = [f"num_warps == {each['name'].removeprefix('shared_')} ? {each['name']}" for each in others]
    return " : ".join([*chosen, last["name"]]), derived


def constraints(kernel, configurations, values):
    """What of the product of all values was left out, each with its reason."""
    kept = {tuple(one.values.values()) for one in configurations}
    made = []
    if any(not sensible(kernel, dict(zip(values, chosen))) for chosen in itertools.product(*values.values())):
        made.append({"require": sensible_expression(kernel, values),
                     "reason": "far more values a thread than as given: slow, and slow to compile"})
    for chosen in itertools.product(*values.values()):
        if chosen not in kept and sensible(kernel, dict(zip(values, chosen))):
            named = [f"{name} == {value}" for name, value in zip(values, chosen)]
            made.append({"require": f"!({' && '.join(named)})", "reason": "did not compile, or gave other results"})
    return made


def tensor_dtype(names):
    """Of a problem, from Triton's names of the tensor's dtype in each of the sweep's."""
    ours = {"torch.float32": "f32", "torch.float16": "f16", "torch.bfloat16": "bf16", "torch.float64": "f64",
            "torch.int32": "i32", "torch.uint8": "u8"}
    found = {dtype: ours.get(str(name)) for dtype, name in names.items()}
    if None in found.values():
        raise Refused(f"a tensor of {next(str(name) for dtype, name in names.items() if found[dtype] is None)}")
    if all(own == dtype for dtype, own in found.items()):
        return "T"
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    raise Refused("a tensor that is of the model's dtype in some dtypes alone; import one dtype at a time")


def argument(kernel, name, kind):
    if kind.startswith("*"):
        return name
    value = kernel.launch.arguments[name]
    return {SCALARS[kind]: int(value) if kind[0] in "iu" else float(value)}


def problem_json(name, kernels, tolerance, source):
    first = next(iter(kernels.values()))
    largest = max(tensor.numel() for tensor in first.tensors.values())
    tensors = []
    for each, tensor in first.tensors.items():
        one = {"name": each, "role": "output" if each in first.outputs else "input",
               "dtype": tensor_dtype({dtype: kernel.tensors[each].dtype for dtype, kernel in kernels.items()}),
               "shape": f"[{', '.join(map(str, tensor.shape))}]", "elements": str(tensor.numel())}
        if each not in first.outputs:
            one["fill"] = {"kind": "file", "path": f"data/{each}.{{dtype}}.npy"}
        tensors.append(one)
    return {
        "schema": "fuseline/problem/1",
        "name": name,
        "title": name.replace("_", " "),
        "formula": "",
        "description": f"The Triton kernel {name} of {source}, as it was launched there.",
        "source": source,
        "dims": [{"name": "elements", "description": "of the largest tensor; the images are of this size alone",
                  "min": largest, "max": largest}],
        "shapes": [{"name": "imported", "description": "as it was launched", "dims": {"elements": largest}}],
        "dtypes": list(kernels),
        "tensors": tensors,
        "flops": "0",
        "tolerance": {dtype: dict(zip(("absolute", "relative"), tolerance[dtype])) for dtype in kernels},
        "reference": {"files": {each: f"data/{each}.expected.{{dtype}}.npy" for each in first.outputs}},
    }


def manifest_json(kernel, compiled, configurations, values, dtypes, axes, versions):
    arguments = [argument(kernel, name, kind) for name, kind in kernel.parameters()]
    arguments += [{"u64": 0}] * hidden_arguments(compiled, len(arguments))
    while len(axes) > 1 and axes[-1].text() == "1":
        axes = axes[:-1]
    given = ", ".join(f"{name}={value}" for name, value in given_values(kernel, values).items())
    names = "_".join(f"{{{name}}}" for name in values)  # As Configuration.file() has them.
    shared, derived = shared_bytes(configurations, dtypes)
    made = {
        "schema": "fuseline/variant/1",
        "name": "triton",
        "description": f"Triton's images ({versions}); given: {given}.",
        "form": "cubin",
        "source": f"cubins/{names}_{{dtype}}.sm_{{sm}}.cubin",
        "parameters": [{"name": name, "description": described(name), "values": sorted(each)}
                       for name, each in values.items()],
        "derived": derived,
        "constraints": constraints(kernel, configurations, values),
        "launches": [{"kernel": kernel.launch.name, "grid": [axis.text() for axis in axes],
                      "block": ["32 * num_warps"], "shared_bytes": shared, "args": arguments}],
    }
    if getattr(compiled.metadata, "launch_cooperative_grid", False):
        made["launches"][0]["cooperative"] = True
    return {name: value for name, value in made.items() if value != []}


def described(name):
    return {"num_warps": "warps a block", "num_stages": "stages of a loop's pipeline"}.get(name, "a tl.constexpr")


def given_values(kernel, values):
    return {name: kernel.options.get(name, kernel.given.get(name)) for name in values}


def narrowed(values, configurations):
    """Values of which no configuration is left go."""
    return {name: [value for value in each if any(one.values[name] == value for one in configurations)]
            for name, each in values.items()}
