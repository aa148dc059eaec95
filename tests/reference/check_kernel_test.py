#!/usr/bin/env python3
"""A kernel's file held against a model, and against the kernel of before: one answer for programs."""

import json
import os
import pathlib
import sys
import tempfile
import unittest

from commands import DOUBLE, SIZED, Commands

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "mcp"))
import client

# The stand-in's kernel doubles whatever the source says: another reference makes it wrong.
TRIPLE = DOUBLE.replace("return [2.0]", "return [3.0]")


class CheckKernel(Commands):
    def setUp(self):
        super().setUp()
        if "FUSELINE_LIBCUDA" not in os.environ:
            self.skipTest("there is no stand-in for a driver here")
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)

    def answer(self, *options, code=0):
        """What is printed; nothing is left behind."""
        done = self.run_program("check", "k.cu", "--reference", "ref.py", "--json", "-", "--full", "full.t4.json",
                                "--device", "cuda:0", *options, TMPDIR=self.temporary.name)
        if "NVRTC" in done.stderr:
            self.skipTest("there is no NVRTC here")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(list(pathlib.Path(self.temporary.name).glob("fuseline-*")), [])
        self.assertLessEqual(len(done.stdout), 4096)
        return json.loads(done.stdout) if done.stdout else done.stderr

    def test_a_right_one_is_ok(self):
        self.write(k=SIZED, ref=DOUBLE)
        answer = self.answer()
        self.assertEqual(answer["status"], "ok")
        self.assertEqual(answer["configuration"]["variant"], "kernel")

    def test_a_wrong_one_is_incorrect(self):
        self.write(k=SIZED, ref=TRIPLE)
        answer = self.answer(code=4)
        self.assertEqual(answer["status"], "incorrect")

    def test_what_does_not_compile_is_said_with_the_compilers_line(self):
        self.write(k=SIZED.replace("2 * x[i]", "2 * y[i]"), ref=DOUBLE)
        answer = self.answer(code=4)
        self.assertEqual(answer["status"], "compile_error")
        self.assertIn("y", json.dumps(answer["errors"]))

    def test_it_is_held_against_the_kernel_of_before(self):
        self.write(k=SIZED, ref=DOUBLE, old=SIZED.replace("2 * x[i]", "x[i] + x[i]"))
        answer = self.answer("--baseline", "old.cu")
        self.assertEqual(answer["against"]["baseline"], "baseline")
        self.assertIn(answer["against"]["verdict"], ("faster", "slower", "cannot tell"))

    def test_a_kernel_of_before_with_other_arguments_is_refused(self):
        self.write(k=SIZED, ref=DOUBLE, old=SIZED.replace("float* out", "float* result").replace("out[i]", "result[i]"))
        self.assertIn("old.cu: takes other arguments than the kernel of k.cu", self.answer("--baseline", "old.cu", code=2))

    def test_what_is_not_plain_is_refused_with_its_option(self):
        self.write(k=SIZED.replace("int n", "int n, int stride"), ref=DOUBLE)
        self.assertIn("--arg stride=", self.answer(code=2))
        self.assertIn("--reference: is for one kernel's file",
                      self.run_fuseline("check", "k.cu", "k.cu", "--reference", "ref.py", code=2))

    def test_a_program_asks_the_same_of_the_server(self):
        self.write(k=SIZED, ref=DOUBLE)
        server = client.Client(self.folder, "--db", ":memory:", **self.environment({"TMPDIR": self.temporary.name}))
        self.addCleanup(server.close)
        server.greet()
        right = {"kernel": "k.cu", "reference": "ref.py", "device": "cuda:0"}
        self.assertEqual(server.call("check", **right)["status"], "ok")
        with self.assertRaisesRegex(client.ToolError, "reference"):
            server.call("check", **{**right, "reference": ""})
        with self.assertRaisesRegex(client.ToolError, "in place of 'kernel'"):
            server.call("check", **right, problem="mine")
        with self.assertRaisesRegex(client.ToolError, "with 'kernel' alone"):
            server.call("check", problem="softmax", reference="ref.py", measure=True)
        self.assertEqual(server.end(), 0)
        self.assertEqual(list(pathlib.Path(self.temporary.name).glob("fuseline-*")), [])

    def test_the_server_loads_python_once_and_runs_the_file_anew(self):
        starts, python = self.folder / "starts", self.folder / "python"
        python.write_text(f'#!/bin/sh\necho >> {starts}\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        self.write(k=SIZED, ref="from factor import FACTOR\n" + DOUBLE.replace("[2.0]", "[FACTOR]"),
                   gone="import os\nos._exit(7)\n", raising=DOUBLE.replace("return x * self.factor", "x.missing()"))
        server = client.Client(self.folder, "--db", ":memory:", **self.environment(
            {"TMPDIR": self.temporary.name, "FUSELINE_PYTHON": str(python)}))
        self.addCleanup(server.close)
        server.greet()

        def status(reference="ref.py", factor=2.0):
            (self.folder / "factor.py").write_text(f"FACTOR = {factor}\n")
            return server.call("check", kernel="k.cu", reference=reference, device="cuda:0")["status"]

        self.assertEqual([status(), status(factor=3.0), status()], ["ok", "incorrect", "ok"])
        with self.assertRaisesRegex(client.ToolError, "raising.py:6: running Model raises AttributeError"):
            status("raising.py")
        self.assertEqual([status(), starts.read_text()], ["ok", "\n"])
        with self.assertRaisesRegex(client.ToolError, "exited with status 7"):
            status("gone.py")
        self.assertEqual([status(), starts.read_text()], ["ok", "\n\n"])
        self.assertEqual(server.end(), 0)

    def test_options_of_measuring_are_refused_without_it(self):
        self.assertIn("--baseline: needs --measure or --reference",
                      self.run_fuseline("check", "--baseline", "old", code=2))


if __name__ == "__main__":
    unittest.main()
