#!/usr/bin/env python3
"""What a newcomer sees of cmake/make_debs.sh before it does anything."""

import pathlib
import subprocess
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent.parent / "cmake" / "make_debs.sh"


def run(*arguments):
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


class MakeDebs(unittest.TestCase):
    def test_it_explains_itself(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("[bookworm] [trixie]", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_wrong_arguments_are_named(self):
        for arguments, said in ((["buster"], "unknown release 'buster'; there are: bookworm trixie"),
                                (["--fast"], "unknown option '--fast'"), (["-o"], "-o needs a folder"),
                                (["-j"], "-j needs a number"), (["-j", "many"], "-j needs a number"),
                                (["-j0"], "-j needs a number")):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(said, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
