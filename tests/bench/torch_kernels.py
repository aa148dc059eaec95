"""PyTorch beside the best configurations: the same operations, eager and through torch.compile, as it is and with
mode="max-autotune-no-cudagraphs" (times are of the device alone, with or without graphs), and the table of kernels.sh.

torch_kernels.py measure FOLDER PROBLEM[:SHAPE]...   times PyTorch (needs a GPU), into FOLDER/torch.json
torch_kernels.py table FOLDER                        a table in Markdown of FOLDER's results, limits beside them (needs no PyTorch)

A backward problem is timed as the backward pass alone: what the forward pass saved for it lies ready, which is more than our kernels are given.

PyTorch's calls follow the same predecessor as our launches do, an untimed call of their own and then a read of twice the L2's size, so that L2 is full of
clean lines that are of no use. They are timed on the device: the host's way to a launch is in no time, neither of theirs nor of ours.
"""
import datetime
import json
import pathlib
import statistics
import sys
import time

DTYPES = ("f32", "f16", "bf16")
SIXTEEN = {"f16", "bf16"}
# Time over floor that is asked of the best configuration: f32, 16-bit.
LIMITS = {
    "layernorm_gelu_scale": (1.02, 1.05),
    "sum_layernorm_avgpool_gelu": (1.05, 1.10),
    "softmax_bias_scale_sigmoid": (1.06, 1.15),
    "layernorm_gelu_scale_backward": (1.08, 1.15),
    "softmax_bias_scale_sigmoid_backward": (1.08, 1.15),
    "layernorm_gelu_scale_channels_last": (1.05, 1.08),
    "sum_layernorm_avgpool_gelu_channels_last": (1.05, 1.08),
    "softmax_bias_scale_sigmoid_channels_last": (1.05, 1.08),
    "layernorm_gelu_scale_channels_last_backward": (1.08, 1.12),
    "softmax_bias_scale_sigmoid_channels_last_backward": (1.08, 1.12),
}
# How PyTorch does an operation, and torch.compile's mode for it.
WAYS = {"eager": None, "compile": "default", "autotune": "max-autotune-no-cudagraphs"}
FAMILY_LIMIT = (1.05, 1.06)
BATCH = 5
HOLD_CYCLES = 6_000_000  # 3 ms at 2 GHz.
LONGEST_HOLD_CYCLES = 1_000_000_000


