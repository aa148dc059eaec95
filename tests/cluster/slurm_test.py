#!/usr/bin/env python3
"""Sweeps over the tasks of a real Slurm: nothing is lost, and nothing is measured twice but what was under way."""

import json
import os
import signal
import subprocess
import unittest

import slurm
import toy
from slurm import wait_until

LACKING = slurm.missing()


@unittest.skipIf(LACKING, f"not installed: {', '.join(LACKING)} (cmake/install_packages.sh tests)")
class OverSlurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.slurm = slurm.Slurm()
        cls.addClassCleanup(cls.slurm.stop)
        cls.slurm.start()

    def setUp(self):
        self.toy = toy.Toy()
        self.addCleanup(self.toy.remove)
        self.addCleanup(self.slurm.calm)

    def start(self, *options):
        sweep = self.toy.start(self.slurm.environment, *options)
        self.addCleanup(lambda: sweep.poll() is None and os.killpg(sweep.pid, signal.SIGKILL))
        return sweep

    def finish(self, sweep, code=0):
        out, err = sweep.communicate(timeout=120)
        self.assertEqual(sweep.returncode, code, out + err)
        return out + err

    def some_measured(self, count=20):
        wait_until(lambda: len(self.toy.measured()) >= count, "measurements")

    def check_whole(self, repeated=0, lost=()):
        """Every configuration is there, ok, and was measured once; twice `repeated` at most, or what `lost` workers had
        measured, of which an outcome may have been on its way."""
        self.assertEqual(self.toy.kept(), {"ok": toy.SIZE})
        again = self.toy.repeated()
        self.assertEqual(set(again.values()) - {2}, set())
        if lost:
            self.assertLessEqual(set(again), self.toy.measured_by(lost))
        else:
            self.assertLessEqual(len(again), repeated, again)
        self.assertEqual(len(set(self.toy.measured())), toy.SIZE)

    def test_a_sweep_over_four_tasks(self):
        sweep = self.start("--slurm", "4")
        wait_until(lambda: len(self.slurm.jobs("--states=running", "--name=fuseline")) == 4, "four tasks")
        self.finish(sweep)
        self.check_whole()
        self.assertEqual(self.toy.starts(), 4)
        wait_until(lambda: not self.slurm.jobs(), "tasks that end with the sweep")

    def test_without_unbuffered_nothing_is_held_back(self):
        self.finish(self.start("--worker", f"srun --gpus=1 --ntasks=1 {self.toy.worker}"))
        self.check_whole()

    def test_a_task_that_is_killed_is_replaced(self):
        sweep = self.start("--slurm", "4")
        self.some_measured()
        lost = self.toy.pids()[0]
        os.kill(lost, signal.SIGKILL)
        text = self.finish(sweep)
        self.check_whole(lost=[lost])
        self.assertIn("was lost and is replaced: it exited with status 137", text)
        self.assertEqual(self.toy.starts(), 5)

    def test_what_is_cancelled_by_the_scheduler_is_replaced(self):
        """As at the end of its time, or where another job is preferred."""
        sweep = self.start("--slurm", "4")
        self.some_measured()
        lost = self.toy.pids()
        self.slurm.run("scancel", "--name=fuseline")
        self.finish(sweep)
        self.assertGreater(self.toy.starts(), 4)
        self.check_whole(lost=lost)

    def test_a_node_that_is_drained_takes_no_more(self):
        sweep = self.start("--slurm", "4")
        self.some_measured()
        self.slurm.run("scontrol", "update", "nodename=node2", "state=drain", "reason=tests")
        there = self.slurm.jobs("--nodelist=node2")
        self.assertEqual(len(there), 2)
        before = set(self.toy.pids())
        self.slurm.run("scancel", *there)
        wait_until(lambda: len(self.slurm.jobs("--states=pending")) == 2, "two tasks in the queue")
        lost = before - set(self.toy.pids())
        self.assertEqual(len(lost), 2)
        self.finish(sweep)
        self.check_whole(lost=lost)
        wait_until(lambda: not self.slurm.jobs(), "tasks that leave the queue with the sweep")

    def test_a_node_that_fails_costs_nothing(self):
        sweep = self.start("--slurm", "4")
        self.some_measured()
        before = set(self.toy.pids())
        self.slurm.run("scontrol", "update", "nodename=node2", "state=down", "reason=tests")
        wait_until(lambda: len(before - set(self.toy.pids())) == 2, "the end of the node's tasks")
        lost = before - set(self.toy.pids())
        self.slurm.run("scontrol", "update", "nodename=node2", "state=resume")
        text = self.finish(sweep)
        self.check_whole(lost=lost)
        self.assertIn("Node failure on node2", text)

    def test_a_coordinator_that_is_killed_is_gone_on_with(self):
        sweep = self.start("--slurm", "4")
        self.some_measured(60)
        sweep.kill()
        sweep.communicate()
        # What it started notices by itself.
        wait_until(lambda: not self.slurm.jobs(), "tasks that end without their coordinator")
        kept = sum(self.toy.kept().values())
        self.assertGreater(kept, 20)
        begun = len(self.toy.measured())
        self.finish(self.start("--slurm", "4", "--resume"))
        # What was measured and kept by nobody is measured again, and nothing else.
        self.check_whole(repeated=begun - kept)
        self.assertEqual(len(self.toy.measured()) - begun, toy.SIZE - kept)
        self.assertEqual(self.toy.runs(), 1)

    def test_it_waits_in_the_queue_and_an_interrupt_leaves_it(self):
        holder = subprocess.Popen(["srun", "--nodes=2", "--ntasks=4", "--gpus=4", "sleep", "60"],
                                  env=self.slurm.environment, stderr=subprocess.DEVNULL)
        self.addCleanup(holder.wait)
        wait_until(lambda: len(self.slurm.jobs("--states=running")) == 1, "what takes every GPU")
        sweep = self.start("--slurm", "2")
        wait_until(lambda: len(self.slurm.jobs("--states=pending")) == 2, "two tasks in the queue")
        sweep.send_signal(signal.SIGINT)
        text = self.finish(sweep, code=130)
        self.assertRegex(text, "waiting for worker `srun .*`: srun: job [0-9]+ queued and waiting for resources")
        wait_until(lambda: len(self.slurm.jobs()) == 1, "a queue that is left")
        self.slurm.calm()

    def test_a_script_sweeps_within_one_allocation_and_is_gone_on_with(self):
        script = self.toy.folder / "job.sh"
        self.finish(self.start("--slurm", "4", "--slurm-script", str(script), "--slurm-args=--output=job.out"))
        self.toy.script(delay_ms=40)
        job = subprocess.run(["sbatch", "--parsable", script], env=self.toy.environment(self.slurm.environment),
                             cwd=self.toy.folder, capture_output=True, text=True, check=True).stdout.strip()
        self.some_measured(60)
        # What Slurm sends a minute before the end.
        self.slurm.run("scancel", "--batch", "--signal=INT", job)
        wait_until(lambda: not self.slurm.jobs(), "the end of the allocation")
        output = (self.toy.folder / "job.out").read_text()
        self.assertIn("interrupted after", output)
        kept = sum(self.toy.kept().values())
        self.assertTrue(20 < kept < toy.SIZE, kept)
        self.toy.script()
        begun = len(self.toy.measured())
        self.finish(self.start("--slurm", "4", "--resume"))
        # What workers did between the interrupt and their end was kept by nobody.
        self.check_whole(repeated=begun - kept)
        self.assertEqual(len(self.toy.measured()) - begun, toy.SIZE - kept)

    def test_our_own_worker_tells_where_its_time_goes(self):
        worker = toy.BINARIES / "fuseline-worker"
        if "FUSELINE_LIBCUDA" not in os.environ or not worker.exists():
            self.skipTest("there is no worker, or FUSELINE_LIBCUDA names no stand-in driver")
        trace = self.toy.folder / "trace.json"
        done = subprocess.run([toy.BINARIES / "fuseline", "--preset-path", toy.SOURCES / "tests/data/file_problem", "sweep",
                               "twice", "--slurm", "2", "--target", "", "--db", ":memory:", "--timing", trace],
                              env=self.toy.environment(self.slurm.environment), capture_output=True, text=True,
                              check=False)
        if "NVRTC" in done.stderr:
            self.skipTest("there is no NVRTC here")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        events = json.loads(trace.read_text())["traceEvents"]
        names = {event["args"]["name"] for event in events if event["name"] == "process_name"}
        self.assertIn("coordinator", names)
        self.assertTrue(any(name.startswith("worker 1: srun ") or name.startswith("worker 2: srun ") for name in names))
        self.assertLessEqual({"compile", "load", "verify", "sample"},
                             {event["name"] for event in events if event["ph"] == "X" and event["pid"] > 0})

    def test_what_srun_refuses_is_said(self):
        text = self.finish(self.start("--slurm", "2", "--slurm-args", "--partition=nowhere"), code=4)
        self.assertIn("invalid partition specified: nowhere", text)


if __name__ == "__main__":
    unittest.main()
