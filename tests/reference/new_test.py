#!/usr/bin/env python3
"""From a kernel and a model to a sweep in three commands; and what is said where that cannot be."""

import json
import os
import pathlib
import struct
import sys
import time
import unittest

from commands import DOUBLE, SIZED, Commands

SCALED = """template <typename Element, int BLOCK, int ITEMS>
__global__ void scaled(const Element* __restrict__ data, const Element* gamma, Element* result, int rows, int cols,
                       float eps) {
  const int row = blockIdx.x;
  for (int c = threadIdx.x; c < cols; c += BLOCK) result[row * cols + c] = data[row * cols + c] * gamma[c];
}
"""
NORM = """import torch
class Norm(torch.nn.Module):
    def __init__(self, width):
        self.weight = torch.nn.Parameter(torch.ones(width))
        self.eps = 1e-5
    def forward(self, x):
        return x * self.weight
class Model(torch.nn.Module):
    def __init__(self, width):
        self.norm = Norm(width)
    def forward(self, x):
        return self.norm(x)
def get_inputs():
    return [torch.randn(6, 32)]
def get_init_inputs():
    return [32]
"""


def read_npy(path):
    """Type, shape and numbers of a file."""
    data = path.read_bytes()
    size, = struct.unpack("<H", data[8:10])
    header = eval(data[10:10 + size].decode(), {})
    code = {"<f8": "d", "<f4": "f", "<f2": "e", "<i4": "i"}[header["descr"]]
    numbers = data[10 + size:]
    return header["descr"], header["shape"], struct.unpack(f"<{len(numbers) // struct.calcsize(code)}{code}", numbers)


