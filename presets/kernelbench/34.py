"""KernelBench level 2, problem 34: transposed convolution, LayerNorm, GELU and scale, on a package of fuseline export.

The package (FUSELINE_PACKAGE: its name on Python's path, default fused_ops) holds layernorm_gelu_scale_channels_last and
its backward. Parameters, their order and the state dict are those of the reference.
"""

import importlib
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

fused = importlib.import_module(os.environ.get("FUSELINE_PACKAGE", "fused_ops"))


class WithoutEffect(torch.autograd.Function):
    """The first of its arguments. The others cannot change the result: their gradients are zeros, not None."""

    @staticmethod
    def forward(ctx, weight, *others):
        ctx.shapes = [other.shape for other in others]
        ctx.set_materialize_grads(False)
        return weight.view_as(weight)

    @staticmethod
    def backward(ctx, grad):
        if grad is None:
            return (None,) * (1 + len(ctx.shapes))
        return (grad, *(grad.new_zeros(shape) for shape in ctx.shapes))


class ModelNew(nn.Module):
    """The convolution with channels-last weights and without its bias: constant along the normalised W, LayerNorm
    removes it exactly."""

    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, bias=True, eps=1e-5,
                 scaling_factor=1.0):
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=stride,
                                                 padding=padding, bias=bias)
        self.conv_transpose.to(memory_format=torch.channels_last_3d)
        self.layer_norm = nn.LayerNorm(out_channels, eps=eps)
        self.scaling_factor = scaling_factor

    def forward(self, x):
        conv, norm = self.conv_transpose, self.layer_norm
        weight = conv.weight if conv.bias is None else WithoutEffect.apply(conv.weight, conv.bias)
        y = F.conv_transpose3d(x, weight, None, conv.stride, conv.padding, conv.output_padding, conv.groups,
                               conv.dilation)
        y = fused.layernorm_gelu_scale_channels_last(y.permute(0, 2, 3, 4, 1), norm.weight, norm.bias, eps=norm.eps,
                                                     scale=self.scaling_factor)
        return y.permute(0, 4, 1, 2, 3)
