#!/usr/bin/env python3
"""The loader in Python on a package as `fuseline export --format torch` wrote it: every entry runs as it was recorded."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "package"))
import built
import sample

RECORDINGS = ["layernorm_gelu_scale.f32.kernelbench", "layernorm_gelu_scale_backward.f16.kernelbench",
              "softmax_bias_scale_sigmoid_backward.f32.kernelbench", "softmax_bias_scale_sigmoid.bf16.kernelbench",
              "layernorm_gelu_scale_strided.f16.default", "rmsnorm_residual.bf16.wide",
              "sum_layernorm_avgpool_gelu.f32.kernelbench", "swiglu.f16.default", "groupnorm_silu.bf16.kernelbench"]


class Exported(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="fuseline-torch-")
        cls.addClassCleanup(folder.cleanup)
        cls.package = pathlib.Path(folder.name) / "fused_ops"
        built.export(cls.package, RECORDINGS, "torch", "--cc", "86")
        cls.wisdom = built.wisdom_of(cls.package)
        cls.modules = sample.modules(cls.package)
        cls.planner = cls.modules["_plans"].Planner(cls.modules["_package"].Package(str(cls.package)))

    def test_every_entry_is_chosen_for_its_device_with_its_image_and_its_launches(self):
        self.assertEqual(len(self.wisdom["entries"]), 3 * len(RECORDINGS))
        for entry in self.wisdom["entries"]:
            with self.subTest(entry["problem"], dtype=entry["dtype"], device=entry["device"]["name"]):
                data = entry["device"]
                capability = int(data["compute_capability"].replace(".", ""))
                device = self.modules["_resolve"].Device(data["name"], capability, data["limits"])
                plan = self.planner.choose(self.planner.problems[entry["problem"]], entry["dtype"], entry["dims"],
                                           entry["scalars"], device)
                self.assertTrue(plan.exact)
                self.assertEqual(plan.entry["device"]["name"], data["name"])
                self.assertEqual((plan.image.origin, plan.image.form), ("shipped", "cubin"))
                image = next(each for each in entry["images"] if each.endswith(f".sm_{capability}.cubin"))
                self.assertEqual(plan.image.data, (self.package / image).read_bytes())
                launches = [{"kernel": each.kernel, "grid": list(each.grid), "block": list(each.block),
                             "shared_bytes": each.shared_bytes} for each in plan.resolved.launches]
                self.assertEqual(launches, entry["launches"])
                scratch = [{"name": name, "bytes": count} for name, count, _ in plan.resolved.workspace]
                self.assertEqual(scratch, entry["workspace"])


if __name__ == "__main__":
    unittest.main()