def operations():
    """A function of (dims, dtype) for every problem: the forward function, its inputs, and the gradient that a backward pass starts from."""
    import torch
    import torch.nn.functional as F

    def normal(*shape, dtype, mean=0.0, deviation=1.0):
        return torch.randn(*shape, device="cuda", dtype=dtype).mul_(deviation).add_(mean)

    def layernorm(d, dtype):
        shape = (d["N"], d["C"], d["D"], d["H"], d["W"])
        inputs = [normal(*shape, dtype=dtype), normal(d["W"], dtype=dtype, mean=1, deviation=0.5), normal(d["W"], dtype=dtype, deviation=0.5)]
        return lambda x, g, b: F.gelu(F.layer_norm(x, (d["W"],), g, b, 1e-5)) * 1.5, inputs

    def pooled(d, dtype):
        _, inputs = layernorm(d, dtype)
        return lambda x, g, b: F.gelu(F.avg_pool3d(F.layer_norm(x + 1.0, (d["W"],), g, b, 1e-5), 2)), inputs

    def summed(d, dtype):
        _, inputs = layernorm(d, dtype)
        return lambda x, g, b: F.layer_norm(x + 1.0, (d["W"],), g, b, 1e-5), inputs

    def softmax(d, dtype):
        inputs = [normal(d["N"], d["C"], d["H"], d["W"], dtype=dtype), normal(d["C"], 1, 1, dtype=dtype)]
        return lambda x, b: torch.sigmoid((torch.softmax(x, 1) + b) * 2.0), inputs

    def channels_last(maker):
        """The operation of a maker on an input whose neighbours in memory are channels; outputs and gradients follow it."""
        def made(d, dtype):
            function, inputs = maker(d, dtype)
            layout = torch.channels_last_3d if inputs[0].dim() == 5 else torch.channels_last
            return function, [inputs[0].to(memory_format=layout), *inputs[1:]]
        return made

    def biased_softmax(d, dtype):
        _, (x, bias) = softmax(d, dtype)
        inputs = [x, normal(d["C"], 1, 1, dtype=dtype, deviation=0.5), bias]
        return lambda x, c, b: torch.sigmoid((torch.softmax(x + c, 1) + b) * 2.0), inputs

    def rmsnorm(d, dtype):
        inputs = [normal(d["rows"], d["W"], dtype=dtype), normal(d["rows"], d["W"], dtype=dtype), normal(d["W"], dtype=dtype, mean=1, deviation=0.5)]

        def forward(x, r, w):
            h = x + r
            return h, F.rms_norm(h, (d["W"],), w, 1e-5)

        return forward, inputs

    def swiglu(d, dtype):
        return lambda x: F.silu(x[:, : d["W"]]) * x[:, d["W"] :], [normal(d["rows"], 2 * d["W"], dtype=dtype)]

    def bias_gelu(d, dtype):
        return lambda x, b: F.gelu(x + b), [normal(d["rows"], d["W"], dtype=dtype), normal(d["W"], dtype=dtype, deviation=0.5)]

    def groupnorm(d, dtype):
        width = d["G"] * d["D"]
        inputs = [normal(d["rows"], width, dtype=dtype)] + [normal(width, dtype=dtype) for _ in range(3)]
        return lambda x, a, g, b: F.group_norm(F.silu(x) + a, d["G"], g, b, 1e-5), inputs

    return {
        "layernorm_gelu_scale": layernorm,
        "layernorm_gelu_scale_backward": layernorm,
        "sum_layernorm_avgpool_gelu": pooled,
        "sum_layernorm": summed,
        "softmax_bias_scale_sigmoid": softmax,
        "softmax_bias_scale_sigmoid_backward": softmax,
        "layernorm_gelu_scale_channels_last": channels_last(layernorm),
        "layernorm_gelu_scale_channels_last_backward": channels_last(layernorm),
        "sum_layernorm_avgpool_gelu_channels_last": channels_last(pooled),
        "softmax_bias_scale_sigmoid_channels_last": channels_last(biased_softmax),
        "softmax_bias_scale_sigmoid_channels_last_backward": channels_last(biased_softmax),
        "rmsnorm_residual": rmsnorm,
        "swiglu": swiglu,
        "bias_gelu": bias_gelu,
        "groupnorm_silu": groupnorm,
    }


