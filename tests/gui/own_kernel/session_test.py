"""The session of tests/gpu/window.py, with stand-ins for driver and CUPTI: everything but real times and samples."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(os.environ["FUSELINE_BIN_DIR"])
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "gpu/window.py"


class SessionTest(unittest.TestCase):
    def play(self, *arguments):
        return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=280)

    def test_a_kernel_is_opened_compiled_swept_edited_measured_again_compared_and_exported(self):
        with tempfile.TemporaryDirectory() as out:
            done = self.play(BIN.parent, out, "--stand-in", BIN.parent / "tests")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("ok      what was saved was measured again", done.stdout)
            self.assertIn("ok      the package is there", done.stdout)

    def test_what_is_there_stays(self):
        with tempfile.TemporaryDirectory() as out:
            (pathlib.Path(out) / "mine").write_text("mine")
            done = self.play(BIN.parent, out, "--stand-in", BIN.parent / "tests")
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("is not empty", done.stderr)

    def test_a_display_that_does_not_start_is_one_line(self):
        with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as x11:
            (pathlib.Path(x11) / "bin").mkdir()
            server = pathlib.Path(x11) / "bin/Xvfb"
            server.write_text("#!/bin/sh\necho no screens found >&2\nexit 1\n")
            server.chmod(0o755)
            done = self.play(BIN.parent, out, "--x11", x11, "--stand-in", BIN.parent / "tests")
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(f"window.py: {server} did not start: no screens found", done.stderr)


if __name__ == "__main__":
    unittest.main()
