#!/usr/bin/env python3
"""Makes calls of a package for PyTorch without PyTorch, as built.caller_text() does of one for C++.

python_caller.py PACKAGE reads the same calls, chooses, loads and launches by the package's own loader in the order in
which its operators do, and prints the same lines. Where nothing runs, the code is no_kernel whatever the reason.
"""

import hashlib
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "package"))
import built
import sample

DTYPES = ("f32", "f16", "bf16")
ALIGNMENT = 256  # Of a workspace within the one that is given.


class Caller:
    def __init__(self, folder):
        self.modules = sample.modules(folder)
        self.package = self.modules["_package"].Package(folder)
        self.read, self.bytes = "", self.package.bytes
        self.package.bytes = self.noted
        self.planner = self.modules["_plans"].Planner(self.package, self.modules["_compiler"].Compiler())
        self.cuda = self.modules["_driver"].driver()
        self.device = self.cuda.device(0)
        self.loaded, self.known = {}, {}

    def noted(self, file):
        """Reads a file of the package. Images may have the same bytes; the one that was read last is what is planned."""
        if file.startswith("images/"):
            self.read = file
        return self.bytes(file)

    def module(self, plan):
        key = hashlib.sha256(plan.image.data).digest()
        if key not in self.loaded:
            self.loaded[key] = self.cuda.load(0, plan.image.data, plan.image.form)
        return self.loaded[key]

    def choose(self, problem, dtype, dims, scalars):
        """As Operator._choose() of _operators.py."""
        names = [each.name for each in (*problem.inputs, *problem.outputs)]
        for plan in self.planner.plans(problem, dtype, dims, scalars, self.device):
            image = self.read if plan.image.origin == "shipped" else plan.resolved.source
            try:
                module = self.module(plan)
                return plan, image, self.modules["_driver"].Prepared(self.cuda, 0, self.device, plan.resolved, module,
                                                                     plan.image.symbols, names)
            except self.modules["_resolve"].Unfit:
                continue

    def call(self, line):
        verb, name, kind, _, *words = line.split()
        problem = self.planner.problems[name]
        dims = {each: int(word) for each, word in zip(problem.dims, words)}
        words = words[len(dims):]
        scalars = {each: float(word) for each, word in zip(problem.scalars, words)}
        places = [int(word) for word in words[len(scalars):]]
        key = (name, kind, *dims.values(), *scalars.values())
        try:
            if key not in self.known:
                self.known[key] = self.choose(problem, DTYPES[int(kind)], dims, scalars)
        except self.modules["_plans"].NoPlan as reason:
            return f"no_kernel|{reason}|0|0||||0"
        plan, image, prepared = self.known[key]
        at, offset = [], 0
        for size, _ in prepared.workspace:
            at.append(built.WORKSPACE + offset)
            offset += -(-size // ALIGNMENT) * ALIGNMENT
        if verb != "prepare":
            prepared.run([*places, *at], built.STREAM)
        return f"ok||{int(plan.exact)}|{built.ORIGINS.index(plan.image.origin)}|{plan.resolved.variant}|" \
               f"{image}|{self.configuration(problem, plan)}|{offset}"

    @staticmethod
    def configuration(problem, plan):
        """As Chosen::configuration has it."""
        values = [(each["name"], plan.entry["configuration"][each["name"]])
                  for each in problem.variants[plan.resolved.variant]["parameters"]]
        return " ".join(f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in values)


if __name__ == "__main__":
    caller = Caller(sys.argv[1])
    for each in sys.stdin:
        print(caller.call(each))
