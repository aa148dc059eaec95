#!/usr/bin/env python3
"""What a package for C++ launches and refuses, against the stand-in for a driver that $FUSELINE_LIBCUDA names."""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "package"))
import built
import sample

RECORDINGS = ["layernorm_gelu_scale.f32.kernelbench", "layernorm_gelu_scale.bf16.kernelbench",
              "layernorm_gelu_scale_backward.f16.kernelbench", "softmax_bias_scale_sigmoid_backward.f32.kernelbench",
              "layernorm_gelu_scale_strided.f16.default", "rmsnorm_residual.bf16.wide", "rmsnorm_residual.bf16.default",
              "sum_layernorm_avgpool_gelu.f32.kernelbench", "swiglu.f16.default", "bias_gelu.f32.default",
              "groupnorm_silu.bf16.kernelbench", "softmax_bias_scale_sigmoid.f16.kernelbench"]
NAME = "layernorm_gelu_scale"
WITH_WORKSPACE = "softmax_bias_scale_sigmoid_backward"


PACKAGE = {}


def setUpModule():
    """Exports and builds once."""
    if not os.environ.get("FUSELINE_LIBCUDA"):
        raise unittest.SkipTest("FUSELINE_LIBCUDA names no stand-in driver")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fuseline-cpp-"))
    package = folder / "fused_ops"
    PACKAGE.update(folder=folder, package=package)
    built.export(package, RECORDINGS, "cpp")
    wisdom = built.wisdom_of(package)
    caller = folder / "caller.cpp"
    caller.write_text(built.caller_text("fused_ops", wisdom["problems"]))
    objects = built.compile_all([*sorted(package.glob("src/*.cpp")), caller], folder / "objects", f"-I{package}",
                                *built.SANITIZERS)
    PACKAGE.update(wisdom=wisdom, objects=objects,
                   program=built.link(objects, folder / "caller", *built.SANITIZERS))


def tearDownModule():
    shutil.rmtree(PACKAGE.get("folder", "/nowhere"), ignore_errors=True)


class Built(unittest.TestCase):
    def setUp(self):
        self.package, self.wisdom, self.folder = PACKAGE["package"], PACKAGE["wisdom"], PACKAGE["folder"]

    def calls(self):
        return built.Calls(self.wisdom["problems"])

    def tensors(self, problem):
        return built.tensors_of(self.wisdom["problems"][problem])

    def entry(self, problem, device="NVIDIA H200"):
        return next(each for each in self.wisdom["entries"]
                    if each["problem"] == problem and each["device"]["name"] == device)

    def run_calls(self, calls, device=None, arguments=(), program=None, **changes):
        """What each call returned, and what was launched."""
        record = self.folder / "record"
        record.unlink(missing_ok=True)
        device = device or self.entry(NAME)["device"]
        # The stand-in's own objects are not its callers' leaks.
        environment = {"FUSELINE_FAKE_DEVICE": built.device_text(device), "FUSELINE_FAKE_RECORD": record,
                       "FUSELINE_LIBNVRTC": "/nowhere/libnvrtc.so", "ASAN_OPTIONS": "detect_leaks=0", **changes}
        printed = built.run([program or PACKAGE["program"], *arguments], stdin="\n".join(calls.lines), **environment)
        return [built.Said(line) for line in printed.splitlines()], built.recorded(record)


