#!/usr/bin/env python3
"""Dimensions that shapes tell, and configurations resolved as by hand."""

import sys
import unittest

sys.dont_write_bytecode = True
import sample


def device(data):
    module = sample.fixed_modules()["_resolve"]
    return module.Device(data["name"], int(data["compute_capability"].replace(".", "")), data["limits"])


def problem(name):
    return sample.fixed_modules()["_problems"].Problem(name, sample.tree_problem(name)[0])


def infer(described, shapes, given=(), strides=None):
    return described.infer(shapes, strides or [None] * len(shapes), given)


class Dimensions(unittest.TestCase):
    def setUp(self):
        self.problems = sample.fixed_modules()["_problems"]

    def test_names_in_shapes_are_dims(self):
        dims = infer(problem("layernorm_gelu_scale"), [(2, 3, 4, 5, 6), (6,), (6,)])
        self.assertEqual(list(dims.items()), [("N", 2), ("C", 3), ("D", 4), ("H", 5), ("W", 6)])

    def test_a_factor_is_divided_out(self):
        self.assertEqual(infer(problem("swiglu"), [(7, 100)]), {"rows": 7, "W": 50})

    def test_of_a_product_of_two_unknown_dims_one_is_given(self):
        described = problem("groupnorm_silu")
        self.assertEqual(described.given, ["G"])
        self.assertEqual(infer(described, [(9, 60), (60,), (60,), (60,)], (5,)), {"rows": 9, "G": 5, "D": 12})
        with self.assertRaises(self.problems.ShapeError):
            infer(described, [(9, 60), (60,), (60,), (60,)], (0,))

    def test_strides_tell_dims_where_the_layout_has_them(self):
        described = problem("layernorm_gelu_scale_strided")
        self.assertEqual(described.given, [])
        shapes = [(105, 33), (33,), (33,)]
        self.assertEqual(infer(described, shapes, strides=[(37, 1), None, None]),
                         {"rows": 105, "W": 33, "row_stride": 37})
        # For an output's shape they are not needed.
        dims = infer(described, shapes)
        self.assertEqual(described.shape_of(described.outputs[0], dims), (105, 33))

    def test_shapes_that_do_not_fit_together_are_refused(self):
        described = problem("layernorm_gelu_scale")
        with self.assertRaisesRegex(self.problems.ShapeError, r"x has the shape \(4, 6\), and \[N, C, D, H, W\]"):
            infer(described, [(4, 6), (6,), (6,)])
        shapes = [(2, 3, 4, 5, 6), (7,), (6,)]
        with self.assertRaisesRegex(self.problems.ShapeError, r"gamma has the shape \(7,\), and \(6,\) is wanted"):
            described.check_shapes(shapes, infer(described, shapes))
        described = problem("swiglu")
        with self.assertRaises(self.problems.ShapeError):
            described.check_shapes([(7, 101)], infer(described, [(7, 101)]))

    def test_half_a_dim_of_an_output_is_rounded_down(self):
        described = problem("sum_layernorm_avgpool_gelu")
        dims = infer(described, [(2, 3, 7, 10, 36), (36,), (36,)])
        self.assertEqual(described.shape_of(described.outputs[0], dims), (2, 3, 3, 5, 18))

    def test_sizes_are_whole_numbers_or_nothing(self):
        size = self.problems.size
        self.assertEqual(size("2 * (a + 1) - b / 2", {"a": 4, "b": 7}), 7)
        self.assertEqual(size("cdiv(a, 2) + idiv(a, 2) + mod(a, 2)", {"a": 5}), 6)
        for text in ("a.b", "a ** 2", "a if a else b", "[a]", "abs(a)", "1.5 * a"):
            with self.subTest(text=text), self.assertRaises(KeyError):
                size(text, {"a": 4, "b": 7})

    def test_every_problem_of_the_tree_is_understood(self):
        for path in sorted(sample.KERNELS.glob("*/problem.json")):
            described = problem(path.parent.name)
            self.assertLessEqual(len(described.given), 1, path)
            backward = path.parent.name + "_backward"
            if (sample.KERNELS / backward).exists():
                self.assertTrue(problem(backward).is_backward_of(described))
        self.assertFalse(problem("swiglu").is_backward_of(problem("bias_gelu")))


