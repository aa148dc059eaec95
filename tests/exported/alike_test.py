#!/usr/bin/env python3
"""A package for C++ beside one for PyTorch of the same runs: both choose, compile, load and launch the same.

Both run against the stand-ins for the driver and for NVRTC, which write down what they are asked for.
"""

import collections
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "package"))
import built
import sample

RECORDINGS = ["layernorm_gelu_scale_backward.f16.kernelbench", "softmax_bias_scale_sigmoid_backward.f32.kernelbench",
              "layernorm_gelu_scale_strided.f16.default", "groupnorm_silu.bf16.kernelbench"]
# Runs that are made up from a recorded one: its configurations with other times at other sizes.
NORM, FUSED = "rmsnorm_residual", "layernorm_gelu_scale"
TUNED = {(NORM, "bf16"): ("rmsnorm_residual.bf16.default",
                          [{"rows": 64, "W": 4096}, {"rows": 4096, "W": 4096}, {"rows": 4096, "W": 1024},
                           {"rows": 16384, "W": 2048}, {"rows": 1024, "W": 8192}]),
         (FUSED, "f16"): ("layernorm_gelu_scale.f16.kernelbench",
                          [{"N": 4, "C": 16}, {"N": 16, "C": 4}, {"N": 64, "C": 64}, {"N": 2, "C": 128, "D": 8}])}
# Another device on which NORM was measured: its name comes before the H200's, so that a choice by the order of the
# package would show.
OTHER = "NVIDIA H100 NVL"
# The variant that is best here. Each run measures others of its configurations, so that another variant, which is no
# shape's best, serves all.
PARTED = "row_group"
DISTIL = 2
MOST_RESULTS = 20  # Of each variant in a run that is made up.
CALLER = pathlib.Path(__file__).resolve().parent / "python_caller.py"
PACKAGES = {}


def made_up(folder, recording, changes, number, device=sample.H200["name"]):
    """A recording at other sizes, with other times that are the same whenever this is run."""
    data = json.loads((built.RECORDINGS / f"{recording}.t4.json").read_text())
    run = data["metadata"]["fuseline"]
    run["dims"] = [[name, changes.get(name, value)] for name, value in run["dims"]]
    run.update(shape=f"made_up_{number}", finals=[], final_rounds=[])
    data["metadata"]["device"] = run["device"]["name"] = device
    del run["target_fit"]
    shapes = len(TUNED[run["problem"], run["dtype"]][1])
    fits = in_space(run["problem"], run["dtype"], dict(run["dims"]))

    def measured(configuration):
        mine = zlib.crc32(str(configuration).encode()) % shapes == number
        return fits(configuration) and (configuration["variant"] != PARTED or mine)
    results, counts = [], collections.Counter()
    for each in data["results"]:
        variant = each["configuration"]["variant"]
        if each["invalidity"] == "correct" and counts[variant] < MOST_RESULTS and measured(each["configuration"]):
            counts[variant] += 1
            results.append(each)
    data["results"] = results
    for each in data["results"]:
        factor = 1 + zlib.crc32(f"{device} {number} {each['configuration']}".encode()) % 1000 / 1000
        each["times"]["runtimes"] = [factor * time for time in each["times"]["runtimes"][:10]]
        each["measurements"] = [{**one, "value": factor * one["value"]} for one in each["measurements"]
                                if one["name"] == "time"]
    path = folder / f"{recording}.{number}.{device.replace(' ', '_')}.t4.json"
    path.write_text(json.dumps(data))
    return path


def in_space(name, dtype, dims):
    """Whether a configuration with its variant is one of the problem's at these sizes on an H200."""
    loader = sample.fixed_modules()
    problem = loader["_problems"].Problem(name, sample.tree_problem(name)[0])
    device = loader["_resolve"].Device(sample.H200["name"], 90, sample.H200["limits"])

    def fits(configuration):
        values = {each: value for each, value in configuration.items() if each != "variant"}
        try:
            loader["_resolve"].resolve(problem, configuration["variant"], values, dtype, dims, problem.scalars, device)
        except loader["_resolve"].Unfit:
            return False
        return True
    return fits


