"""KernelBench level 2, problem 3: transposed convolution, sum, LayerNorm, average pooling and GELU, on a package of
fuseline export.

The package (FUSELINE_PACKAGE: its name on Python's path, default fused_ops) holds sum_layernorm_avgpool_gelu_channels_last.
Parameters, their order and the state dict are those of the reference. Gradients are those of the formula in PyTorch.
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
    """The convolution with channels-last weights, without its bias and the sum: both are constant along the normalised
    W, and LayerNorm removes them exactly."""

    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, output_padding, sum_weight, norm_shape,
                 pool_kernel_size):
        super().__init__()
        if tuple(nn.modules.utils._triple(pool_kernel_size)) != (2, 2, 2):
            raise ValueError(f"the pooling is one of 2 by 2 by 2, not {pool_kernel_size}")
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=stride,
                                                 padding=padding, output_padding=output_padding)
        self.conv_transpose.to(memory_format=torch.channels_last_3d)
        self.sum_weight = nn.Parameter(torch.tensor(sum_weight))
        self.norm = nn.LayerNorm(norm_shape)

    def forward(self, x):
        conv = self.conv_transpose
        weight = WithoutEffect.apply(conv.weight, conv.bias, self.sum_weight)
        y = F.conv_transpose3d(x, weight, None, conv.stride, conv.padding, conv.output_padding, conv.groups,
                               conv.dilation)
        y = fused.sum_layernorm_avgpool_gelu_channels_last(y.permute(0, 2, 3, 4, 1), self.norm.weight, self.norm.bias,
                                                           eps=self.norm.eps)
        return y.permute(0, 4, 1, 2, 3)