LAYERNORM = {"lanes": 8, "vector_bytes": 16, "in_flight": 2, "block": 256, "load": "normal", "store": "streaming",
             "gelu": "logistic6", "statistics": "two_pass", "reduce": "butterfly", "blocks_per_sm": 0, "min_blocks": 1}
BACKWARD = {"lanes": 8, "vector_bytes": 16, "in_flight": 1, "block": 256, "blocks_per_sm": 3, "ahead": 1,
            "load": "normal", "store": "normal", "gelu": "logistic2", "reduce": "butterfly"}
SOFTMAX = {"vector_bytes": 16, "granule": 16, "groups": 8, "keep": "half", "lanes": 64, "min_blocks": 1,
           "load": "normal", "store": "normal", "sigmoid": "fast"}
KERNELBENCH = {"N": 32, "C": 64, "D": 32, "H": 64, "W": 64}
PLANES = {"N": 128, "C": 128, "H": 129, "W": 129}


def resolve(name, variant, configuration, dtype, dims, on=sample.H200, **scalars):
    described = problem(name)
    return sample.fixed_modules()["_resolve"].resolve(described, variant, configuration, dtype, dims,
                                                      {**described.scalars, **scalars}, device(on))


class Resolving(unittest.TestCase):
    def setUp(self):
        self.Unfit = sample.fixed_modules()["_resolve"].Unfit

    def test_a_grid_of_tiles(self):
        resolved = resolve("layernorm_gelu_scale", "row_group", LAYERNORM, "f32", KERNELBENCH)
        (launch,) = resolved.launches
        # 32 * 64 * 32 * 64 rows in tiles of 256 / 8 * 2.
        self.assertEqual((launch.grid, launch.block, launch.shared_bytes), ((65536, 1, 1), (256, 1, 1), 0))
        self.assertEqual(launch.arguments, tuple(("buffer", name) for name in ("x", "gamma", "beta", "out")))
        self.assertEqual(resolved.defines, (
            "-DFUSELINE_DTYPE_F32=1", "-DDIM_N=32", "-DDIM_C=64", "-DDIM_D=32", "-DDIM_H=64", "-DDIM_W=64",
            "-DDIM_rows=4194304", "-DSCALAR_eps=1e-05", "-DSCALAR_scale=1.5", "-DPARAM_lanes=8",
            "-DPARAM_vector_bytes=16", "-DPARAM_in_flight=2", "-DPARAM_block=256", "-DPARAM_load=normal",
            "-DPARAM_store=streaming", "-DPARAM_gelu=logistic6", "-DPARAM_statistics=two_pass",
            "-DPARAM_reduce=butterfly", "-DPARAM_blocks_per_sm=0", "-DPARAM_min_blocks=1", "-DDERIVED_vector=4",
            "-DDERIVED_per_lane=8", "-DDERIVED_tile_rows=64", "-DDERIVED_tiles=65536"))

    def test_a_persistent_grid_with_a_workspace_depends_on_the_device(self):
        resolved = resolve("layernorm_gelu_scale_backward", "row_group", BACKWARD, "bf16", KERNELBENCH)
        first, second = resolved.launches
        self.assertEqual((first.grid, first.block, first.shared_bytes), ((396, 1, 1), (256, 1, 1), 4096))
        self.assertEqual((second.grid, second.block, second.shared_bytes), ((32, 1, 1), (512, 1, 1), 0))
        self.assertEqual(resolved.workspace, (("parts", 396 * 2 * 64 * 4, "never"), ("count", 4, "never")))
        there = resolve("layernorm_gelu_scale_backward", "row_group", BACKWARD, "bf16", KERNELBENCH, sample.RTX_4090)
        self.assertEqual(there.launches[0].grid, (384, 1, 1))

    def test_tiles_of_planes_off_any_boundary(self):
        resolved = resolve("softmax_bias_scale_sigmoid", "channel_split", SOFTMAX, "f16", PLANES)
        (launch,) = resolved.launches
        # 16,641 pixels and 7 more in tiles of 64 * 8 - 2 * 8, for 128 images; 9 rows of 68 * 8 floats, twice.
        self.assertEqual((launch.grid, launch.block, launch.shared_bytes), ((4352, 1, 1), (512, 1, 1), 39168))
        self.assertIn("-DDERIVED_held=64", resolved.defines)

    def test_the_dtype_is_compared_with_its_names(self):
        data, _ = sample.doubled()
        data.update(dtypes=["f32", "f16", "bf16"], derived=[{"name": "pieces", "value": "dtype == dtype.f16 ? 2 : 1"}])
        plain = data["variants"]["plain"]
        plain["derived"] = [{"name": "wide", "value": "dtype == dtype.f32 ? 4 : 8"}]
        plain["constraints"] = [{"require": "dtype != dtype.bf16 || block > 64", "reason": "narrow"}]
        modules = sample.fixed_modules()
        described = modules["_problems"].Problem("doubled", data)
        for dtype, pieces, wide in (("f32", 1, 4), ("f16", 2, 8), ("bf16", 1, 8)):
            made = modules["_resolve"].resolve(described, "plain", {"block": 128}, dtype, {"n": 256}, {},
                                               device(sample.H200))
            self.assertIn(f"-DDIM_pieces={pieces}", made.defines)
            self.assertIn(f"-DDERIVED_wide={wide}", made.defines)
        with self.assertRaisesRegex(self.Unfit, "narrow"):
            modules["_resolve"].resolve(described, "plain", {"block": 64}, "bf16", {"n": 256}, {}, device(sample.H200))

    def test_what_cannot_serve_says_why(self):
        for change, reason in ((dict(BACKWARD, blocks_per_sm=4), "registers would not do"),
                               (dict(BACKWARD, lanes=3), "lanes has no value 3"),
                               ({**BACKWARD, "extra": 1}, "other parameters"),
                               ({key: value for key, value in BACKWARD.items() if key != "ahead"}, "ahead is missing")):
            with self.subTest(reason), self.assertRaisesRegex(self.Unfit, reason):
                resolve("layernorm_gelu_scale_backward", "row_group", change, "bf16", KERNELBENCH)
        with self.assertRaisesRegex(self.Unfit, "W is 2048, and 1 to 1024"):
            resolve("layernorm_gelu_scale_backward", "row_group", BACKWARD, "bf16", {**KERNELBENCH, "W": 2048})
        with self.assertRaisesRegex(self.Unfit, "is not met by"):
            resolve("swiglu", "columns", {}, "f16", {"rows": 2**31 - 1, "W": 1 << 20})

    def test_a_ring_needs_the_capability_and_the_shared_memory(self):
        ring = {"lanes": 8, "in_flight": 2, "block": 256, "stages": 4, "blocks_per_sm": 2, "copy": "bulk",
                "store": "normal", "gelu": "logistic6", "statistics": "two_pass"}
        resolved = resolve("layernorm_gelu_scale", "row_ring", ring, "f32", KERNELBENCH)
        self.assertEqual(resolved.launches[0].shared_bytes, 4 * 64 * 64 * 4)
        with self.assertRaisesRegex(self.Unfit, "shared memory"):
            resolve("layernorm_gelu_scale", "row_ring", ring, "f32", KERNELBENCH, sample.RTX_4090)
        old = {**sample.RTX_4090, "compute_capability": "7.5"}
        with self.assertRaisesRegex(self.Unfit, "it needs compute capability 8.0, and 7.5 is there"):
            resolve("layernorm_gelu_scale", "row_ring", ring, "f32", KERNELBENCH, old)

    def test_arguments_keep_their_width_and_range(self):
        module = sample.fixed_modules()["_resolve"]
        argument = module._argument
        self.assertEqual(argument({"u64": "4611686018427387905"}, {}), ("u64", 4611686018427387905))
        self.assertEqual(argument({"i32": "n * 2"}, {"n": 5}), ("i32", 10))
        self.assertEqual(argument({"f64": "1 / 4"}, {}), ("f64", 0.25))
        for spec in ({"i32": "2147483648"}, {"u32": "0 - 1"}, {"f32": "1e39"}):
            with self.subTest(spec=spec), self.assertRaises(self.Unfit):
                argument(spec, {})

    def test_names_are_filled_in(self):
        module = sample.fixed_modules()["_resolve"]
        self.assertEqual(module.fill("rows<{T}, {block}>", {"T": "__half", "block": "128"}), "rows<__half, 128>")
        with self.assertRaises(self.Unfit):
            module.fill("rows_{nothing}", {})


if __name__ == "__main__":
    unittest.main()
