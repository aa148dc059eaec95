"""A model with its parameters and inputs as one seed draws them, in fp64."""

import inspect
import math

import torch

from fuseline_reference.loading import RAISED, Refused, raised


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def names_of(function, count):
    """Of the arguments that are given by their place."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [each.name for each in inspect.signature(function).parameters.values() if each.kind in kinds]
    return [names[i] if i < len(names) else f"arg{i}" for i in range(count)]


class Drawn:
    """`path`: of `module`, the user's file. Parameters that are all of one value, such as a norm's gamma of ones, are
    drawn round it: a kernel that leaves them out would be right otherwise. `spread` has their names."""

    def __init__(self, path, module, seed, device):
        self.path, self.seed, self.device = path, seed, device
        torch.manual_seed(seed)
        self.init = self.listed(self.called("get_init_inputs", module.get_init_inputs), "get_init_inputs")
        self.model = self.called("making Model", lambda: module.Model(*self.init).to(device, torch.float64).eval())
        self.spread = self.spread_parameters()
        torch.manual_seed(seed + 1)
        self.inputs = [self.placed(each) for each in
                       self.listed(self.called("get_inputs", module.get_inputs), "get_inputs")]
        self.input_names = names_of(self.model.forward, len(self.inputs))

    def called(self, doing, call):
        try:
            return call()
        except RAISED as error:
            raise raised(self.path, doing, error) from error

    def listed(self, values, what):
        if not isinstance(values, (list, tuple)):
            raise Refused(f"{self.path}: {what} returns a {type(values).__name__}, where a list is wanted")
        return list(values)

    def placed(self, value):
        if not isinstance(value, torch.Tensor):
            return value
        value = value.to(self.device)
        return value.to(torch.float64) if value.is_floating_point() else value

    def spread_parameters(self):
        spread = []
        for name, parameter in self.model.named_parameters():
            if parameter.numel() > 1 and bool((parameter == parameter.reshape(-1)[0]).all()):
                with torch.no_grad():
                    parameter.copy_(parameter + torch.rand(parameter.shape).to(self.device, torch.float64) * 0.5 - 0.25)
                spread.append(name)
        return spread

    def tensors(self):
        """Name to tensor: of the inputs and of what the model holds."""
        inputs = {name: value for name, value in zip(self.input_names, self.inputs) if isinstance(value, torch.Tensor)}
        return inputs, dict(self.model.state_dict())

    def numbers(self):
        """What the model is made with, what its parts keep as attributes, and what else forward() takes."""
        found = dict(zip(names_of(type(self.model), len(self.init)), self.init))
        for part, module in self.model.named_modules():
            for name, value in vars(module).items():
                if not name.startswith("_") and name != "training":
                    found.setdefault(f"{part}.{name}" if part else name, value)
        found.update(zip(self.input_names, self.inputs))
        return {name: value for name, value in found.items() if is_number(value)}

    def replace(self, name, value, is_input):
        """With what a kernel gets in its place."""
        if is_input:
            self.inputs[self.input_names.index(name)] = value
        else:
            with torch.no_grad():
                self.model.state_dict()[name].copy_(value)

    def outputs(self):
        """Name to tensor: "out", or "out0" and so on where forward() returns several, or its dictionary's keys."""
        def run():
            with torch.no_grad():
                return self.model(*self.inputs)
        result = self.called("running Model", run)
        if isinstance(result, (list, tuple)) and len(result) > 1:
            found = {f"out{i}": each for i, each in enumerate(result)}
        elif isinstance(result, dict):
            found = dict(result)
        else:
            found = {"out": result[0] if isinstance(result, (list, tuple)) and result else result}
        for name, value in found.items():
            if not isinstance(value, torch.Tensor):
                raise Refused(f"{self.path}: Model returns a {type(value).__name__} ({name}), where a tensor is wanted")
        return found