def stand_in_toolkit(folder, library):
    """What CUDA_HOME names: a library in the place of NVRTC, and a header that is looked for beside it."""
    for name in ("lib64", "include"):
        (folder / name).mkdir(parents=True)
    (folder / "lib64" / "libnvrtc.so.13").symlink_to(library)
    (folder / "include" / "cuda_fp16.h").write_text("")
    return folder


def setUpModule():
    """Exports both and builds once."""
    if not os.environ.get("FUSELINE_LIBCUDA"):
        raise unittest.SkipTest("FUSELINE_LIBCUDA names no stand-in driver")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fuseline-alike-"))
    PACKAGES["folder"] = folder
    runs = [made_up(folder, recording, dims, number) for recording, shapes in TUNED.values()
            for number, dims in enumerate(shapes)]
    recording, shapes = TUNED[NORM, "bf16"]
    runs += [made_up(folder, recording, dims, number, OTHER) for number, dims in enumerate(shapes)]
    for kind in ("torch", "cpp"):
        built.export(folder / kind / "ops", [*RECORDINGS, *runs], kind, "--cc", "86", "--distil", DISTIL)
    wisdom = built.wisdom_of(folder / "cpp" / "ops")
    caller = folder / "caller.cpp"
    caller.write_text(built.caller_text("ops", wisdom["problems"]))
    objects = built.compile_all([*sorted((folder / "cpp" / "ops").glob("src/*.cpp")), caller], folder / "objects",
                                f"-I{folder / 'cpp' / 'ops'}")
    PACKAGES.update(wisdom=wisdom, program=built.link(objects, folder / "caller"),
                    toolkit=stand_in_toolkit(folder / "toolkit", os.environ["FUSELINE_FAKE_NVRTC"]))


def tearDownModule():
    shutil.rmtree(PACKAGES.get("folder", "/nowhere"), ignore_errors=True)


class Alike(unittest.TestCase):
    def setUp(self):
        self.folder, self.wisdom = PACKAGES["folder"], PACKAGES["wisdom"]
        self.devices = {each["device"]["name"]: each["device"] for each in self.wisdom["entries"]}
        self.h200 = self.devices["NVIDIA H200"]

    def calls(self):
        return built.Calls(self.wisdom["problems"])

    def run_both(self, calls, device, **changes):
        """What each call returned, what was made and what was launched; the same of both, or the test fails."""
        seen = []
        for kind, command in (("torch", [sys.executable, CALLER, self.folder / "torch" / "ops"]),
                              ("cpp", [PACKAGES["program"]])):
            cache, record = self.folder / "cache" / kind, self.folder / f"record.{kind}"
            shutil.rmtree(cache, ignore_errors=True)
            record.unlink(missing_ok=True)
            printed = built.run(command, stdin="\n".join(calls.lines), **{
                "FUSELINE_FAKE_DEVICE": built.device_text(device), "FUSELINE_FAKE_RECORD": record,
                "FUSELINE_LIBNVRTC": "", "FUSELINE_PACKAGE_CACHE": cache, "CUDA_HOME": PACKAGES["toolkit"], **changes})
            said = [built.Said(line) for line in printed.splitlines()]
            self.assertEqual(len(said), len(calls.lines))
            seen.append((said, built.made(record), built.recorded(record)))
        (said, *python), (of_cpp, *cpp) = seen
        for line, a, b in zip(calls.lines, said, of_cpp):
            self.assertEqual(self.shown(a), self.shown(b), line)
        self.assertEqual(python, cpp)
        return said, *python

    @staticmethod
    def shown(said):
        """Reasons and their codes are each package's own. One process finds its own image again in C++ in memory, in
        Python on disk."""
        if said.code != "ok":
            return "nothing runs"
        return (said.tuned, said.origin == "shipped", said.variant, said.configuration, said.image,
                said.workspace_bytes)

    def entries(self, device):
        return [each for each in self.wisdom["entries"] if each["device"]["name"] == device["name"]]

    def call_entries(self, entries):
        calls = self.calls()
        for each in entries:
            calls.call(each["problem"], each["dims"], each["dtype"], each["scalars"])
        return calls


