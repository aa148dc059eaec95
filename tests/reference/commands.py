"""What tests of commands with a reference in PyTorch share: kernels, models, and a folder in which they run."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BINARIES = pathlib.Path(os.environ["FUSELINE_BIN_DIR"])

# The stand-in for a driver has a kernel of this name, which doubles.
SIZED = """extern "C" __global__ void sized(const float* x, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = 2 * x[i];
}
"""
DOUBLE = """import torch
class Model(torch.nn.Module):
    def __init__(self, factor):
        self.factor = factor
    def forward(self, x):
        return x * self.factor
def get_inputs():
    return [torch.randn(8, 512)]
def get_init_inputs():
    return [2.0]
"""


class Commands(unittest.TestCase):
    """A test has a folder of its own, and stand-ins for PyTorch and NumPy."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, **files):
        for name, text in files.items():
            (self.folder / f"{name}.{'cu' if '__global__' in text else 'py'}").write_text(text)

    def environment(self, changes):
        environment = {**os.environ, "PYTHONPATH": str(HERE / "stand_in"), "XDG_DATA_HOME": str(self.folder / "home"),
                       "XDG_CACHE_HOME": str(self.folder / "home"), "FUSELINE_PYTHON": sys.executable,
                       "FUSELINE_LIBNVML": "", **changes}
        environment.pop("FUSELINE_PATH", None)
        return environment

    def run_program(self, *arguments, **changes):
        return subprocess.run([str(BINARIES / "fuseline"), *map(str, arguments)], capture_output=True, text=True,
                              env=self.environment(changes), cwd=self.folder, check=False)

    def run_fuseline(self, *arguments, code=0, **changes):
        """Its output, or where it fails with `code` its messages."""
        done = self.run_program(*arguments, **changes)
        self.assertEqual(done.returncode, code, done.stdout[-2000:] + done.stderr[-4000:])
        return done.stdout if code == 0 else done.stderr