class Launching(Built):
    def test_every_entry_launches_as_it_was_recorded(self):
        for name in ("NVIDIA H200", "NVIDIA GeForce RTX 4090"):
            entries = [each for each in self.wisdom["entries"] if each["device"]["name"] == name]
            self.assertEqual(len(entries), len(RECORDINGS))
            calls = self.calls()
            for entry in entries:
                calls.call(entry["problem"], entry["dims"], entry["dtype"], entry["scalars"])
            said, seen = self.run_calls(calls, entries[0]["device"])
            for entry, each in zip(entries, said):
                self.assertEqual((each.code, each.message, each.tuned, each.origin, each.variant),
                                 ("ok", "", True, "shipped", entry["variant"]), entry["problem"])
                self.assertIn(each.image, entry["images"])
            self.assert_launches([each for each in seen if isinstance(each, dict)], entries)
            zeroed = [each for each in seen if isinstance(each, list) and each[0] == "memset"]
            self.assertEqual(len(zeroed), sum(each["zero"] != "never" for entry in entries
                                              for each in self.variant(entry)["workspace"]))
            # Over 48 KiB of shared memory the driver wants to be asked.
            large = [launch for entry in entries for launch in entry["launches"] if launch["shared_bytes"] > 48 * 1024]
            asked = [each for each in seen if isinstance(each, list) and each[0] == "attribute"]
            self.assertEqual(sorted((each["kernel"], "8", str(each["shared_bytes"])) for each in large),
                             sorted(tuple(each[1:]) for each in asked))

    def variant(self, entry):
        return self.wisdom["problems"][entry["problem"]]["variants"][entry["variant"]]

    def assert_launches(self, seen, entries):
        wanted = []
        for entry in entries:
            places = {name: built.address(number)
                      for number, name in enumerate(self.tensors(entry["problem"]))}
            offset = built.WORKSPACE
            for each in entry["workspace"]:
                places[each["name"]] = offset
                offset += -(-each["bytes"] // 256) * 256
            for spec, launch in zip(self.variant(entry)["launches"], entry["launches"]):
                arguments = [places[each["buffer"]] for each in spec["args"] if "buffer" in each]
                wanted.append({"kernel": launch["kernel"], "grid": launch["grid"], "block": launch["block"],
                               "shared_bytes": launch["shared_bytes"], "cooperative": int(spec["cooperative"]),
                               "stream": built.STREAM, "arguments": arguments})
        self.assertEqual(seen, wanted)

    def test_two_threads_launch_each_what_they_call_and_load_it_once(self):
        calls = self.calls()
        for number in range(1, 4):
            for problem in (NAME, WITH_WORKSPACE):
                entry = self.entry(problem)
                pointers = [built.address(100 * number + place) for place, _ in enumerate(self.tensors(problem))]
                calls.call(problem, entry["dims"], entry["dtype"], pointers=pointers)
        once = self.run_calls(calls)
        twice = self.run_calls(calls, arguments=["both"])
        self.assertTrue(all(each.code == "ok" for each in twice[0]))
        launches = [sorted(map(str, (each for each in seen if isinstance(each, dict)))) for _, seen in (once, twice)]
        self.assertEqual(sorted(2 * launches[0]), launches[1])
        others = [[each for each in seen if isinstance(each, list) and each[0] == "attribute"]
                  for _, seen in (once, twice)]
        self.assertEqual(others[0], others[1])

    def test_another_device_of_the_capability_takes_the_image_with_launches_of_its_own(self):
        entry = self.entry(WITH_WORKSPACE)
        calls = self.calls()
        calls.call(WITH_WORKSPACE, entry["dims"], entry["dtype"])
        device = {**entry["device"], "name": "NVIDIA H100 80GB HBM3",
                  "limits": {**entry["device"]["limits"], "sm_count": 114}}
        said, seen = self.run_calls(calls, device)
        self.assertEqual((said[0].code, said[0].tuned, said[0].origin), ("ok", True, "shipped"))
        blocks = [each["grid"][0] for each in seen if isinstance(each, dict)]
        recorded = [each["grid"][0] for each in entry["launches"]]
        self.assertEqual(blocks[0] * 132, recorded[0] * 114)

    def test_another_shape_that_compiles_to_the_same_takes_the_image(self):
        entry = self.entry(NAME)
        dims = {**entry["dims"], "N": entry["dims"]["N"] * 2, "C": entry["dims"]["C"] // 2}
        calls = self.calls().call(NAME, dims, entry["dtype"])
        said, seen = self.run_calls(calls)
        self.assertEqual((said[0].code, said[0].tuned, said[0].origin), ("ok", False, "shipped"))
        self.assertEqual([each["grid"] for each in seen], [each["grid"] for each in entry["launches"]])

    def test_a_newer_chip_takes_ptx(self):
        entry = self.entry(NAME)
        calls = self.calls()
        calls.call(NAME, entry["dims"], entry["dtype"])
        device = {**entry["device"], "name": "a newer one", "compute_capability": "12.0"}
        said, _ = self.run_calls(calls, device)
        self.assertEqual((said[0].code, said[0].image.rpartition(".")[2]), ("ok", "ptx"))
        device["compute_capability"] = "8.6"
        said, _ = self.run_calls(calls, device)
        self.assertEqual(said[0].code, "no_kernel")


class Refusing(Built):
    """Every Code, and that nothing is launched."""

    def refused(self, prepare, code, *texts, device=None, **changes):
        calls = self.calls()
        prepare(calls)
        said, seen = self.run_calls(calls, device, **changes)
        self.assertEqual(said[-1].code, code, said[-1].message)
        for text in texts:
            self.assertIn(text, said[-1].message)
        self.assertEqual([each for each in seen if isinstance(each, dict)], [])

    def call(self, dims=None, dtype=None, problem=NAME, **changes):
        entry = self.entry(problem)
        return lambda calls: calls.call(problem, {**entry["dims"], **(dims or {})}, dtype or entry["dtype"], **changes)

    def test_what_is_wrong_with_the_machine(self):
        self.refused(self.call(), "no_driver", "no NVIDIA driver: /nowhere", FUSELINE_LIBCUDA="/nowhere/libcuda.so.1")
        self.refused(self.call(), "no_context", "no CUDA context is current", FUSELINE_FAKE_CUDA="no_context")
        self.refused(self.call(), "no_kernel", "failure of the stand-in driver", FUSELINE_FAKE_CUDA="no_images")

    def test_what_is_wrong_with_a_call(self):
        count = len(self.tensors(NAME))
        places = [built.address(number) for number in range(count)]
        self.refused(self.call(pointers=[places[0], 0, *places[2:]]), "null_pointer", "layernorm_gelu_scale: gamma is null")
        self.refused(self.call(pointers=[*places[:-1], places[-1] + 8]), "misaligned", "out does not start at a multiple of 16")
        self.refused(self.call({"W": 0}), "bad_size", "W is 0, and 1 to ")
        self.refused(self.call({"N": 1 << 40}), "too_large", "N is 1099511627776")
        self.refused(self.call({"N": 1 << 20, "C": 1 << 20}), "bad_size", "is not met")
        self.refused(self.call(problem=WITH_WORKSPACE, workspace=16), "no_workspace", "bytes is needed, and 16 are given")

    def test_shapes_and_types_that_nothing_serves(self):
        self.refused(self.call(dtype="f16"), "no_kernel", "no configuration for f16", "bf16 N=")
        shape = self.entry(NAME)["dims"]
        tuned = " ".join(f"{name}={value}" for name, value in shape.items())
        self.refused(self.call({"N": 33}), "no_kernel", "bf16 N=33", "W=64 on NVIDIA H200 (sm_90)", "tuned are ", tuned,
                     "NVRTC was not found: /nowhere/libnvrtc.so")
        self.refused(lambda calls: calls.call(NAME, shape, "f32", {"eps": 1e-5, "scale": 2.5}), "no_kernel",
                     "nothing was compiled for it")

    def test_a_stream_that_is_captured_is_launched_on_only_once_it_is_prepared(self):
        entry = self.entry(NAME)
        launch = lambda calls: calls.launch(NAME, entry["dims"], entry["dtype"])
        self.refused(launch, "not_prepared", "call layernorm_gelu_scale_prepare()", FUSELINE_FAKE_CUDA="capturing")
        calls = self.calls()
        calls.prepare(NAME, entry["dims"], entry["dtype"])
        launch(calls)
        said, seen = self.run_calls(calls, FUSELINE_FAKE_CUDA="capturing")
        self.assertEqual([each.code for each in said], ["ok", "ok"])
        self.assertEqual([each["kernel"] for each in seen], [each["kernel"] for each in entry["launches"]])

    def test_an_image_that_was_changed_is_not_loaded(self):
        entry = self.entry(NAME)
        image = next(each for each in entry["images"] if each.endswith(".cubin"))
        folder = self.folder / "changed"
        shutil.copytree(self.package, folder)
        path = folder / (image + ".inc")
        path.write_text(self.with_another_byte(path.read_text()))
        (made,) = built.compile_all([folder / "src" / "images.cpp"], self.folder / "changed_objects", *built.SANITIZERS)
        objects = [made if each.stem == "images" else each for each in PACKAGE["objects"]]
        program = built.link(objects, self.folder / "changed_caller", *built.SANITIZERS)
        self.refused(self.call(), "damaged", "the package is damaged", image, program=program)

    @staticmethod
    def with_another_byte(text):
        start = text.index("0x", text.index("0x") + 2) + 2
        digit = "1" if text[start + 15] != "1" else "2"
        return text[:start + 15] + digit + text[start + 16:]


class Recorder:
    """In place of the compiler in Python: what it was asked for."""

    def __init__(self):
        self.options = []

    def compile(self, name, source, headers, options, kernels, architecture):
        self.options = list(options)
        return b"", {}, False


class OtherShapes(Built):
    """Shapes that were not tuned, compiled by NVRTC; the loader in Python says what they come to."""

    SHAPES = [(NAME, "bf16", {"N": 33}), (NAME, "f32", {"N": 5, "C": 7, "D": 3, "H": 11, "W": 48}),
              (WITH_WORKSPACE, "f32", {"N": 100}), ("groupnorm_silu", "bf16", {"rows": 1000}),
              ("layernorm_gelu_scale_strided", "f16", {"rows": 1000, "W": 64, "row_stride": 72})]

    def setUp(self):
        super().setUp()
        loader = sample.fixed_modules()
        try:
            loader["_compiler"].Nvrtc()
        except loader["_compiler"].NoCompiler as reason:
            self.skipTest(str(reason))
        self.loader = loader

    def dims(self, problem, changes):
        return {**self.entry(problem)["dims"], **changes}

    def planned(self, problem, dtype, dims):
        """Its plan in Python."""
        data = self.entry(NAME)["device"]
        device = self.loader["_resolve"].Device(data["name"], 90, data["limits"])
        planner = self.loader["_plans"].Planner(self.loader["_package"].Package(str(self.package)), Recorder())
        described = planner.problems[problem]
        return planner.choose(described, dtype, dims, described.scalars, device)

    def test_are_launched_as_the_loader_in_python_would_and_kept_on_disk(self):
        calls = self.calls()
        for problem, dtype, changes in self.SHAPES:
            calls.call(problem, self.dims(problem, changes), dtype)
        cache = self.folder / "cache"
        environment = {"FUSELINE_LIBNVRTC": "", "FUSELINE_PACKAGE_CACHE": cache}
        said, seen = self.run_calls(calls, **environment)
        plans = [self.planned(problem, dtype, self.dims(problem, changes)) for problem, dtype, changes in self.SHAPES]
        for each, plan in zip(said, plans):
            self.assertEqual((each.code, each.tuned, each.origin, each.variant, each.image),
                             ("ok", False, "compiled", plan.resolved.variant, plan.resolved.source), each.message)
        wanted = [(each.kernel, list(each.grid), list(each.block), each.shared_bytes)
                  for plan in plans for each in plan.resolved.launches]
        launches = [each for each in seen if isinstance(each, dict)]
        self.assertEqual([(each["kernel"], each["grid"], each["block"], each["shared_bytes"]) for each in launches],
                         wanted)
        kept = sorted(cache.iterdir())
        self.assertEqual((len(kept), cache.stat().st_mode & 0o777), (len(self.SHAPES), 0o700))
        again, same = self.run_calls(calls, **environment)
        self.assertEqual(([each.origin for each in again], same), (["cached"] * len(self.SHAPES), seen))
        # One that was cut short is made anew.
        kept[0].write_bytes(kept[0].read_bytes()[:-1])
        origins = sorted(each.origin for each in self.run_calls(calls, **environment)[0])
        self.assertEqual(origins, ["cached"] * (len(self.SHAPES) - 1) + ["compiled"])

    def test_what_no_configuration_can_run_is_refused_for_the_reason_that_python_gives(self):
        dims = self.dims(WITH_WORKSPACE, {"N": 3, "C": 70, "H": 40, "W": 30})
        with self.assertRaises(self.loader["_plans"].NoPlan) as raised:
            self.planned(WITH_WORKSPACE, "f32", dims)
        said, _ = self.run_calls(self.calls().call(WITH_WORKSPACE, dims, "f32"))
        self.assertEqual(said[0].code, "no_kernel")
        self.assertEqual(said[0].message.rpartition("; ")[2], str(raised.exception).partition(": ")[2])

    def test_other_scalars_are_compiled_too(self):
        shape = self.entry(NAME)
        calls = self.calls().call(NAME, shape["dims"], "bf16", {"eps": 1e-6, "scale": 2.0})
        said, seen = self.run_calls(calls, FUSELINE_LIBNVRTC="", FUSELINE_PACKAGE_CACHE="none")
        self.assertEqual((said[0].code, said[0].origin), ("ok", "compiled"), said[0].message)
        self.assertEqual([each["grid"] for each in seen], [each["grid"] for each in shape["launches"]])


if __name__ == "__main__":
    unittest.main()
