#!/usr/bin/env python3
"""Twelve kernels of LayerNorm, right and wrong, as a program that writes kernels has them checked: one `fuseline mcp`.

twelve_kernels.py [PREFIX] [--seconds 5] [--rows 8192]

Each must get its status and verdict, in an answer of at most 4 KB, within the seconds after the first call, which loads
PyTorch. Prints a line a kernel. Ends with 1 where one is judged otherwise, with 77 where there is no GPU or no PyTorch.
"""

import argparse
import json
import os
import pathlib
import queue
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "mcp")]
ANSWER_BYTES = 4096

REFERENCE = """import torch

class Model(torch.nn.Module):
    def __init__(self, cols):
        super().__init__()
        self.norm = torch.nn.LayerNorm(cols)

    def forward(self, x):
        return self.norm(x)

def get_inputs():
    return [torch.randn(ROWS, 1024)]

def get_init_inputs():
    return [1024]
"""

RIGHT = """extern "C" __global__ void layernorm(const float* x, const float* weight, const float* bias, float* out, int rows,
                                     int cols, float eps) {
  __shared__ float part[2][32];
  const size_t row = blockIdx.x;
  const float* in = x + row * cols;
  float sum = 0, square = 0;
  for (int i = threadIdx.x; i < cols; i += blockDim.x) {
    sum += in[i];
    square += in[i] * in[i];
  }
  for (int lane = 16; lane > 0; lane /= 2) {
    sum += __shfl_xor_sync(0xffffffff, sum, lane);
    square += __shfl_xor_sync(0xffffffff, square, lane);
  }
  if (threadIdx.x % 32 == 0) {
    part[0][threadIdx.x / 32] = sum;
    part[1][threadIdx.x / 32] = square;
  }
  __syncthreads();
  sum = square = 0;
  for (int warp = 0; warp < blockDim.x / 32; ++warp) {
    sum += part[0][warp];
    square += part[1][warp];
  }
  const float mean = sum / cols, rstd = rsqrtf(square / cols - mean * mean + eps);
  for (int i = threadIdx.x; i < cols; i += blockDim.x) {
    const float result = (in[i] - mean) * rstd * weight[i] + bias[i];
    out[row * cols + i] = result;
  }
}
"""


def changed(old, new):
    assert old in RIGHT, old
    return RIGHT.replace(old, new)


STORE = "    out[row * cols + i] = result;\n"
# Which rows a block works on, once and then half the tensor further on: the same results written twice.
TWICE = changed("const size_t row = blockIdx.x;\n  const float* in = x + row * cols;\n",
                "for (int turn = 0; turn < 2; ++turn) {\n  __syncthreads();\n"
                "  const size_t row = (blockIdx.x + turn * (rows / 2)) % rows;\n  const float* in = x + row * cols;\n") + "}\n"
KERNELS = {  # source, status, verdict against the right one (None: not asked for)
    "right": (RIGHT, "ok", None),
    "wrong by a little": (changed(STORE, STORE.replace("result", "result * 1.001f")), "incorrect", None),
    "zeros": (changed(STORE, STORE.replace("result", "0.0f")), "incorrect", None),
    "racy": (changed("  if (threadIdx.x % 32 == 0) {\n", "  if (threadIdx.x >= 32) __nanosleep(5000);\n"
                     "  if (threadIdx.x % 32 == 0) {\n").replace("  __syncthreads();\n", "", 1), "incorrect", None),
    "slow": (changed(STORE, "    float slowed = result;\n    for (int k = 0; k < 200; ++k) slowed = sinf(slowed + k);\n"
                     "    out[row * cols + i] = slowed == 7 ? 0 : result;\n"), "ok", None),
    "crashing": (changed(STORE, "    out[row * cols + i + (size_t(1) << 40)] = result;\n"), "crashed", None),
    "hanging": (changed("  __shared__ float part[2][32];\n", "  __shared__ float part[2][32];\n"
                        "  for (;;) __nanosleep(1000);\n"), "timeout", None),
    "misaligned": (changed(STORE, "    if (i + 2 < cols) *reinterpret_cast<float2*>(out + row * cols + (i | 1)) = "
                           "make_float2(result, result);\n"), "crashed", None),
    "not compiling": (changed("const float mean", "const float mean = ; float"), "compile_error", None),
    "wrong shape": (changed(STORE, "    out[row * (cols + 1) + i] = result;\n"), "incorrect", None),
    "NaN": (changed(STORE, "    out[row * cols + i] = row == 7 ? sqrtf(-1 - result * result) : result;\n"), "incorrect",
            None),
    "right, half as fast": (TWICE, "ok", "slower"),
}


def judged(found, wanted_status, wanted_verdict):
    """What is not as it must be; empty where all is."""
    faults = []
    if found["status"] != wanted_status:
        faults.append(f"is said to be {found['status']}, and is {wanted_status}")
    verdict = (found.get("against") or {}).get("verdict")
    if wanted_verdict and verdict != wanted_verdict:
        faults.append(f"verdict {verdict}, not {wanted_verdict}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", nargs="?", type=pathlib.Path, default=HERE.parents[1])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rows", type=int, default=8192)
    given = parser.parse_args()
    try:
        import torch
    except ImportError:
        print("twelve_kernels.py: no PyTorch here")
        return 77
    if not torch.cuda.is_available():
        print("twelve_kernels.py: no GPU here")
        return 77
    os.environ["FUSELINE_BIN_DIR"] = str(given.prefix.resolve() / "bin")
    os.environ.setdefault("FUSELINE_PYTHON", sys.executable)
    import client

    def start(folder):
        server = client.Client(folder, "--db", ":memory:", "--device", "cuda:0")
        server.greet()
        return server

    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "ref.py").write_text(REFERENCE.replace("ROWS", str(given.rows)))
        for number, (source, _, _) in enumerate(KERNELS.values()):
            (folder / f"k{number}.cu").write_text(source)
        server = start(folder)
        for number, (kernel, (_, status, verdict)) in enumerate(KERNELS.items()):
            asked = {"kernel": f"k{number}.cu", "reference": "ref.py", **({"baseline": "k0.cu"} if verdict else {})}
            begin = time.monotonic()
            try:
                answer = server.call("check", **asked)
            except client.ToolError as error:
                answer = {"status": f"refused: {error}"}
            except queue.Empty:
                answer = {"status": "no answer"}
                server.close()
                print((folder / "stderr").read_text()[-3000:])
                server = start(folder)
            seconds = time.monotonic() - begin
            faults = judged(answer, status, verdict)
            size = len(json.dumps(answer, separators=(",", ":")).encode())
            if number > 0 and seconds > given.seconds:
                faults.append(f"took more than {given.seconds:g} s")
            if size > ANSWER_BYTES:
                faults.append(f"{size} bytes")
            failed += bool(faults)
            share = answer.get("of_floor")
            reasons = [each.get("reason", "")[:90] for each in answer.get("errors") or []]
            print(f"{kernel:20} {answer['status']:14} {seconds:5.2f} s {size:5} bytes  {f'{100 * share:.0f} % of the floor' if share else reasons[:1]}"
                  + (f"  FAILED: {'; '.join(faults)}" if faults else ""), flush=True)
        server.end()
        if failed:
            print((folder / "stderr").read_text()[-3000:])
        server.close()
    print(f"twelve_kernels.py: {failed} of {len(KERNELS)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
