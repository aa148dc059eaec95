#!/usr/bin/env python3
"""Compiled images on disk; and NVRTC itself where this machine has it."""

import os
import subprocess
import sys
import threading
import unittest

sys.dont_write_bytecode = True
import sample


class FakeNvrtc:
    """As Nvrtc, and counts."""

    version = "13.0"

    def __init__(self):
        self.compiled = 0

    def compile(self, name, source, headers, options, expressions, architecture):
        self.compiled += 1
        return b"image of " + source.encode(), {each: f"lowered {each}" for each in expressions}


class Kept(unittest.TestCase):
    def setUp(self):
        folder = sample.temporary_folder()
        self.folder = folder.__enter__()
        self.addCleanup(folder.__exit__, None, None, None)
        changes = sample.environment(FUSELINE_PACKAGE_CACHE=str(self.folder / "cache"))
        changes.__enter__()
        self.addCleanup(changes.__exit__, None, None, None)
        self.module = sample.fixed_modules()["_compiler"]

    def compiler(self):
        made = self.module.Compiler()
        made._nvrtc = FakeNvrtc()
        return made

    def compile(self, compiler, source="a", options=("-DA=1",), architecture="sm_90", headers=None):
        return compiler.compile("a.cu", source, headers or {"common/a.cuh": "x"}, options, ["rows<float>", "plain"],
                                architecture)

    def files(self):
        return sorted((self.folder / "cache").iterdir()) if (self.folder / "cache").exists() else []

    def test_a_second_process_finds_it(self):
        first, second = self.compiler(), self.compiler()
        self.assertEqual(self.compile(first), (b"image of a", {"rows<float>": "lowered rows<float>"}, False))
        self.assertEqual(self.compile(second), (b"image of a", {"rows<float>": "lowered rows<float>"}, True))
        self.assertEqual((first._nvrtc.compiled, second._nvrtc.compiled), (1, 0))

    def test_everything_it_depends_on_is_in_its_name(self):
        compiler = self.compiler()
        self.compile(compiler)
        self.compile(compiler, source="b")
        self.compile(compiler, options=("-DA=2",))
        self.compile(compiler, architecture="sm_89")
        self.compile(compiler, headers={"common/a.cuh": "y"})
        compiler._nvrtc.version = "12.9"
        self.compile(compiler)
        self.assertEqual((compiler._nvrtc.compiled, len(self.files())), (6, 6))

    def test_a_damaged_one_is_compiled_anew(self):
        for damage in (lambda content: content[:-3], lambda content: b"", lambda content: content[:-1] + b"X",
                       lambda content: content.replace(b"fuseline/image/1", b"fuseline/image/2")):
            compiler = self.compiler()
            self.compile(compiler)
            (path,) = self.files()
            path.write_bytes(damage(path.read_bytes()))
            again = self.compiler()
            self.assertEqual(self.compile(again)[0], b"image of a")
            self.assertEqual(again._nvrtc.compiled, 1)

    def test_writers_do_not_meet(self):
        path = str(self.folder / "cache" / "one.image")
        images = [bytes([65 + number]) * 300000 for number in range(4)]
        wrong = []

        def write(image):
            for _ in range(20):
                self.module.write_cached(path, image, {})
                found = self.module.read_cached(path)
                if found is None or found[0] not in images:
                    wrong.append(found)
        threads = [threading.Thread(target=write, args=(image,)) for image in images]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.assertEqual((wrong, len(self.files())), ([], 1))

    def test_none_keeps_nothing_and_a_folder_that_takes_nothing_is_no_error(self):
        with sample.environment(FUSELINE_PACKAGE_CACHE="none"):
            self.assertFalse(self.compile(self.compiler())[2])
            self.assertFalse(self.compile(self.compiler())[2])
        (self.folder / "file").write_text("")
        with sample.environment(FUSELINE_PACKAGE_CACHE=str(self.folder / "file")):
            self.assertFalse(self.compile(self.compiler())[2])
        self.assertEqual(self.files(), [])

    def test_where_it_is_kept(self):
        with sample.environment(FUSELINE_PACKAGE_CACHE=None, XDG_CACHE_HOME="/there"):
            self.assertEqual(self.module.cache_folder(), "/there/fuseline/packages")
        with sample.environment(FUSELINE_PACKAGE_CACHE=None, XDG_CACHE_HOME=None, HOME="/me"):
            self.assertEqual(self.module.cache_folder(), "/me/.cache/fuseline/packages")


class Nvrtc(unittest.TestCase):
    def setUp(self):
        self.module = sample.fixed_modules()["_compiler"]
        try:
            self.nvrtc = self.module.Nvrtc()
        except self.module.NoCompiler as reason:
            self.skipTest(str(reason))
        self.headers = {f"common/{path.name}": path.read_text() for path in (sample.KERNELS / "common").glob("*.cuh")}

    def test_a_source_of_the_tree_compiles(self):
        source = (sample.KERNELS / "swiglu" / "columns.cu").read_text()
        problems, resolve = (sample.fixed_modules()[name] for name in ("_problems", "_resolve"))
        configuration = {"lanes": 32, "vector_bytes": 16, "in_flight": 1, "block": 128, "load": "normal",
                         "store": "normal", "sigmoid": "fast"}
        described = problems.Problem("swiglu", sample.tree_problem("swiglu")[0])
        device = resolve.Device("NVIDIA H200", 90, sample.H200["limits"])
        resolved = resolve.resolve(described, "columns", configuration, "f16", {"rows": 19, "W": 48}, {}, device)
        image, symbols = self.nvrtc.compile("columns.cu", source, self.headers, resolved.defines, [], "sm_90")
        self.assertEqual((image[:4], symbols), (b"\x7fELF", {}))
        self.assertIn(b"swiglu_columns", image)

    def test_an_instance_of_a_template_has_its_lowered_name(self):
        source = "template <class T, int n> __global__ void rows(T* x) { x[threadIdx.x] = n; }"
        _, symbols = self.nvrtc.compile("rows.cu", source, {}, [], ["rows<float, 128>"], "sm_90")
        self.assertRegex(symbols["rows<float, 128>"], r"^_Z4rows")

    def test_an_error_is_one_line(self):
        Unfit = sample.fixed_modules()["_resolve"].Unfit
        with self.assertRaisesRegex(Unfit, r"^NVRTC [0-9.]+ does not compile bad.cu: bad.cu\(1\): error: [^\n]+$"):
            self.nvrtc.compile("bad.cu", "this is no CUDA;", {}, [], [], "sm_90")


class NoNvrtc(unittest.TestCase):
    def test_a_machine_without_it_says_so(self):
        program = ("import os, sys\nsys.dont_write_bytecode = True\nimport sample\n"
                   "module = sample.fixed_modules()['_compiler']\n"
                   "module._roots = lambda: ['/nowhere']\nmodule.LIBRARIES = ('libnvrtc.so.0',)\n"
                   "compiler = module.Compiler()\n"
                   "try:\n    compiler.compile('a.cu', '', {}, [], [], 'sm_90')\nexcept Exception as error:\n"
                   "    print(error)\n")
        here = os.path.dirname(os.path.abspath(__file__))
        done = subprocess.run([sys.executable, "-c", program], cwd=here, capture_output=True, text=True)
        self.assertIn("nothing was compiled for it, and NVRTC was not found", done.stdout, done.stderr)


if __name__ == "__main__":
    unittest.main()
