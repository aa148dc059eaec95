#!/usr/bin/env python3
"""Importing a package: without PyTorch, with one that is too old, and the parts that need none."""

import ast
import pathlib
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
import sample


class Importing(unittest.TestCase):
    def setUp(self):
        folder = sample.temporary_folder()
        self.folder = folder.__enter__()
        self.addCleanup(folder.__exit__, None, None, None)
        made = sample.Sample()
        made.problem("doubled", *sample.doubled())
        made.write(self.folder / "pack")

    def run_python(self, program):
        # -I -S: whatever is installed, or named in the environment, stays out.
        head = f"import sys; sys.dont_write_bytecode = True; sys.path.insert(0, {str(self.folder)!r})\n"
        return subprocess.run([sys.executable, "-I", "-S", "-c", head + program], capture_output=True, text=True)

    def test_without_pytorch_one_sentence_says_what_is_missing(self):
        done = self.run_python("sys.modules['torch'] = None\nimport pack")
        self.assertEqual(done.stderr.splitlines()[-1].partition(", and ")[0],
                         "ImportError: the package pack needs PyTorch 2.4 or newer")
        self.assertIn("it cannot be imported", done.stderr.splitlines()[-1])

    def test_a_pytorch_that_is_too_old_is_named(self):
        (self.folder / "torch.py").write_text("__version__ = '2.3.1+cu121'\n")
        done = self.run_python("import pack")
        self.assertEqual(done.stderr.splitlines()[-1],
                         "ImportError: the package pack needs PyTorch 2.4 or newer, and 2.3.1+cu121 is installed")

    def test_the_parts_that_need_no_pytorch_import_nothing_else(self):
        program = (
            "import types, importlib\n"
            "parent = sys.modules['pack'] = types.ModuleType('pack')\n"
            f"parent.__path__ = [{str(self.folder / 'pack')!r}]\n"
            "for name in ('_expressions', '_package', '_problems', '_resolve', '_driver', '_compiler', '_plans'):\n"
            "    importlib.import_module('pack.' + name)\n"
            "known = set(sys.stdlib_module_names) | {'pack', '__main__'}\n"
            "print(sorted({name.partition('.')[0] for name in sys.modules} - known))\n")
        done = self.run_python(program)
        self.assertEqual((done.stdout, done.stderr), ("[]\n", ""))

    def test_every_formula_has_the_inputs_and_keywords_of_its_problem(self):
        for path in sorted(sample.KERNELS.glob("*/problem.json")):
            file = path.parent / "torch.py"
            self.assertEqual(file.exists(), not path.parent.name.endswith("_backward"), path.parent.name)
            if not file.exists():
                continue
            described = sample.fixed_modules()["_problems"].Problem(path.parent.name,
                                                                    sample.tree_problem(path.parent.name)[0])
            tree = ast.parse(file.read_text())
            formula = next(each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "formula")
            self.assertEqual([each.arg for each in formula.args.args], [each.name for each in described.inputs])
            self.assertEqual([each.arg for each in formula.args.kwonlyargs], [*described.scalars, *described.given])
            parameters = next(ast.literal_eval(each.value) for each in tree.body if isinstance(each, ast.Assign)
                              and each.targets[0].id == "PARAMETERS")
            self.assertLess(set(parameters), {each.name for each in described.inputs})

    def test_fixed_files_are_python_3_9(self):
        for path in sample.FIXED.glob("*.py"):
            ast.parse(path.read_text(), feature_version=(3, 9))


if __name__ == "__main__":
    unittest.main()
