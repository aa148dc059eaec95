#!/usr/bin/env python3
"""Which configuration a package chooses, and that a damaged one is a clear error."""

import hashlib
import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
import sample

SMALL = {"n": 4096}
LARGE = {"n": 1 << 20}


class FakeCompiler:
    """Compiles at once, and remembers what."""

    def __init__(self, refuses=()):
        self.requests = []
        self._refuses = refuses

    def compile(self, name, source, headers, options, kernels, architecture):
        self.requests.append((name, tuple(options), tuple(kernels), architecture, len(headers)))
        if any(each in option for each in self._refuses for option in options):
            raise sample.fixed_modules()["_resolve"].Unfit("it does not compile")
        return sample.cubin(*kernels), {}, False


class Case(unittest.TestCase):
    """Packages in a folder of their own."""

    def setUp(self):
        folder = sample.temporary_folder()
        self.folder = folder.__enter__()
        self.addCleanup(folder.__exit__, None, None, None)

    def planner(self, made, compiler=None):
        folder = made.write(self.folder / "pack")
        self.modules = sample.modules(folder)
        return self.modules["_plans"].Planner(self.modules["_package"].Package(folder), compiler)

    def device(self, data):
        capability = int(data["compute_capability"].replace(".", ""))
        return self.modules["_resolve"].Device(data["name"], capability, data["limits"])

    def choose(self, planner, dims, on=sample.H200, dtype="f32", problem="doubled"):
        described = planner.problems[problem]
        return planner.choose(described, dtype, dims, described.scalars, self.device(on))


def doubled(*entries):
    made = sample.Sample()
    made.problem("doubled", *sample.doubled())
    for dims, block, device, image in entries:
        made.entry("doubled", "f32", dims, "plain", {"block": block}, device, image=image)
    return made


CUBIN = sample.cubin("k")


