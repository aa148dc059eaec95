"""Other constants and numbers of warps round those given: which there are, how the grid follows them, and whether the
results stay the same."""

import concurrent.futures
import itertools
import math
import os
import re

import torch
import triton
from triton.backends.compiler import GPUTarget

from fuseline_triton.capture import grid_of

NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")


class Axis:
    """The size of a grid's axis: a number, or cdiv(total, constant)."""

    def __init__(self, size, constant="", total=0):
        self.size, self.constant, self.total = size, constant, total

    def at(self, constants):
        return -(-self.total // constants[self.constant]) if self.constant else self.size

    def text(self):
        return f"cdiv({self.total}, {self.constant})" if self.constant else str(self.size)


def axes_that_may_be(kernel, name):
    """For each axis of the grid what it may be, the likelier first, if the constant `name` plays a part."""
    numbers = [value for value in kernel.launch.arguments.values() if type(value) is int and value > 1]
    numbers += [size for tensor in kernel.tensors.values() for size in tensor.shape if size > 1]
    numbers = sorted(set(numbers))[:12]
    totals = set()
    for count in range(1, 6):
        for chosen in itertools.combinations_with_replacement(numbers, count):
            product = math.prod(chosen)
            if product < 1 << 40:
                totals.add(product)
    value = kernel.given[name]
    choices = []
    for size in kernel.grid:
        fitting = [total for total in totals if -(-total // value) == size] if size > 1 else []
        # The smallest leaves out what a larger one would cover, which the results then show.
        choices.append([Axis(size, name, min(fitting)), Axis(size)] if fitting else [Axis(size)])
    return choices


def axes_of(kernel, name):
    """How the grid follows the constant `name`, found by trying; None where no way gives the right results."""
    value = kernel.given[name]
    if callable(kernel.launch.grid):
        other = {**kernel.launch.arguments, name: 2 * value}
        sizes = grid_of(kernel.launch.grid, other)
        choices = [[axis for axis in axes if axis.at({name: 2 * value}) == size]
                   for axes, size in zip(axes_that_may_be(kernel, name), sizes)]
    else:
        choices = axes_that_may_be(kernel, name)
    for changed in (2 * value, value // 2):
        if changed < 1:
            continue
        for axes in itertools.product(*choices):
            constants = {**kernel.given, name: changed}
            if kernel.tried(constants, {}, tuple(axis.at(constants) for axis in axes)) is not None:
                return list(axes)
    return None


def powers_round(value, most):
    """Powers of two within a factor of `most` of a value, which is one."""
    low = max(1, value // most)
    return [low << shift for shift in range((value * most // low).bit_length())]


def free_constants(kernel, keep):
    """The grid's axes, and for each constant that may be changed the values that alone give the right results."""
    axes = [Axis(size) for size in kernel.grid]
    free = {}
    for name, value in kernel.given.items():
        if name in keep or type(value) is not int or value < 2 or value & (value - 1) or not NAME.match(name):
            continue
        found = axes_of(kernel, name)
        if found is None or any(new.constant and old.constant for new, old in zip(found, axes)):
            continue  # Where two constants share an axis only the first is varied.
        axes = [new if new.constant else old for new, old in zip(found, axes)]
        right = [value]
        for each in powers_round(value, 4):
            constants = {**kernel.given, name: each}
            if each != value and kernel.tried(constants, {}, tuple(axis.at(constants) for axis in axes)) is not None:
                right.append(each)
        free[name] = sorted(right)
    return axes, {name: values for name, values in free.items() if len(values) > 1}


def has_loop(kernel):
    text = kernel.launch.compiled.asm.get("ttir", "")
    return "scf.for" in text or "scf.while" in text


def candidates(kernel, free, most):
    """Values of each parameter to try: the nearest to those given, fewer of each while the product is over `most`."""
    for factor in (8, 4, 2, 1):
        warps = [each for each in powers_round(kernel.options["num_warps"], factor) if each <= 32]
        values = {"num_warps": warps}
        if has_loop(kernel):
            values["num_stages"] = sorted({1, 2, 3, 4, kernel.options["num_stages"]})
        for name, right in free.items():
            given = kernel.given[name]
            values[name] = [each for each in right if given <= each * factor and each <= given * factor]
        if math.prod(map(len, values.values())) <= most:
            break
    return {name: each for name, each in values.items() if len(each) > 1 or name == "num_warps"}


MOST_VALUES = 8  # Of a thread, as a multiple of those that it has as given.


def values_per_warp(kernel, named):
    """In proportion. Compiling far more of them than were given takes minutes, and what does not fit the registers is
    slow."""
    return math.prod(value for name, value in named.items() if name in kernel.given) / named["num_warps"]


def sensible(kernel, named):
    given = {name: kernel.given.get(name, kernel.options.get(name)) for name in named}
    return values_per_warp(kernel, named) <= MOST_VALUES * values_per_warp(kernel, given)


def sensible_expression(kernel, values):
    """The same for a manifest."""
    given = {name: kernel.given.get(name, kernel.options.get(name)) for name in values}
    product = " * ".join([name for name in values if name in kernel.given] or ["1"])
    return f"{product} <= {MOST_VALUES * values_per_warp(kernel, given):g} * num_warps"


class Configuration:
    """One set of values that gives the right results, and its images by dtype and capability."""

    def __init__(self, values):
        self.values = values
        self.images = {}  # (dtype, capability) to cubin.
        self.shared = {}  # dtype to bytes.

    def file(self, dtype, capability):
        return "_".join([*(str(value) for value in self.values.values()), f"{dtype}.sm_{capability}.cubin"])


def capability_here():
    major, minor = torch.cuda.get_device_capability()
    return 10 * major + minor


class Asked:
    """What a configuration asks of Triton."""

    def __init__(self, kernel, named, axes):
        self.named = named
        self.options = {name: value for name, value in named.items() if name not in kernel.given}
        self.constants = {**kernel.given, **{name: named[name] for name in named if name in kernel.given}}
        self.grid = tuple(axis.at(self.constants) for axis in axes)


def compile_ahead(kernel, asked, say):
    """Several at a time: Triton keeps what it compiled. One that does not compile is found out when it is run."""
    say(f"{kernel.launch.name}: compiling {len(asked)} configurations")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool, triton.AsyncCompileMode(pool):
        for each in asked:
            kernel.compile(each.constants, each.options, each.grid)


def vary(kernel, dtype, capabilities, axes, values, say):
    """The configurations that are right in this dtype, by their values."""
    asked = [Asked(kernel, named, axes) for chosen in itertools.product(*values.values())
             if sensible(kernel, named := dict(zip(values, chosen)))]
    try:
        compile_ahead(kernel, asked, say)
    except Exception:
        pass  # Each is compiled again below, where one that fails is left out alone.
    made = {}
    for index, each in enumerate(asked):
        say(f"{kernel.launch.name} {dtype}: {index + 1} of {len(asked)} configurations")
        compiled = kernel.tried(each.constants, each.options, each.grid)
        if compiled is None or compiled.metadata.num_warps != each.named["num_warps"]:
            continue
        one = Configuration(each.named)
        for capability in capabilities:
            image = compiled
            if capability != capability_here():
                image = triton.compile(compiled.src, target=GPUTarget("cuda", capability, 32),
                                       options={**kernel.launch.options, **kernel.options, **each.options})
            one.images[dtype, capability] = image.asm["cubin"]
            one.shared[dtype] = max(one.shared.get(dtype, 0), image.metadata.shared)
        made[tuple(each.named.values())] = one
    return made


def hidden_arguments(compiled, passed):
    """Pointers that Triton's runtime passes behind what the kernel names."""
    entry = compiled.asm["ptx"].partition(".entry")[2].partition(")")[0]
    return entry.count(".param") - passed