class New(Commands):
    def refused(self, *options, **changes):
        """The error of `new`, which leaves nothing behind."""
        before = set(self.folder.iterdir())
        text = self.run_fuseline("new", "mine", "--from", "k.cu", "--reference", "ref.py", *options, code=2, **changes)
        self.assertEqual(set(self.folder.iterdir()), before)
        return text

    def test_three_commands_and_no_edit(self):
        self.write(k=SIZED, ref=DOUBLE)
        said = self.run_fuseline("new", "mine", "--from", "k.cu", "--reference", "ref.py")
        self.assertIn("the grid is cdiv(n, block): a thread each of n (--grid)", said)
        self.assertIn("x is x [8, 512], out is out [8, 512], n is 4096 (--arg)", said)
        self.assertIn("Next: fuseline check mine", said)
        self.assertNotIn("decide", said)
        self.run_fuseline("check", "./mine", "--no-compile")
        if "FUSELINE_LIBCUDA" not in os.environ:
            self.skipTest("there is no stand-in for a driver here")
        result = self.folder / "result.json"
        for shape in ("default", "draw3"):
            try:
                self.run_fuseline("sweep", "mine", "--preset-path", ".", "--device", "cuda:0", "--quiet", "--shape",
                                  shape, "--json", result)
            except AssertionError as error:
                if "NVRTC" in str(error):
                    self.skipTest("there is no NVRTC here")
                raise
            found = json.loads(result.read_text())
            self.assertEqual(found["search"]["outcomes"], {"ok": 4})
            self.assertEqual(found["best"]["verification"]["tolerance_share"], 0)  # Doubling is exact.

    def test_every_draw_has_its_numbers_and_outputs_are_of_what_was_rounded(self):
        self.write(k=SCALED, ref=NORM)
        self.run_fuseline("new", "mine", "--from", "k.cu", "--reference", "ref.py", "--param", "ITEMS=1,2", "--dtype",
                          "f16,bf16", "--seeds", "2", "--tolerance", "1e-3")
        problem = json.loads((self.folder / "mine" / "problem.json").read_text())
        self.assertEqual([each["name"] for each in problem["shapes"]], ["default", "draw2"])
        self.assertEqual(problem["dims"], [{"name": "rows", "description": "", "min": 6, "max": 6},
                                           {"name": "cols", "description": "", "min": 32, "max": 32}])
        self.assertEqual(problem["scalars"], {"eps": 1e-5})
        self.assertEqual([(each["name"], each["role"], each["elements"]) for each in problem["tensors"]],
                         [("data", "input", "rows * cols"), ("gamma", "input", "cols"),
                          ("result", "output", "rows * cols")])
        self.assertEqual(problem["tolerance"]["bf16"], {"absolute": 1e-3, "relative": 1e-3})
        manifest = json.loads((self.folder / "mine" / "scaled.json").read_text())
        self.assertEqual(manifest["launches"][0]["grid"], ["rows"])
        self.assertEqual(manifest["launches"][0]["kernel"], "scaled<{T}, {BLOCK}, {ITEMS}>")
        self.assertEqual({each["name"]: each["values"] for each in manifest["parameters"]},
                         {"BLOCK": [64, 128, 256, 512], "ITEMS": [1, 2]})
        seen = []
        for draw in ("default", "draw2"):
            for dtype, kind in (("f16", "<f2"), ("bf16", "<f4")):
                data = self.folder / "mine" / "data"
                found, shape, x = read_npy(data / f"data.{draw}.{dtype}.npy")
                self.assertEqual((found, shape), (kind, (6, 32)))
                gamma = read_npy(data / f"gamma.{draw}.{dtype}.npy")[2]
                found, _, out = read_npy(data / f"result.{draw}.{dtype}.npy")
                self.assertEqual(found, "<f8")
                self.assertEqual(out, tuple(a * gamma[i % 32] for i, a in enumerate(x)))
                # Ones are drawn round one, or a kernel without gamma would be right.
                self.assertGreater(len(set(gamma)), 8)
                self.assertTrue(all(0.74 < each < 1.26 for each in gamma))
                seen.append(x)
        self.assertEqual(len(set(seen)), 4)
        self.run_fuseline("check", "./mine", "--no-compile")

    def test_a_comparison_that_lets_much_through_is_a_warning(self):
        self.write(k=SIZED, ref=DOUBLE)
        said = self.run_fuseline("new", "mine", "--from", "k.cu", "--reference", "ref.py")
        self.assertIn("  out f32: zeros 0.0 %, its mean 0.0 %, x 0.0 %\n", said)
        self.assertNotIn("warning", said)
        said = self.run_fuseline("new", "blunt", "--from", "k.cu", "--reference", "ref.py", "--tolerance", "0.99,0.99")
        self.assertRegex(said, r"out f32: zeros 100\.0 %, its mean (9\d|100)\.\d %, x 100\.0 %")
        self.assertIn("warning: zeros in place of out would pass 100.0 % in f32", said)

    def test_what_is_said_on_the_command_line_goes_before(self):
        self.write(k=SIZED, ref=DOUBLE)
        self.run_fuseline("new", "mine", "--from", "k.cu", "--reference", "ref.py", "--grid", "cdiv(n, block) + 1",
                          "--block", "32,96", "--arg", "n=4096", "--seeds", "1", "-o", "folders/other")
        manifest = json.loads((self.folder / "folders" / "other" / "sized.json").read_text())
        self.assertEqual(manifest["launches"][0]["grid"], ["cdiv(n, block) + 1"])
        self.assertEqual(manifest["parameters"][0]["values"], [32, 96])
        self.write(k=SIZED, ref=DOUBLE)
        self.assertIn("--grid: /: ", self.refused("--grid", "cdiv(m, block)"))
        self.assertIn("'0' is no number of threads", self.refused("--block", "0"))
        self.assertIn('nothing of the kernel sized that is swept is called "ITEMS"', self.refused("--param", "ITEMS=1"))
        self.assertIn("--dtype: the kernel's pointers are of f32", self.refused("--dtype", "f16"))
        self.assertIn('the kernel sized takes no "m"', self.refused("--arg", "m=1"))

    def test_what_cannot_be_found_out_names_its_option_all_at_once(self):
        self.write(k=SCALED.replace("int cols", "int span").replace("cols", "span").replace("eps", "slope")
                   .replace("int row = blockIdx.x", "int row = blockIdx.x * ROWS_PER_BLOCK"), ref=NORM)
        said = self.refused()
        for wanted in ("the value of the integer span; sizes are 6, 32, 192 (--arg span=N)",
                       "the value of the scalar slope; the model has norm.eps 1e-05, width 32 (--arg slope=X)",
                       "(--param ITEMS=A,B)", "what blockIdx.x counts is not plain (--grid EXPR"):
            self.assertIn(wanted, said)

    def test_a_reference_that_cannot_serve_is_one_message(self):
        self.write(k=SIZED)
        cases = {
            "has no Model; a file in KernelBench's form has Model, get_inputs, get_init_inputs": "x = 1\n",
            "importing it raises ZeroDivisionError": "1 / 0\n",
            "ref.py:6: running Model raises ValueError: not today":
                DOUBLE.replace("return x * self.factor", "raise ValueError('not today')"),
            "ref.py:8: get_inputs raises SystemExit": DOUBLE.replace("return [torch.randn(8, 512)]", "exit(3)"),
            "get_inputs returns a Tensor, where a list is wanted":
                DOUBLE.replace("[torch.randn(8, 512)]", "torch.randn(8, 512)"),
            "Model returns a int (out), where a tensor is wanted": DOUBLE.replace("return x * self.factor", "return 3"),
            "x has the shape [8, 256] with seed 1042, and [8, 512] with seed 42":
                DOUBLE.replace("def get_inputs", "sizes = [256, 512, 512]\ndef get_inputs")
                .replace("512)]", "sizes.pop())]"),
            "ended": "import os\nos._exit(7)\n",
        }
        for wanted, text in cases.items():
            self.write(ref=text)
            said = self.refused()
            self.assertIn(wanted if wanted != "ended" else f"{sys.executable} exited with status 7", said)
            self.assertEqual(said.count("error"), 1, said)

    def test_a_reference_that_hangs_is_ended(self):
        self.write(k=SIZED, ref="import time\ntime.sleep(600)\n")
        began = time.monotonic()
        self.assertIn("ref.py: it is not done within 0.5 s (--deadline)", self.refused("--deadline", "0.5"))
        self.assertLess(time.monotonic() - began, 60)

    def test_a_python_without_pytorch_and_no_python_are_named(self):
        self.write(k=SIZED, ref=DOUBLE)
        (self.folder / "bare").mkdir()
        (self.folder / "bare" / "python").write_text(f"#!/bin/sh\nexec {sys.executable} -E -s -S \"$@\"\n")
        (self.folder / "bare" / "python").chmod(0o755)
        said = self.refused(FUSELINE_PYTHON=str(self.folder / "bare" / "python"))
        self.assertIn("has no torch; FUSELINE_PYTHON names another Python", said)
        self.assertIn("cannot start '/nowhere/python'", self.refused(FUSELINE_PYTHON="/nowhere/python"))


if __name__ == "__main__":
    unittest.main()
