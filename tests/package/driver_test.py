#!/usr/bin/env python3
"""Loading and launching, against the driver that $FUSELINE_LIBCUDA names: the stand-in, whose kernels double."""

import ctypes
import os
import sys
import threading
import unittest

sys.dont_write_bytecode = True
import sample

COUNT = 1024


class Case(unittest.TestCase):
    def setUp(self):
        if not os.environ.get("FUSELINE_LIBCUDA"):
            self.skipTest("FUSELINE_LIBCUDA names no stand-in driver")
        folder = sample.temporary_folder()
        self.folder = folder.__enter__()
        self.addCleanup(folder.__exit__, None, None, None)

    def prepare(self, kernel, arguments=(), workspace=(), cooperative=False, image=None, dims=None, form="cubin"):
        made = sample.Sample()
        made.problem("doubled", *sample.doubled(kernel, arguments, workspace, cooperative))
        dims = dims or {"n": COUNT}
        resolved = made.entry("doubled", "f32", dims, "plain", {"block": 256}, sample.STAND_IN)
        content = image if image is not None else sample.cubin(kernel)
        made.image("doubled", "f32", "plain", resolved, "sm_90" if form == "cubin" else "compute_89", content, form)
        self.modules = sample.modules(made.write(self.folder / "pack"))
        planner = self.modules["_plans"].Planner(self.modules["_package"].Package(str(self.folder / "pack")))
        driver = self.modules["_driver"].Driver()
        device = driver.device(0)
        plan = planner.choose(planner.problems["doubled"], "f32", dims, {}, device)
        module = driver.load(0, plan.image.data, plan.image.form)
        return self.modules["_driver"].Prepared(driver, 0, device, plan.resolved, module, plan.image.symbols,
                                                ["x", "out"])


def floats(values):
    return (ctypes.c_float * len(values))(*values)


def run(prepared, x, out, *scratch):
    prepared.run([ctypes.addressof(x), ctypes.addressof(out), *map(ctypes.addressof, scratch)], 0)


class Launching(Case):
    def test_the_device_says_what_it_holds(self):
        self.prepare("k")
        device = self.modules["_driver"].Driver().device(0)
        self.assertEqual((device.name, device.architecture), ("Stand-in for a GPU", "sm_90"))
        self.assertEqual(device.limits, sample.STAND_IN["limits"])

    def test_a_kernel_runs_with_new_pointers_every_time(self):
        prepared = self.prepare("k")
        for start in (0, 5):
            x, out = floats([start + i for i in range(COUNT)]), floats([0] * COUNT)
            run(prepared, x, out)
            self.assertEqual(list(out), [2 * value for value in x])

    def test_ptx_is_assembled_by_the_driver(self):
        x, out = floats([1] * COUNT), floats([0] * COUNT)
        run(self.prepare("k", image=b".version 8.0\n.entry k(\n", form="ptx"), x, out)
        self.assertEqual(out[0], 2)

    def test_numbers_are_passed_in_their_width(self):
        arguments = [{"i32": "0 - 7"}, {"i64": "2^40"}, {"u32": "3000000000"}, {"u64": "4611686018427387904"},
                     {"f32": "1/2"}, {"f64": "1/4"}]
        x, out = floats([3] * COUNT), floats([0] * COUNT)
        run(self.prepare("typed", arguments), x, out)
        self.assertEqual(list(out), [6] * COUNT)

    def test_a_workspace_is_zeroed_before_every_launch(self):
        prepared = self.prepare("adds", [{"buffer": "scratch"}],
                                [{"name": "scratch", "dtype": "f32", "elements": "4", "zero": "untimed"}])
        self.assertEqual((prepared.buffers, prepared.workspace), (["x", "out", "scratch"], [(16, True)]))
        scratch = floats([9, 9, 9, 9])
        for _ in range(2):
            x, out = floats([3] * COUNT), floats([0] * COUNT)
            run(prepared, x, out, scratch)
            self.assertEqual(list(out), [6] * COUNT)

    def test_a_workspace_that_needs_no_zeros_is_left_alone(self):
        prepared = self.prepare("adds", [{"buffer": "scratch"}],
                                [{"name": "scratch", "dtype": "f32", "elements": "4", "zero": "never"}])
        x, out, scratch = floats([3] * COUNT), floats([0] * COUNT), floats([1, 0, 0, 0])
        run(prepared, x, out, scratch)
        self.assertEqual((out[6], out[7], scratch[0]), (6, 7, 2))

    def test_a_cooperative_grid_is_launched_as_one(self):
        library = ctypes.CDLL(os.environ["FUSELINE_LIBCUDA"])
        if not hasattr(library, "cuOccupancyMaxActiveBlocksPerMultiprocessor"):
            self.skipTest("the stand-in driver does not tell how many blocks are there at once")
        x, out = floats([3] * COUNT), floats([0] * COUNT)
        run(self.prepare("together", cooperative=True), x, out)
        self.assertEqual(list(out), [6] * COUNT)
        with self.assertRaisesRegex(Exception, "4096 blocks at once, of which the device holds"):
            self.prepare("together", cooperative=True, dims={"n": 1 << 20})

    def test_threads_have_arguments_of_their_own(self):
        prepared = self.prepare("k")
        wrong = []

        def work(start):
            x, out = floats([start] * COUNT), floats([0] * COUNT)
            for _ in range(200):
                run(prepared, x, out)
            if list(out) != [2 * start] * COUNT:
                wrong.append(start)
        threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.assertEqual(wrong, [])

    def test_a_thread_without_a_context_gets_one(self):
        prepared = self.prepare("k")
        entered = []
        driver = prepared._driver
        plain, enter = driver.launch_kernel, driver.enter
        driver.launch_kernel = lambda *arguments: plain(*arguments) if entered else 201
        driver.enter = lambda ordinal: (entered.append(ordinal), enter(ordinal))
        x, out = floats([3] * COUNT), floats([0] * COUNT)
        run(prepared, x, out)
        self.assertEqual((entered, out[0]), ([0], 6))


