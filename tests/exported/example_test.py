#!/usr/bin/env python3
"""From a sweep to the example of its package: kernels compiled by NVRTC, run by the stand-in for a driver."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import built

PRESETS = built.ROOT / "tests" / "faults" / "presets"
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
        presets = ["--preset-path", PRESETS]
        common = {"XDG_DATA_HOME": cls.folder, "XDG_CACHE_HOME": cls.folder, "FUSELINE_LIBNVML": ""}
        record = cls.folder / "sound.t4.json"
        try:
            built.run([BINARIES / "fuseline", "sweep", "planted_faults", *presets, "--variant", "sound", "--shape", "small",
                       "--device", "cuda:0", "--quiet", "--record", record], **common)
        except AssertionError as error:
            if "NVRTC" in str(error):
                raise unittest.SkipTest("there is no NVRTC here")
            raise
        built.run([BINARIES / "fuseline", "export", record, "--format", "cpp", "-o", cls.package, *presets], **common)
        objects = built.compile_all([*sorted(cls.package.glob("src/*.cpp")), cls.package / "example.cpp"],
                                    cls.folder / "objects", f"-I{cls.package}", *built.SANITIZERS)
        cls.objects = objects
        cls.program = built.link(objects, cls.folder / "example", *built.SANITIZERS)

    def run_example(self, *arguments, **changes):
        # The stand-in leaks what drivers keep.
        return built.run([self.program, *arguments], ASAN_OPTIONS="detect_leaks=0", **changes)

    def test_it_runs_and_times_what_was_tuned(self):
        lines = self.run_example().splitlines()
        self.assertEqual(lines[0], "Stand-in for a GPU")
        self.assertRegex(lines[1], r"^planted_faults f32 N=1048576: 0\.50\d\d ms, in the sweep 0\.50\d\d ms "
                                   r"\([+-]\d\.\d\d %\); sound [a-z=0-9 ]+, shipped$")
        self.assertEqual(len(lines), 2)

    def test_a_time_that_is_too_far_from_the_sweeps_is_an_error(self):
        self.run_example("1")
        with self.assertRaisesRegex(AssertionError, r"ended with 1(?s:.*)TOO FAR"):
            self.run_example("1", FUSELINE_FAKE_CUDA="always_throttled")

    def test_without_a_gpu_it_ends_with_77(self):
        with self.assertRaisesRegex(AssertionError, r"ended with 77(?s:.*)no NVIDIA driver: /nowhere"):
            self.run_example(FUSELINE_LIBCUDA="/nowhere/libcuda.so.1")


if __name__ == "__main__":
    unittest.main()