class Choosing(Case):
    def test_the_very_shape_and_device_come_first(self):
        planner = self.planner(doubled((SMALL, 64, sample.RTX_4090, CUBIN), (SMALL, 256, sample.H200, CUBIN)))
        plan = self.choose(planner, SMALL)
        self.assertEqual((plan.exact, plan.image.origin), (True, "shipped"))
        self.assertEqual(plan.entry["configuration"], {"block": 256})
        self.assertEqual(plan.resolved.launches[0].grid, (16, 1, 1))
        self.assertEqual(self.choose(planner, SMALL, sample.RTX_4090).entry["configuration"], {"block": 64})

    def test_another_device_of_the_same_capability_takes_its_image(self):
        planner = self.planner(doubled((SMALL, 64, sample.RTX_4090, CUBIN), (SMALL, 256, sample.H200, CUBIN)))
        other = {**sample.H200, "name": "NVIDIA H100 80GB HBM3", "limits": {**sample.H200["limits"], "sm_count": 114}}
        self.assertEqual(self.choose(planner, SMALL, other).entry["configuration"], {"block": 256})

    def test_an_image_that_is_shipped_is_preferred_to_compiling(self):
        compiler = FakeCompiler()
        planner = self.planner(doubled((SMALL, 256, sample.H200, None), (SMALL, 64, sample.H200, CUBIN)), compiler)
        self.assertEqual(self.choose(planner, SMALL).entry["configuration"], {"block": 64})
        self.assertEqual(compiler.requests, [])

    def test_ptx_serves_newer_chips(self):
        made = doubled()
        resolved = made.entry("doubled", "f32", SMALL, "plain", {"block": 128}, sample.RTX_4090)
        made.image("doubled", "f32", "plain", resolved, "compute_89", b".version 8.0\n.entry k(", "ptx")
        planner = self.planner(made)
        newer = {**sample.H200, "name": "a newer one", "compute_capability": "12.0"}
        self.assertEqual(self.choose(planner, SMALL, newer).image.form, "ptx")
        older = {**sample.H200, "name": "an older one", "compute_capability": "8.6"}
        with self.assertRaisesRegex(self.modules["_plans"].NoPlan, "there is no compiler"):
            self.choose(planner, SMALL, older)

    def test_another_shape_takes_the_nearest_ones_configuration(self):
        compiler = FakeCompiler()
        planner = self.planner(doubled((SMALL, 64, sample.H200, CUBIN), (LARGE, 256, sample.H200, CUBIN)), compiler)
        plan = self.choose(planner, {"n": 1000000})
        self.assertEqual((plan.exact, plan.image.origin), (False, "compiled"))
        self.assertEqual(plan.entry["configuration"], {"block": 256})
        self.assertEqual(plan.resolved.launches[0].grid, (3907, 1, 1))
        ((name, options, kernels, architecture, headers),) = compiler.requests
        self.assertEqual((name, kernels, architecture), ("plain.cu", ("k",), "sm_90"))
        # Those macros alone that the source or a header names.
        self.assertEqual([each for each in options if "DTYPE" not in each], ["-DDIM_n=1000000", "-DPARAM_block=256"])
        self.assertGreater(headers, 5)

    def test_another_shape_takes_the_distilled_configuration_of_the_nearest(self):
        compiler = FakeCompiler()
        made = doubled((SMALL, 64, sample.H200, CUBIN), (LARGE, 256, sample.H200, CUBIN))
        for entry in made.wisdom["entries"]:
            entry["untuned"] = {"variant": "plain", "configuration": {"block": 128}}
        planner = self.planner(made, compiler)
        for n in (1000000, 5000, 200):
            plan = self.choose(planner, {"n": n})
            self.assertEqual((plan.exact, plan.image.origin), (False, "compiled"))
            self.assertEqual(plan.entry["configuration"], {"block": 128})
            self.assertEqual(plan.resolved.launches[0].block, (128, 1, 1))
        self.assertEqual({[each for each in options if "PARAM" in each][0] for _, options, *_ in compiler.requests},
                         {"-DPARAM_block=128"})
        self.assertEqual(self.choose(planner, SMALL).entry["configuration"], {"block": 64})
        # Where none of the distilled can run, the shapes' own are left.
        self.assertEqual(self.choose(planner, {"n": 100}).entry["configuration"], {"block": 64})

    def test_of_distilled_configurations_the_device_at_hand_counts(self):
        made = doubled((SMALL, 64, sample.RTX_4090, CUBIN), (SMALL, 64, sample.H200, CUBIN),
                       (LARGE, 64, sample.H200, CUBIN))
        for entry, block in zip(made.wisdom["entries"], (128, 256, 128)):
            entry["untuned"] = {"variant": "plain", "configuration": {"block": block}}
        planner = self.planner(made, FakeCompiler())
        self.assertEqual(self.choose(planner, {"n": 5000}).entry["configuration"], {"block": 256})
        self.assertEqual(self.choose(planner, {"n": 5000}, sample.RTX_4090).entry["configuration"], {"block": 128})
        self.assertEqual(self.choose(planner, {"n": 1000000}).entry["configuration"], {"block": 128})

    def test_of_a_tuned_shape_another_shape_takes_what_the_device_at_hand_has(self):
        planner = self.planner(doubled((SMALL, 64, sample.RTX_4090, CUBIN), (SMALL, 256, sample.H200, CUBIN)),
                               FakeCompiler())
        self.assertEqual(self.choose(planner, {"n": 5000}).entry["configuration"], {"block": 256})
        self.assertEqual(self.choose(planner, {"n": 5000}, sample.RTX_4090).entry["configuration"], {"block": 64})

    def test_shapes_that_are_equally_far_are_so_whatever_the_order_of_the_sum(self):
        distance = sample.fixed_modules()["_problems"].distance
        here = {"a": 60, "b": 60, "c": 60}
        for others in ((2, 3, 14), (11, 13, 17)):
            found = {distance(here, dict(zip("abc", (60 * others[i], 60 * others[j], 60 * others[k]))))
                     for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))}
            self.assertEqual(len(found), 1)
        self.assertEqual(distance({"a": 10}, {"a": 1000}), distance({"a": 100000}, {"a": 1000}))
        self.assertLess(distance(here, {**here, "a": 61}), distance(here, {**here, "a": 62}))

    def test_what_does_not_fit_or_compile_is_passed_over(self):
        compiler = FakeCompiler(refuses=["block=128"])
        planner = self.planner(doubled((SMALL, 256, sample.H200, CUBIN), ({"n": 8192}, 128, sample.H200, CUBIN),
                                       (LARGE, 64, sample.H200, CUBIN)), compiler)
        self.assertEqual(self.choose(planner, {"n": 100}).entry["configuration"], {"block": 64})
        with self.assertRaisesRegex(self.modules["_plans"].NoPlan, "more threads than elements") as raised:
            self.choose(planner, {"n": 10})
        self.assertEqual(raised.exception.kind, "shape")

    def test_no_entry_or_no_compiler_is_a_reason(self):
        planner = self.planner(doubled((SMALL, 256, sample.H200, CUBIN)))
        with self.assertRaisesRegex(self.modules["_plans"].NoPlan, "no configuration for f16") as raised:
            self.choose(planner, SMALL, dtype="f16")
        self.assertEqual(raised.exception.kind, "untuned f16")
        with self.assertRaisesRegex(self.modules["_plans"].NoPlan, "nothing was compiled for it, and there is no comp"):
            self.choose(planner, LARGE)

    def test_other_scalars_are_another_shape(self):
        made = sample.Sample()
        made.tree_problem("rmsnorm_residual")
        configuration = {"team": 128, "vector_bytes": 16, "teams": 1, "min_blocks": 1, "load": "normal",
                         "store": "normal"}
        dims = {"rows": 16384, "W": 4096}
        made.entry("rmsnorm_residual", "bf16", dims, "row_block", configuration, sample.H200,
                   image=sample.cubin("rmsnorm_residual_row_block"))
        compiler = FakeCompiler()
        planner = self.planner(made, compiler)
        described = planner.problems["rmsnorm_residual"]
        device = self.device(sample.H200)
        self.assertTrue(planner.choose(described, "bf16", dims, {"eps": 1e-5}, device).exact)
        plan = planner.choose(described, "bf16", dims, {"eps": 1e-6}, device)
        self.assertEqual((plan.exact, plan.image.origin), (False, "compiled"))
        self.assertIn("-DSCALAR_eps=1e-06", compiler.requests[0][1])


