#!/usr/bin/env python3
"""From a sweep to the example of its package: kernels compiled by NVRTC, run by the stand-in for a driver."""

import json
import os
import pathlib
import struct
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import built

# The stand-in has a kernel of this name, which doubles where it is given these numbers.
PROBLEM = {
    "schema": "fuseline/problem/1", "name": "doubled", "title": "Doubled", "formula": "out = 2 * x",
    "description": "For tests.", "source": "tests", "requires": ["mod(n, 256) == 0"],
    "dims": [{"name": "n", "description": "elements", "min": 256, "max": 268435456}],
    "shapes": [{"name": "small", "description": "several sets of buffers", "dims": {"n": 1048576}}], "dtypes": ["f32"],
    "tensors": [{"name": "x", "role": "input", "dtype": "T", "shape": "[n]", "elements": "n",
                 "fill": {"kind": "normal", "mean": 0, "stddev": 1}},
                {"name": "out", "role": "output", "dtype": "T", "shape": "[n]", "elements": "n"}],
    "flops": "n", "tolerance": {"f32": {"absolute": 1e-5, "relative": 1e-5}},
    "reference": {"source": "reference.cu",
                  "launches": [{"kernel": "reference", "grid": ["n/256"], "block": [256], "args": ["x", "out"]}]}}
TYPED = {
    "schema": "fuseline/variant/1", "name": "typed", "description": "takes numbers of every kind", "source": "typed.cu",
    "parameters": [{"name": "block", "description": "threads a block", "values": [64, 256]}],
    "derived": [{"name": "two", "value": "dtype == dtype.f32 ? 2 : dtype == dtype.f16 ? 3 : 4"}],
    "constraints": [{"require": "dtype != dtype.bf16 && two == 2", "reason": "numbers of f32"}],
    "launches": [{"kernel": "typed", "grid": ["cdiv(n, block)"], "block": ["block"],
                  "args": ["x", "out", {"i32": -7}, {"i64": "2^40"}, {"u32": 3000000000}, {"u64": 4611686018427387904},
                           {"f32": 0.5}, {"f64": "1/4"}]}]}
SOURCES = {
    "reference.cu": """extern "C" __global__ void reference(const float* x, double* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 2.0 * x[i];
}
""",
    "typed.cu": """extern "C" __global__ void typed(const float* x, float* out, int, long long, unsigned,
                                 unsigned long long, float, double) {
  out[blockIdx.x * PARAM_block + threadIdx.x] = 2.0f * x[blockIdx.x * PARAM_block + threadIdx.x];
}
"""}
BINARIES = pathlib.Path(os.environ.get("FUSELINE_BIN_DIR", "/nowhere"))


@unittest.skipUnless(os.environ.get("FUSELINE_LIBCUDA") and (BINARIES / "fuseline-worker").exists(),
                     "there is no worker, or FUSELINE_LIBCUDA names no stand-in driver")
class Example(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="fuseline-example-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.package = cls.folder / "doubling"
        problem = cls.folder / "presets" / "doubled"
        problem.mkdir(parents=True)
        for name, text in {"problem.json": json.dumps(PROBLEM), "typed.json": json.dumps(TYPED), **SOURCES}.items():
            (problem / name).write_text(text)
        presets = ["--preset-path", problem.parent]
        common = {"XDG_DATA_HOME": cls.folder, "XDG_CACHE_HOME": cls.folder, "FUSELINE_LIBNVML": ""}
        record = cls.folder / "doubled.t4.json"
        try:
            built.run([BINARIES / "fuseline", "sweep", "doubled", *presets, "--device", "cuda:0", "--quiet", "--record", record], **common)
        except AssertionError as error:
            if "NVRTC" in str(error):
                raise unittest.SkipTest("there is no NVRTC here")
            raise
        built.run([BINARIES / "fuseline", "export", record, "--format", "cpp", "-o", cls.package, *presets], **common)
        objects = built.compile_all([*sorted(cls.package.glob("src/*.cpp")), cls.package / "example.cpp"],
                                    cls.folder / "objects", f"-I{cls.package}", *built.SANITIZERS)
        cls.objects = objects[:-1]
        cls.program = built.link(objects, cls.folder / "example", *built.SANITIZERS)

    def run_example(self, *arguments, **changes):
        # The stand-in leaks what drivers keep.
        return built.run([self.program, *arguments], ASAN_OPTIONS="detect_leaks=0", **changes)

    def test_it_runs_and_times_what_was_tuned(self):
        lines = self.run_example().splitlines()
        self.assertEqual(lines[0], "Stand-in for a GPU")
        self.assertRegex(lines[1], r"^doubled f32 n=1048576: 0\.50\d\d ms, in the sweep 0\.50\d\d ms "
                                   r"\([+-]\d\.\d\d %\); typed block=\d+, shipped$")
        self.assertEqual(len(lines), 2)

    def test_numbers_reach_the_kernel_in_their_width(self):
        wisdom = built.wisdom_of(self.package)
        caller = self.folder / "caller.cpp"
        caller.write_text(built.caller_text("doubling", wisdom["problems"]))
        made = built.compile_all([caller], self.folder / "objects", f"-I{self.package}", *built.SANITIZERS)
        program = built.link([*self.objects, *made], self.folder / "caller", *built.SANITIZERS)
        entry, record = wisdom["entries"][0], self.folder / "record"
        calls = built.Calls(wisdom["problems"]).call("doubled", entry["dims"], "f32")
        said = built.run([program], stdin=calls.lines[0], FUSELINE_FAKE_RECORD=record,
                         ASAN_OPTIONS="detect_leaks=0")
        self.assertTrue(said.startswith("ok|"), said)
        (launch,) = built.recorded(record)
        words = [struct.pack("<Q", each) for each in launch["arguments"][2:]]
        wanted = [("<i", -7), ("<q", 1 << 40), ("<I", 3000000000), ("<Q", 1 << 62), ("<f", 0.5), ("<d", 0.25)]
        self.assertEqual([struct.unpack_from(kind, word)[0] for (kind, _), word in zip(wanted, words)],
                         [value for _, value in wanted])
        self.assertEqual(len(words), len(wanted))

    def test_a_time_that_is_too_far_from_the_sweeps_is_an_error(self):
        self.run_example("1")
        with self.assertRaisesRegex(AssertionError, r"ended with 1(?s:.*)TOO FAR"):
            self.run_example("1", FUSELINE_FAKE_CUDA="always_throttled")

    def test_without_a_gpu_it_ends_with_77(self):
        with self.assertRaisesRegex(AssertionError, r"ended with 77(?s:.*)no NVIDIA driver: /nowhere"):
            self.run_example(FUSELINE_LIBCUDA="/nowhere/libcuda.so.1")


if __name__ == "__main__":
    unittest.main()
