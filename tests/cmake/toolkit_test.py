#!/usr/bin/env python3
"""Which folder of a toolkit the headers are taken from. The toolkits are made up: names without content."""

import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ARM = "aarch64-linux-gnu.cmake"
HERE = "sbsa-linux" if platform.machine() == "aarch64" else "x86_64-linux"
# No compiler is needed to look for a file.
PROJECT = f"""cmake_minimum_required(VERSION 3.25)
project(toolkit LANGUAGES NONE)
include({ROOT}/cmake/FuselineCuda.cmake)
message(STATUS "taken: ${{FUSELINE_CUDA_INCLUDE_DIR}}")
"""


class Toolkits(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.toolkit = self.folder / "toolkit"
        (self.folder / "CMakeLists.txt").write_text(PROJECT)

    def headers_in(self, *folders):
        for folder in folders:
            (self.toolkit / folder).mkdir(parents=True)
            for name in ("cuda.h", "nvrtc.h", "cuda_occupancy.h"):
                (self.toolkit / folder / name).touch()

    def taken(self, toolchain=None):
        command = [os.environ.get("FUSELINE_CMAKE", "cmake"), "-S", self.folder, "-B", self.folder / "build",
                   "-DFUSELINE_CUDA=ON"]
        if toolchain:
            command.append(f"-DCMAKE_TOOLCHAIN_FILE={ROOT / 'cmake' / toolchain}")
        environment = {**os.environ, "CUDA_HOME": str(self.toolkit)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        line = next(line for line in done.stdout.splitlines() if "taken: " in line)
        return pathlib.Path(line.split("taken: ")[1]).relative_to(self.toolkit).as_posix()

    def test_a_toolkit_for_arm_servers_is_found(self):
        self.headers_in("targets/sbsa-linux/include")
        self.assertEqual(self.taken(ARM), "targets/sbsa-linux/include")

    def test_of_a_toolkit_for_several_machines_those_of_the_target_are_taken(self):
        self.headers_in("include", "targets/x86_64-linux/include", "targets/sbsa-linux/include")
        self.assertEqual(self.taken(ARM), "targets/sbsa-linux/include")
        shutil.rmtree(self.folder / "build")
        self.assertEqual(self.taken(), f"targets/{HERE}/include")

    def test_one_that_names_no_machine_is_taken_as_it_is(self):
        self.headers_in("include")
        self.assertEqual(self.taken(ARM), "include")
        shutil.rmtree(self.folder / "build")
        self.assertEqual(self.taken(), "include")


if __name__ == "__main__":
    unittest.main()
