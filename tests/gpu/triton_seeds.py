#!/usr/bin/env python3
"""The given Triton kernels on inputs of KernelBench's shapes; triton_seeds.sh runs it.

  triton_seeds.py --time SEED.py      the median of Triton's do_bench as JSON
  triton_seeds.py --launch SEED.py    three launches, for ncu to look at
  triton_seeds.py --gather FOLDER     what both left there, as one JSON object a kernel
"""
import csv
import importlib.util
import json
import pathlib
import sys

NAMES = {
    "time_under_profiler_ns": "gpu__time_duration.sum",
    "instructions": "smsp__inst_executed.sum",
    "special_instructions": "sm__inst_executed_pipe_xu.sum",
    "shared_busy_percent": "l1tex__data_pipe_lsu_wavefronts_mem_shared.avg.pct_of_peak_sustained_elapsed",
    "l2_bytes": "lts__t_bytes.sum",
    "l2_hit_percent": "lts__t_sector_hit_rate.pct",
    "warps_active_percent": "sm__warps_active.avg.pct_of_peak_sustained_active",
    "issue_active_percent": "smsp__issue_active.avg.pct_of_peak_sustained_active",
    "dram_read": "dram__bytes_read.sum",
    "dram_written": "dram__bytes_write.sum",
    "blocks": "launch__grid_size",
    "threads": "launch__block_size",
    "registers": "launch__registers_per_thread",
    "static_shared_bytes": "launch__shared_mem_per_block_static",
    "dynamic_shared_bytes": "launch__shared_mem_per_block_dynamic",
}


def call_of(path):
    """What launches the kernel once, and the bytes that it must move: f32, inputs read and outputs written once."""
    import torch

    spec = importlib.util.spec_from_file_location("seed", path)
    seed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(seed)
    name = pathlib.Path(path).stem.removeprefix("seed_")
    if name == "layernorm_gelu_scale":
        x = torch.randn(32, 64, 32, 64, 64, device="cuda")
        norm = torch.nn.LayerNorm(64).cuda()
        return (lambda: seed.fused_ln_gelu_scale(x, norm.weight, norm.bias, 1e-5, 1.5)), 2 * x.numel() * 4
    if name == "sum_layernorm":
        x = torch.randn(32, 64, 32, 64, 64, device="cuda")
        norm = torch.nn.LayerNorm(64).cuda()
        weight = torch.tensor(1.0, device="cuda")
        return (lambda: seed.fused_add_layernorm_lastdim(x, weight, norm)), 2 * x.numel() * 4
    if name == "softmax_bias_scale_sigmoid":
        x = torch.randn(128, 128, 129, 129, device="cuda")
        bias = torch.randn(128, 1, 1, device="cuda")
        return (lambda: seed.fused_post_convtranspose(x, bias, 2.0)), 2 * x.numel() * 4
    sys.exit(f"{path}: no inputs are known for {name}")


def number(text):
    return float(text.replace(",", ""))


def gather(folder):
    found = {}
    for path in sorted(pathlib.Path(folder).glob("*.time.json")):
        name = path.name.removesuffix(".time.json")
        read = json.loads(path.read_text(encoding="utf-8"))
        lines = [line for line in (path.parent / f"{name}.csv").read_text(encoding="utf-8").splitlines()
                 if line.startswith('"')]
        values = {row["Metric Name"]: number(row["Metric Value"]) for row in csv.DictReader(lines)}
        for short, metric in NAMES.items():
            if metric in values:
                read[short] = values[metric]
        found[name.removeprefix("seed_")] = read
    print(json.dumps(found, indent=2))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("--time", "--launch", "--gather"):
        sys.exit(__doc__)
    if sys.argv[1] == "--gather":
        gather(sys.argv[2])
        return
    import torch

    call, moved = call_of(sys.argv[2])
    if sys.argv[1] == "--launch":
        for _ in range(3):
            call()
        torch.cuda.synchronize()
        return
    import triton

    ms = triton.testing.do_bench(call, warmup=100, rep=400, return_mode="median")
    print(json.dumps({"time_ms": ms, "bytes": moved, "device": torch.cuda.get_device_name()}))


if __name__ == "__main__":
    main()
