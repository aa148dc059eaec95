#!/usr/bin/env python3
"""The tree is installed, a wheel is made of it, and that is installed into a virtual environment and run."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "cmake"))
import make_wheel

BUILD = pathlib.Path(os.environ["FUSELINE_BIN_DIR"]).parent
# Of Ubuntu 22.04. Debian 12 has 2.36, and what is built there needs no more than this; what is built on a newer system
# may, and then the tag says so.
OLDEST_GLIBC = (2, 35)
DEBIAN_12 = (2, 36)


def run(*command, **options):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} exited with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Wheels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.tree = cls.folder / "tree"
        run(os.environ.get("FUSELINE_CMAKE", "cmake"), "--install", BUILD, "--prefix", cls.tree, "--strip")
        cls.wheel = make_wheel.make_wheel(cls.tree, cls.folder)

    def names(self):
        with zipfile.ZipFile(self.wheel) as archive:
            return archive.namelist()

    @staticmethod
    def files_in(folder):
        return sorted(path for path in folder.rglob("*") if not path.is_dir())

    def test_its_tag_is_what_the_files_need(self):
        names = make_wheel.members(self.tree)
        tag = make_wheel.platform_tag(self.tree, names)
        self.assertTrue(self.wheel.name.endswith(f"-py3-none-{tag}.whl"), self.wheel.name)
        needed = {name: make_wheel.dynamic_section(path)[1].get("GLIBC", (0,)) for name, path in names.items()
                  if make_wheel.is_elf(path)}
        self.assertIn("bin/fuseline-worker", needed)
        self.assertRegex(tag, rf"manylinux_2_{max(needed.values())[1]}_")
        here = tuple(map(int, os.confstr("CS_GNU_LIBC_VERSION").split()[1].split(".")))
        if here <= DEBIAN_12:
            self.assertEqual({name: found for name, found in needed.items() if found > OLDEST_GLIBC}, {})

    def test_no_file_has_a_path_of_the_builder(self):
        for name, path in make_wheel.members(self.tree).items():
            for line in path.read_bytes().split(b"\0"):
                # Counting executions, as one of our builds does, needs a place for the counts.
                if str(ROOT).encode() in line and not line.endswith(b".gcda"):
                    self.fail(f"{name}: {line[-300:]}")

    def test_libraries_come_once_and_programs_can_be_run(self):
        names = [name for name in self.names() if "/lib/fuseline/" in name]
        self.assertTrue(any(name.endswith("/libcairo.so.2") for name in names), names)
        self.assertFalse(any("libcairo.so.2." in name for name in names), names)
        with zipfile.ZipFile(self.wheel) as archive:
            for entry in archive.infolist():
                if "/data/bin/" in entry.filename:
                    self.assertTrue(entry.external_attr >> 16 & stat.S_IXUSR, entry.filename)

    def test_the_same_tree_makes_the_same_bytes(self):
        again = make_wheel.make_wheel(self.tree, self.folder / "again")
        self.assertEqual(again.read_bytes(), self.wheel.read_bytes())

    def test_installed_it_runs_and_leaves_nothing(self):
        environment = self.folder / "env"
        run(sys.executable, "-m", "venv", environment)
        before = self.files_in(environment)
        pip = [environment / "bin" / "pip", "--disable-pip-version-check", "--no-cache-dir"]
        run(*pip, "install", "--no-index", "--no-deps", "--no-compile", self.wheel)
        run(*pip, "check")
        # Nothing but this: not the variables that name toolkits, libraries or data.
        bare = {"HOME": str(self.folder / "home"), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
        fuseline = environment / "bin" / "fuseline"
        swept = json.loads(run(fuseline, "sweep", "rmsnorm_residual", "--device", "replay:h200", "--json", "-", env=bare,
                               cwd="/"))
        self.assertEqual(swept["problem"]["name"], "rmsnorm_residual")
        run(fuseline, "plot", "--kind", "roofline", "-o", self.folder / "r.png", env=bare, cwd="/")
        self.assertEqual((self.folder / "r.png").read_bytes()[:4], b"\x89PNG")
        by_python = run(environment / "bin" / "python", "-m", "fuseline", "--version", env=bare, cwd="/")
        self.assertEqual(by_python, run(fuseline, "--version", env=bare))
        self.assertEqual(run(environment / "bin" / "fuseline-worker", "--version", env=bare),
                         by_python.replace("fuseline", "fuseline-worker"))
        # Its Python is the one whose PyTorch is asked, though the environment is not active.
        (self.folder / "k.cu").write_text("__global__ void k(const float* x, float* y) {}\n")
        (self.folder / "ref.py").write_text("raise SystemExit('never')\n")
        asked = subprocess.run([fuseline, "new", "mine", "--from", "k.cu", "--reference", "ref.py"], env=bare,
                               cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(asked.returncode, 2, asked.stdout)
        self.assertIn(f"{environment}/bin/python3", asked.stderr)
        run(*pip, "uninstall", "--yes", "fuseline")
        # pip leaves empty folders of data behind.
        self.assertEqual(self.files_in(environment), before)

    def refused(self, *arguments):
        done = subprocess.run([sys.executable, ROOT / "cmake" / "make_wheel.py", *arguments], capture_output=True,
                              text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("Traceback", done.stderr)
        return done.stderr

    def test_what_is_no_tree_is_refused(self):
        self.assertIn("has no bin/fuseline", self.refused(self.folder / "nowhere"))
        self.assertIn("TREE", self.refused())
        lacking = self.folder / "lacking"
        shutil.copytree(self.tree, lacking, symlinks=True)
        (lacking / "lib" / "fuseline" / "libfmt.so.9").unlink()
        for each in (lacking / "lib" / "fuseline").glob("libfmt.so.*"):
            each.unlink()
        with self.assertRaisesRegex(make_wheel.Unfit, "needs libfmt.so.9, which is neither in the tree"):
            make_wheel.platform_tag(lacking, make_wheel.members(lacking))


if __name__ == "__main__":
    unittest.main()