def clean_l2():
    """A call that leaves L2 full of clean lines: it reads twice the size of L2 and writes a sum, and the few kilobytes that lead to it."""
    import torch

    size = torch.cuda.get_device_properties(torch.cuda.current_device()).L2_cache_size
    buffer = torch.zeros(2 * size // 4, device="cuda")
    return lambda: torch.sum(buffer)


def held_batch(call, before, hold_cycles):
    """Queues BATCH samples while the stream spins for that many cycles. Their times; how long the host was busy queuing; how long the stream was held."""
    import torch

    def event():
        return torch.cuda.Event(enable_timing=True)

    hold = event(), event()
    samples = [(event(), event()) for _ in range(BATCH)]
    torch.cuda.synchronize()
    began = time.perf_counter()
    hold[0].record()
    torch.cuda._sleep(hold_cycles)
    hold[1].record()
    for start, end in samples:
        before()
        start.record()
        call()
        end.record()
    queuing_ms = 1e3 * (time.perf_counter() - began)
    torch.cuda.synchronize()
    return [start.elapsed_time(end) for start, end in samples], queuing_ms, hold[0].elapsed_time(hold[1])


def median_ms(call, clean, samples=25):
    """Of a call on the device: events round it, in batches that are held back until the host has queued all of them.

    Without the hold the device waits for the host between the events, up to 12 % of a call. Gaps that stay are the device's own, between the kernels of
    one call: whoever makes that call pays for them, and our configurations of two launches have them too. A CUDA graph would take out nothing more that is
    the host's. It would need a pool of its own, gigabytes here, for what eager operations and autograd allocate, and by default neither they nor compiled
    functions run as one.
    A backward pass is queued by autograd's thread, on the stream of its forward pass: grad() returns once all of it is queued.
    """

    def before():
        call()
        clean()

    for _ in range(5):  # Compiles, and leaves in PyTorch's pool what the calls will allocate: cudaMalloc might wait for the hold.
        before()
    times, hold_cycles = [], HOLD_CYCLES
    while len(times) < samples:
        batch, queuing_ms, held_ms = held_batch(call, before, hold_cycles)
        if queuing_ms < held_ms:  # The hold began after the queuing did, so it also ended after it.
            times += batch
        elif hold_cycles < LONGEST_HOLD_CYCLES:
            hold_cycles = min(LONGEST_HOLD_CYCLES, int(2 * hold_cycles * queuing_ms / held_ms))
        else:
            raise RuntimeError(f"{BATCH} calls took {queuing_ms:.0f} ms to queue, the stream was held for {held_ms:.0f} ms")
    return statistics.median(times)


def caller(problem, function, inputs):
    import torch

    if not problem.endswith("_backward"):
        def call():
            with torch.no_grad():
                function(*inputs)
        return call
    leaves = [each.detach().requires_grad_() for each in inputs]
    result = function(*leaves)
    upstream = torch.randn_like(result).add_(1.0)
    return lambda: torch.autograd.grad(result, leaves, upstream, retain_graph=True)


def measure(folder, problems):
    import torch
    import torch._functorch.config

    torch._functorch.config.donated_buffer = False  # The backward pass is run many times over.
    types = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
    makers = operations()
    clean = clean_l2()
    found = {"torch": torch.__version__}
    for each in problems:
        problem, _, shape = each.partition(":")
        for dtype in DTYPES:
            name = f"{problem}.{shape or 'default'}.{dtype}"
            result = folder / f"{name}.json"
            if problem not in makers or not result.exists():
                continue
            dims = json.loads(result.read_text())["problem"]["dims"]
            times = {}
            for how, mode in WAYS.items():
                torch._dynamo.reset()
                try:
                    function, inputs = makers[problem](dims, types[dtype])
                    if mode is not None:
                        function = torch.compile(function, mode=mode)
                    times[how] = median_ms(caller(problem, function, inputs), clean)
                except Exception as error:  # One that PyTorch cannot do must not end the others.
                    print(f"torch_kernels.py: {name} {how}: {type(error).__name__}: {error}", file=sys.stderr)
                function = inputs = None
                torch.cuda.empty_cache()
            found[name] = times
            print(f"{name}: {times}", file=sys.stderr, flush=True)
    (folder / "torch.json").write_text(json.dumps(found, indent=1))


def number(value, digits=4):
    return "" if value is None else f"{value:.{digits}f}"


def row(name, result, torch_times):
    problem, shape, dtype = name.rsplit(".", 2)
    best = result["best"]
    copy = result["device"]["copy_gbps"]
    time = best["time_ms"]["median"]
    floor = result["problem"]["compulsory_bytes"] / copy / 1e6
    limit = LIMITS.get(problem, FAMILY_LIMIT)[dtype in SIXTEEN]
    ratio = time / floor
    config = " ".join(f"{key}={value}" for key, value in best["config"].items())
    title = problem if shape == "default" else f"{problem} ({shape})"
    compiled = [torch_times[how] for how in ("compile", "autotune") if how in torch_times]
    return [title, dtype, number(time), number(floor), number(ratio, 3), number(limit, 2), "yes" if ratio <= limit else "**no**",
            *(number(torch_times.get(how)) for how in WAYS), number(min(compiled) / time, 2) if compiled else "", f"{best['variant']} {config}"]


def table(folder):
    torch_file = folder / "torch.json"
    torch_times = json.loads(torch_file.read_text()) if torch_file.exists() else {}
    rows, device = [], None
    for file in sorted(folder.glob("*.json")):
        if file.name == "torch.json" or file.name.endswith(".t4.json"):
            continue
        result = json.loads(file.read_text())
        if not result.get("best"):
            continue
        device = result["device"]
        rows.append(row(file.name[: -len(".json")], result, torch_times.get(file.name[: -len(".json")], {})))
    if not rows:
        sys.exit("torch_kernels.py: no results in " + str(folder))
    order = list(LIMITS)
    rows.sort(key=lambda each: (order.index(each[0]) if each[0] in order else len(order), each[0], DTYPES.index(each[1])))
    print(f"{device['name']}, driver {device.get('driver', '')}, copy {device['copy_gbps']:.0f} GB/s, PyTorch {torch_times.get('torch', 'not measured')}, {datetime.date.today()}\n")
    print("| problem | dtype | best ms | floor ms | ratio | limit | met | eager ms | torch.compile ms | max-autotune ms | times faster | configuration |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for each in rows:
        print("| " + " | ".join(each) + " |")


def main(arguments):
    if len(arguments) >= 2 and arguments[0] == "measure":
        measure(pathlib.Path(arguments[1]), arguments[2:])
    elif len(arguments) == 2 and arguments[0] == "table":
        table(pathlib.Path(arguments[1]))
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
