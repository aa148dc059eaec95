#!/usr/bin/env python3
"""Sweeps on the GPUs of a machine behind a real sshd, whose login shell greets and misses a command."""

import os
import re
import signal
import subprocess
import unittest

import sshd
import toy
from slurm import wait_until

LACKING = sshd.missing()
KILLED = re.compile("was lost and is replaced: it (was killed by signal|exited with status 255)")


@unittest.skipIf(LACKING, f"not installed: {', '.join(LACKING)} (cmake/install_packages.sh tests)")
class OverSsh(unittest.TestCase):
    def setUp(self):
        self.toy = toy.Toy()
        self.addCleanup(self.toy.remove)
        self.sshd = sshd.Sshd()
        self.addCleanup(self.sshd.stop)
        self.sshd.start()
        self.environment = {**os.environ, "FUSELINE_SSH": self.sshd.command}

    def start(self, *options):
        sweep = self.toy.start(self.environment, *options)
        self.addCleanup(lambda: sweep.poll() is None and os.killpg(sweep.pid, signal.SIGKILL))
        return sweep

    def finish(self, sweep, code=0):
        out, err = sweep.communicate(timeout=120)
        self.assertEqual(sweep.returncode, code, out + err)
        return out + err

    def fault(self, host="gpubox"):
        """What is said, in one line."""
        text = self.finish(self.start("--host", host), code=2)
        self.assertEqual(len(text.splitlines()), 1, text)
        return text

    def some_measured(self, count=20):
        wait_until(lambda: len(self.toy.measured()) >= count, "measurements")

    def check_whole(self, repeated=0, lost=()):
        """As over Slurm."""
        self.assertEqual(self.toy.kept(), {"ok": toy.SIZE})
        again = self.toy.repeated()
        if lost:
            self.assertLessEqual(set(again), self.toy.measured_by(lost))
        else:
            self.assertLessEqual(len(again), repeated)

    def test_the_worker_is_carried_once_and_every_gpu_has_one(self):
        self.toy.worker_is(3)
        text = self.finish(self.start("--host", "gpubox"))
        self.assertRegex(text, r"carrying this worker \(.* MB\) to gpubox:~/.cache/fuseline/tree-[0-9a-f]{16}")
        self.assertIn("gpubox: 3 workers", text)
        self.check_whole()
        self.assertEqual(self.toy.starts(), 3)
        self.assertNotIn("carrying", self.finish(self.start("--host", "gpubox:2")))
        self.assertEqual(self.toy.starts(), 5)
        self.assertEqual(len(list((self.sshd.there / ".cache" / "fuseline").iterdir())), 1)

    def test_a_connection_that_breaks_costs_nothing(self):
        self.toy.worker_is(2)
        sweep = self.start("--host", "gpubox")
        self.some_measured()
        # The process of sshd that serves one of the two.
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.sshd.daemon.pid)], capture_output=True,
                                  text=True, check=True).stdout.split()
        self.assertEqual(len(children), 2)
        before = set(self.toy.pids())
        os.kill(int(children[0]), signal.SIGKILL)
        wait_until(lambda: len(before - set(self.toy.pids())) == 1, "the end of its worker")
        lost = before - set(self.toy.pids())
        self.assertRegex(self.finish(sweep), KILLED)
        self.check_whole(lost=lost)

    def test_a_worker_that_is_killed_there_is_replaced(self):
        self.toy.worker_is(2)
        sweep = self.start("--host", "gpubox")
        self.some_measured()
        lost = self.toy.pids()[0]
        os.kill(lost, signal.SIGKILL)
        self.assertRegex(self.finish(sweep), KILLED)
        self.check_whole(lost=[lost])
        self.assertEqual(self.toy.starts(), 3)

    def test_a_coordinator_that_is_killed_is_gone_on_with(self):
        self.toy.worker_is(2)
        sweep = self.start("--host", "gpubox")
        self.some_measured(60)
        os.killpg(sweep.pid, signal.SIGKILL)
        sweep.communicate()
        wait_until(lambda: not self.toy.pids(), "workers that end without their coordinator")
        begun, kept = len(self.toy.measured()), sum(self.toy.kept().values())
        self.finish(self.start("--host", "gpubox", "--resume"))
        # What was measured and kept by nobody is measured again, and nothing else.
        self.check_whole(repeated=begun - kept)
        self.assertEqual(len(self.toy.measured()) - begun, toy.SIZE - kept)
        self.assertEqual(self.toy.runs(), 1)

    def test_what_is_wrong_is_said_at_once(self):
        self.assertIn("error: --host: nowhere: ssh knows no such host: ", self.fault("nowhere"))
        self.finish(self.start("--host", "gpubox:3"), code=2)  # Carries it there.
        self.assertIn("error: --host: gpubox: 3 workers were asked for, and it has 1 GPU\n", self.fault("gpubox:3"))
        self.sshd.client_config("stranger")
        self.assertRegex(self.fault(), "gpubox: it refuses your key, and no password can be asked for: ssh-copy-id gpubox")
        self.sshd.client_config("user", known=False)
        self.assertIn("gpubox: its key is not known here: connect once by hand, ssh gpubox", self.fault())
        self.sshd.client_config("user")
        self.sshd.login_does("echo no logins today; exit 1")
        self.assertIn("gpubox: its shell did not run what it was sent: no logins today", self.fault())
        self.sshd.daemon.terminate()
        self.sshd.daemon.wait()
        self.assertIn("gpubox: ssh cannot reach it: ", self.fault())

    def test_another_kind_of_machine_and_one_without_a_gpu_are_told(self):
        uname = self.sshd.there / "bin" / "uname"
        uname.write_text("#!/bin/sh\necho Linux riscv128\n")
        uname.chmod(0o755)
        self.assertIn("gpubox: it is Linux riscv128, this machine Linux ", self.fault())
        uname.unlink()
        self.toy.worker_is(0)
        text = self.finish(self.start("--host", "gpubox"), code=2)
        self.assertIn("finds no GPU: ", text)


if __name__ == "__main__":
    unittest.main()