class Damage(Case):
    def assert_damaged(self, change, reason, made=None):
        """`change` spoils the package's folder; choosing must then name the file."""
        made = made or doubled((SMALL, 256, sample.H200, CUBIN))
        folder = made.write(self.folder / "pack")
        change(pathlib.Path(folder))
        self.modules = sample.modules(folder)
        PackageError = self.modules["_package"].PackageError
        with self.assertRaisesRegex(PackageError, reason) as raised:
            planner = self.modules["_plans"].Planner(self.modules["_package"].Package(folder))
            self.choose(planner, SMALL)
        self.assertTrue(str(raised.exception).startswith("the package pack is damaged: "))
        self.assertNotIn(str(self.folder), str(raised.exception))

    @staticmethod
    def image(folder):
        return next((folder / "images").iterdir())

    def test_an_image_cut_short(self):
        self.assert_damaged(lambda folder: self.image(folder).write_bytes(CUBIN[:40]), r"images/.*cubin: its 40 by")

    def test_an_image_missing(self):
        self.assert_damaged(lambda folder: self.image(folder).unlink(), r"images/.*\.cubin: No such file")

    def test_a_source_changed(self):
        def change(folder):
            path = folder / "sources" / "doubled" / "plain.cu"
            path.write_text(path.read_text().replace("2.0f", "3.0f"))
        self.assert_damaged(change, r"sources/doubled/plain\.cu: its \d+ bytes are not those")

    def test_wisdom_edited(self):
        def change(folder):
            path = folder / "wisdom.json"
            path.write_text(path.read_text().replace('"block": 256', '"block": 128'))
        self.assert_damaged(change, r"wisdom.json: its .* \(changed or cut short\)")

    def test_wisdom_missing(self):
        self.assert_damaged(lambda folder: (folder / "wisdom.json").unlink(), "wisdom.json: No such file")

    def test_sums_missing_or_wrong(self):
        self.assert_damaged(lambda folder: (folder / "SHA256SUMS").unlink(), "SHA256SUMS: No such file")

    def test_sums_that_lead_out_of_the_package(self):
        def change(folder):
            with open(folder / "SHA256SUMS", "a") as stream:
                stream.write("0" * 64 + "  ../elsewhere\n")
        self.assert_damaged(change, r"SHA256SUMS: line \d+ is no checksum")

    def test_a_file_that_is_not_listed(self):
        def change(folder):
            path = folder / "SHA256SUMS"
            path.write_text("".join(line for line in path.read_text().splitlines(True) if "images/" not in line))
        self.assert_damaged(change, "SHA256SUMS does not list it")

    def test_wisdom_of_another_schema_or_without_a_member(self):
        for change, reason in ((lambda wisdom: wisdom.update(schema="fuseline/wisdom/9"), "its schema is 'fuseline"),
                               (lambda wisdom: wisdom.pop("images"), "a member is missing or wrong"),
                               (lambda wisdom: wisdom["problems"]["doubled"].pop("dims"), "a member is missing"),
                               (lambda wisdom: wisdom["entries"][0].pop("device"), "a member is missing or wrong"),
                               (lambda wisdom: wisdom["entries"][0].update(variant="gone"), "a member is missing")):
            made = doubled((SMALL, 256, sample.H200, CUBIN))
            change(made.wisdom)
            with self.subTest(reason), sample.temporary_folder() as self.folder:
                self.assert_damaged(lambda folder: None, reason, made)

    def test_launches_that_do_not_come_out_as_recorded(self):
        made = doubled((SMALL, 256, sample.H200, CUBIN))
        made.wisdom["entries"][0]["launches"][0]["grid"] = [17, 1, 1]
        self.assert_damaged(lambda folder: None, "the launches of doubled f32 come out as", made)

    def test_json_cut_short_with_a_checksum_that_fits(self):
        def change(folder):
            content = (folder / "wisdom.json").read_bytes()[:200]
            (folder / "wisdom.json").write_bytes(content)
            lines = [line for line in (folder / "SHA256SUMS").read_text().splitlines(True) if "wisdom" not in line]
            lines.append(f"{hashlib.sha256(content).hexdigest()}  wisdom.json\n")
            (folder / "SHA256SUMS").write_text("".join(lines))
        self.assert_damaged(change, "wisdom.json: it is no JSON")


class Wisdom(Case):
    def test_a_package_holds_no_path_of_the_machine(self):
        made = doubled((SMALL, 256, sample.H200, CUBIN))
        folder = pathlib.Path(made.write(self.folder / "pack"))
        self.assertNotIn(str(sample.ROOT), json.dumps(made.wisdom))
        for path in folder.glob("*.py"):
            self.assertNotIn(str(sample.ROOT), path.read_text())


if __name__ == "__main__":
    unittest.main()