class Failing(Case):
    def test_a_kernel_that_the_image_lacks(self):
        with self.assertRaisesRegex(Exception, "cuModuleGetFunction: .*CUDA_ERROR_NOT_FOUND"):
            self.prepare("k", image=sample.cubin("other"))

    def test_ptx_that_does_not_assemble_shows_its_log(self):
        with self.assertRaisesRegex(Exception, "Unexpected 'nonsense'") as raised:
            self.prepare("k", image=b".version 8.0 nonsense", form="ptx")
        self.assertIsInstance(raised.exception, self.modules["_resolve"].Unfit, "another image may do")

    def test_a_kernel_with_too_many_registers_or_too_much_shared_memory(self):
        made = self.prepare("k")
        resolve, driver = self.modules["_resolve"], made._driver
        device = driver.device(0)
        module = driver.load(0, sample.cubin("too_many_registers", "too_much_shared"), "cubin")

        def prepared(kernel, threads, shared):
            launch = resolve.Launch(kernel, (1, 1, 1), (threads, 1, 1), shared, False, ())
            resolved = made._resolved._replace(launches=(launch,))
            return self.modules["_driver"].Prepared(driver, 0, device, resolved, module, {}, [])
        prepared("too_many_registers", 384, 0)
        with self.assertRaisesRegex(resolve.Unfit, "512 threads a block, and its registers allow 384"):
            prepared("too_many_registers", 512, 0)
        with self.assertRaisesRegex(resolve.Unfit, "shared memory a block"):
            prepared("too_much_shared", 64, 232448)

    def test_a_fault_has_its_name(self):
        prepared = self.prepare("k")
        with self.assertRaisesRegex(self.modules["_driver"].DriverError, "CUDA_ERROR_ILLEGAL_ADDRESS, 700"):
            prepared._driver.check(700, "cuLaunchKernel")


class NoDriver(unittest.TestCase):
    def test_a_machine_without_a_driver_says_so(self):
        module = sample.fixed_modules()["_driver"]
        with sample.environment(FUSELINE_LIBCUDA="/nowhere/libcuda.so.1"):
            with self.assertRaisesRegex(module.DriverError, "no NVIDIA driver: /nowhere/libcuda.so.1"):
                module.Driver()


if __name__ == "__main__":
    unittest.main()
