"""A small problem, a tree of programs whose worker is scripted, and what a sweep of it left behind."""

import collections
import csv
import io
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

BINARIES = pathlib.Path(os.environ["FUSELINE_BIN_DIR"])
SOURCES = pathlib.Path(__file__).resolve().parent.parent.parent
BLOCKS = [32, 64, 96, 128, 160, 192, 224, 256]
DEPTHS = list(range(1, 33))
SIZE = len(BLOCKS) * len(DEPTHS)

PROBLEM = {
    "schema": "fuseline/problem/1", "name": "toy", "title": "Toy", "formula": "out = 2x", "description": "d",
    "source": "tests", "dims": [{"name": "N", "description": "elements", "min": 1, "max": 4096}],
    "shapes": [{"name": "small", "description": "s", "dims": {"N": 1024}}], "dtypes": ["f32"], "scalars": {},
    "tensors": [{"name": "x", "role": "input", "dtype": "T", "shape": "[N]", "elements": "N"},
                {"name": "out", "role": "output", "dtype": "T", "shape": "[N]", "elements": "N"}],
    "flops": "N", "tolerance": {"f32": {"absolute": 1e-5, "relative": 1e-5}},
    "reference": {"source": "reference.cu", "launches": [
        {"kernel": "reference", "grid": ["cdiv(N, 128)"], "block": ["128"], "args": ["x", "out"]}]},
}


class Toy:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fuseline-cluster-"))
        problem = self.folder / "kernels" / "toy"
        problem.mkdir(parents=True)
        (problem / "problem.json").write_text(json.dumps(PROBLEM))
        (problem / "reference.cu").write_text("// reference\n")
        (problem / "plain.cu").write_text("// plain\n")
        (problem / "plain.json").write_text(json.dumps({
            "schema": "fuseline/variant/1", "name": "plain", "description": "d", "source": "plain.cu",
            "parameters": [{"name": "block", "description": "b", "values": BLOCKS},
                           {"name": "depth", "description": "d", "values": DEPTHS}],
            "launches": [{"kernel": "toy_plain", "grid": ["cdiv(N, block)"], "block": ["block"],
                          "args": ["x", "out"]}]}))
        (self.folder / "pids").mkdir()
        self.log = self.folder / "worker.log"
        self.script()
        # Beside a worker that is a script, the program takes that for its own.
        self.program = self.folder / "tree" / "bin" / "fuseline"
        self.program.parent.mkdir(parents=True)
        try:
            os.link(BINARIES / "fuseline", self.program)
        except OSError:
            shutil.copy2(BINARIES / "fuseline", self.program)
        self.worker = self.program.parent / "fuseline-worker"
        self.worker_is(1)

    def script(self, **changes):
        (self.folder / "script.json").write_text(json.dumps(
            {"log": str(self.log), "delay_ms": 25, "noise": 0, "times": {"plain block=64 depth=3": 1.0}, **changes}))

    def worker_is(self, gpus):
        version = subprocess.run([BINARIES / "fuseline", "--version"], capture_output=True, text=True,
                                 check=True).stdout.split()[1]
        devices = json.dumps([{}] * gpus)
        self.worker.write_text(f"""#!/bin/sh
case $1 in
  --version) echo fuseline-worker {version}; exit ;;
  --list) echo '{devices}'; exit {0 if gpus else 3} ;;
esac
touch {self.folder}/pids/$$
sed 's|{self.log}|{self.log}.'$$'|' {self.folder}/script.json > {self.folder}/script.$$
exec {BINARIES}/scripted_worker {self.folder}/script.$$
""")
        self.worker.chmod(0o755)

    def pids(self):
        """Of workers that live."""
        return [int(file.name) for file in (self.folder / "pids").iterdir() if pathlib.Path("/proc", file.name).exists()]

    def starts(self):
        return self.lines().count("start")

    def lines(self, pid=None):
        """What workers noted, each in a log of its own: all of them, or the one of this number."""
        logs = self.folder.glob(f"{self.log.name}.{'*' if pid is None else pid}")
        return [line for log in logs for line in log.read_text().splitlines()]

    def measured(self, pid=None):
        return [line.removeprefix("measured ") for line in self.lines(pid) if line.startswith("measured ")]

    def measured_by(self, pids):
        return {key for pid in pids for key in self.measured(pid)}

    def command(self, *options):
        # Draws verify the best again, and are no part of what is counted.
        return [str(self.program), "--preset-path", str(self.folder / "kernels"), "sweep", "toy", "--draws", "1",
                "--target", "", "--db", str(self.folder / "runs.db"), *options]

    def environment(self, environment):
        return {**environment, "FUSELINE_DATA": str(SOURCES), "XDG_CACHE_HOME": str(self.folder / "cache"),
                "XDG_DATA_HOME": str(self.folder / "data")}

    def start(self, environment, *options):
        return subprocess.Popen(self.command(*options), env=self.environment(environment), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                start_new_session=True)

    def kept(self):
        """How often each outcome is in the store, of the only run there."""
        done = subprocess.run([self.program, "export", "--db", self.folder / "runs.db", "--format", "csv"],
                              env=self.environment(os.environ), capture_output=True, text=True, check=True)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        return collections.Counter(row["outcome"] for row in rows)

    def runs(self):
        with sqlite3.connect(self.folder / "runs.db") as store:
            return store.execute("select count(*) from runs").fetchone()[0]

    def repeated(self):
        """Configurations that workers measured more than once, with how often."""
        return {key: count for key, count in collections.Counter(self.measured()).items() if count > 1}

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