class Tuned(Alike):
    def test_both_hold_the_same(self):
        texts = [(self.folder / kind / "ops" / "wisdom.json").read_bytes() for kind in ("torch", "cpp")]
        self.assertEqual(*texts)
        for image in self.wisdom["images"]:
            words = (self.folder / "cpp" / "ops" / (image["file"] + ".inc")).read_text().split("\n", 1)
            count = int(words[0].removeprefix("// Bytes: "))
            content = b"".join(int(each, 16).to_bytes(8, "little") for each in words[1].replace(",", " ").split())
            self.assertEqual(content[:count], (self.folder / "torch" / "ops" / image["file"]).read_bytes())

    def test_every_entry_loads_the_same_image_and_is_launched_alike(self):
        self.assertEqual(len(self.devices), 4)
        for device in self.devices.values():
            entries = self.entries(device)
            said, made, launched = self.run_both(self.call_entries(entries), device)
            for entry, each in zip(entries, said):
                self.assertEqual((each.code, each.tuned, each.origin), ("ok", True, "shipped"))
                self.assertIn(each.image, entry["images"])
            self.assertEqual({each[0] for each in made}, {"module"})
            self.assertEqual([each["grid"] for each in launched if isinstance(each, dict)],
                             [each["grid"] for entry in entries for each in entry["launches"]])

    def test_other_chips_take_the_same_images(self):
        entries = self.entries(self.h200)
        for name, capability, sm_count, form in (("NVIDIA H100 80GB HBM3", "9.0", 114, "cubin"),
                                                 ("a newer one", "12.0", 188, "ptx")):
            device = {**self.h200, "name": name, "compute_capability": capability,
                      "limits": {**self.h200["limits"], "sm_count": sm_count}}
            said, _, _ = self.run_both(self.call_entries(entries), device)
            self.assertTrue(all(each.image.endswith(form) for each in said if each.origin == "shipped"))
            self.assertIn("shipped", {each.origin for each in said})

    def test_images_that_the_driver_refuses_are_passed_over(self):
        entries = self.entries(self.h200)
        said, _, _ = self.run_both(self.call_entries(entries), self.h200, FUSELINE_FAKE_CUDA="no_cubins")
        taken = {(each.code, each.tuned, each.image.rpartition(".")[2]) for each in said}
        self.assertEqual(taken, {("ok", True, "ptx")})
        said, _, launched = self.run_both(self.call_entries(entries), self.h200, FUSELINE_FAKE_CUDA="no_images")
        self.assertEqual(({each.code for each in said}, launched), ({"no_kernel"}, []))

    def test_what_no_image_serves_is_compiled_with_the_same_defines(self):
        """On a chip that is older than every image: each entry is compiled, with what its image was made with."""
        device = {**self.devices["NVIDIA GeForce RTX 4090"], "name": "an older one", "compute_capability": "8.0"}
        entries = self.entries(self.devices["NVIDIA GeForce RTX 4090"])
        said, made, _ = self.run_both(self.call_entries(entries), device)
        compiled = {tuple(each[3:]) for each in made if each[0] == "compile"}
        images = {each["file"]: each for each in self.wisdom["images"]}
        served = 0
        for entry, each in zip(entries, said):
            if each.code != "ok" or not each.tuned:
                continue
            served += 1
            image = images[next(file for file in entry["images"] if file.endswith(".cubin"))]
            wanted = ["--gpu-architecture=sm_80", "-std=c++17", "-default-device", "--ptxas-options=-v",
                      *image["defines"], *image["options"], f"-I{PACKAGES['toolkit'] / 'include'}"]
            if not any("DERIVED" in define for define in image["defines"]):  # Which may follow from the device.
                self.assertIn(tuple(wanted), compiled)
        self.assertGreater(served, len(entries) // 2)


class Untuned(Alike):
    """A table of shapes that were not tuned: both packages choose the same configuration for each."""

    def shapes(self):
        for rows in (1, 64, 512, 2048, 8192, 100000):  # Some lie halfway between tuned ones.
            for width in (64, 1000, 1024, 2048, 4096, 5120, 16384):
                yield NORM, "bf16", {"rows": rows, "W": width}
        for batch, channels in ((2, 16), (8, 8), (100, 3), (16, 64)):
            for width in (64, 96, 128):
                for depth in (8, 16):
                    yield FUSED, "f16", {"N": batch, "C": channels, "D": depth, "H": 32, "W": width}

    def call_shapes(self, **scalars):
        calls = self.calls()
        for problem, dtype, dims in self.shapes():
            calls.call(problem, dims, dtype, {**self.wisdom["problems"][problem]["scalars"], **scalars})
        return calls

    def configurations(self, problem):
        """Of all tuned shapes and devices their own as texts, and by device those that were distilled."""
        def text(variant, configuration):
            return variant, " ".join(
                f"{each['name']}={value if isinstance(value, str) else json.dumps(value)}"
                for each in self.wisdom["problems"][problem]["variants"][variant]["parameters"]
                for value in [configuration[each["name"]]])
        tuned = [each for each in self.wisdom["entries"] if (each["problem"], each["dtype"]) in TUNED]
        own, distilled = set(), {}
        for each in tuned:
            if each["problem"] == problem:
                own.add(text(each["variant"], each["configuration"]))
                distilled.setdefault(each["device"]["name"], set()).add(
                    text(each["untuned"]["variant"], each["untuned"]["configuration"]))
        return own, distilled

    def test_every_shape_runs_the_same_configuration_on_every_device(self):
        older = {**self.devices["NVIDIA GeForce RTX 4090"], "name": "an older one", "compute_capability": "8.0"}
        for device in (*self.devices.values(), older):
            said, made, _ = self.run_both(self.call_shapes(), device)
            chosen = [(each.variant, each.configuration) for each in said if each.code == "ok" and not each.tuned]
            self.assertGreater(len(chosen), len(said) // 2, device["name"])
            self.assertTrue(any(each[0] == "compile" for each in made))

    def test_they_run_the_few_that_were_distilled_and_others_where_none_of_those_can(self):
        said, _, _ = self.run_both(self.call_shapes(), self.h200)
        for problem in (NORM, FUSED):
            own, by_device = self.configurations(problem)
            distilled, others = by_device[self.h200["name"]], own.union(*by_device.values())
            self.assertEqual(len(distilled), DISTIL)
            chosen = [(each.variant, each.configuration) for each, (name, _, _) in zip(said, self.shapes())
                      if name == problem and each.code == "ok" and not each.tuned]
            self.assertEqual(set(chosen) & distilled, distilled, problem)
            self.assertLessEqual(set(chosen), others)
            width = {NORM: 4096, FUSED: 64}[problem]  # Of most tuned shapes.
            alike = {(each.variant, each.configuration) for each, (name, _, dims) in zip(said, self.shapes())
                     if name == problem and dims["W"] == width and not each.tuned}
            self.assertLessEqual(alike, distilled)
            # The table has shapes that the distilled configurations cannot run.
            self.assertTrue(set(chosen) - distilled, problem)
        own, by_device = self.configurations(FUSED)
        self.assertEqual({variant for variant, _ in own}, {PARTED})
        self.assertLess({PARTED}, {variant for variant, _ in own | by_device[self.h200["name"]]},
                        "a variant that is no shape's best and has no image serves all")

    def test_other_scalars_are_not_tuned_either(self):
        said, _, _ = self.run_both(self.call_shapes(eps=3e-6), self.h200)
        self.assertFalse(any(each.tuned for each in said))

    def test_what_does_not_compile_is_passed_over_alike(self):
        for refused in sorted({text.split()[0] for _, text in self.configurations(NORM)[1][self.h200["name"]]}):
            define = "-DPARAM_" + refused
            said, made, _ = self.run_both(self.call_shapes(), self.h200, FUSELINE_FAKE_NVRTC_REFUSES=define)
            self.assertIn("ok", {each.code for each in said})
            self.assertTrue(any(define in each for each in made))
        said, _, _ = self.run_both(self.call_shapes(), self.h200, FUSELINE_FAKE_NVRTC_REFUSES="c++17")
        self.assertTrue(all(each.origin == "shipped" for each in said if each.code == "ok"))

    def test_without_a_compiler_only_images_that_are_there_serve(self):
        other = stand_in_toolkit(self.folder / "too_old", os.environ["FUSELINE_LIBCUDA"])
        said, _, _ = self.run_both(self.call_shapes(), self.h200, CUDA_HOME=other)
        self.assertIn("ok", {each.code for each in said})
        self.assertTrue(all(each.origin == "shipped" for each in said if each.code == "ok"))


if __name__ == "__main__":
    unittest.main()
