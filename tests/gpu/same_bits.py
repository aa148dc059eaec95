#!/usr/bin/env python3
"""Two runs of a backward problem give the same bits: every output of the configurations that sweeps called best, bit by bit, on a GPU.

same_bits.py PREFIX RESULT.json...   PREFIX: an installed tree; RESULT: what `fuseline sweep --json` wrote on this GPU (the best and those tied with it are run)

Needs CuPy. Between the runs outputs and workspaces are filled with other bits, and in half of the runs another kernel takes turns on the GPU, so that
blocks start in another order. Ends with 1 where a bit differs, with 77 where there is no CuPy.
"""
import json
import pathlib
import sys

try:
    import cupy
except ImportError:
    print("same_bits.py: no CuPy here")
    sys.exit(77)

RUNS = 6
TYPES = {"f32": cupy.float32, "f16": cupy.float16, "bf16": cupy.uint16}


def inputs_of(problem, dims, dtype):
    """Normal random numbers as the problem has them; bf16 as the upper halves of floats."""
    cupy.random.seed(7)
    tensors = {}
    for tensor in problem["tensors"]:
        elements = int(eval(tensor["elements"], {"__builtins__": {}}, dict(dims)))
        own = dtype if tensor["dtype"] == "T" else tensor["dtype"]
        if tensor["role"] == "output":
            tensors[tensor["name"]] = cupy.empty(elements, TYPES[own])
            continue
        values = cupy.random.standard_normal(elements, dtype=cupy.float32) * tensor["fill"]["stddev"] + tensor["fill"]["mean"]
        tensors[tensor["name"]] = (values.view(cupy.uint32) >> 16).astype(cupy.uint16) if own == "bf16" else values.astype(TYPES[own])
    return tensors


def derived(problem, dims):
    scope = dict(dims)
    for one in problem.get("derived", []):
        scope[one["name"]] = int(eval(one["value"], {"__builtins__": {}}, scope))
    return scope


def check(prefix, result, configuration):
    data = prefix / "share" / "fuseline"
    name = result["problem"]["name"]
    problem = json.loads((data / "kernels" / name / "problem.json").read_text())
    manifest = json.loads((data / "kernels" / name / f"{configuration['variant']}.json").read_text())
    tensors = inputs_of(problem, derived(problem, result["problem"]["dims"]), result["problem"]["dtype"])
    options = [o for o in configuration["compile_options"] if not o.startswith(("--gpu-architecture", "--ptxas"))] + [f"-I{data / 'kernels'}"]
    module = cupy.RawModule(code=(data / "kernels" / name / manifest["source"]).read_text(), options=tuple(options), backend="nvrtc")
    work = {w["name"]: cupy.empty(1 << 22, cupy.uint32) for w in manifest.get("workspace", [])}
    outputs = [t["name"] for t in problem["tensors"] if t["role"] == "output"]
    other = cupy.cuda.Stream(non_blocking=True)
    noise = cupy.ones(1 << 24, cupy.float32)
    first = None
    for run in range(RUNS):
        for array in list(work.values()) + [tensors[o] for o in outputs]:
            array.view(cupy.uint8).fill(0x5A + run)
        cupy.cuda.Device().synchronize()
        if run % 2 == 1:
            with other:
                for _ in range(20):
                    noise *= 1.0001
        for launch, shape in zip(manifest["launches"], configuration["launches"]):
            kernel = module.get_function(launch["kernel"])
            if shape["shared_bytes"] > 48 << 10:
                kernel.max_dynamic_shared_size_bytes = shape["shared_bytes"]
            kernel(tuple(shape["grid"]), tuple(shape["block"]), tuple(tensors.get(a, work.get(a)) for a in launch["args"]), shared_mem=shape["shared_bytes"])
        cupy.cuda.Device().synchronize()
        bits = {o: tensors[o].view(cupy.uint8).copy() for o in outputs}
        if first is None:
            first = bits
            continue
        for output in outputs:
            differing = int((bits[output] != first[output]).sum())
            if differing:
                return f"run {run + 1}: {differing} bytes of {output} differ from the first run's"
    return ""


def main():
    prefix = pathlib.Path(sys.argv[1])
    failed = 0
    for path in sys.argv[2:]:
        result = json.loads(pathlib.Path(path).read_text())
        if "best" not in result:
            sys.exit(f"same_bits.py: {path}: /best: there is none: this is not what `fuseline sweep --json` writes")
        for configuration in [result["best"]] + result.get("tied", []):
            if "compile_options" not in configuration:
                continue
            wrong = check(prefix, result, configuration)
            failed += wrong != ""
            print(f"{result['problem']['name']} {result['problem']['dtype']} {configuration['variant']}: {wrong or f'{RUNS} runs, the same bits'}")
            cupy.get_default_memory_pool().free_all_blocks()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
