"""KernelBench level 2, problem 91: transposed convolution, softmax, bias, scale and sigmoid, on a package of fuseline
export.

The package (FUSELINE_PACKAGE: its name on Python's path, default fused_ops) holds softmax_bias_scale_sigmoid_channels_last
and its backward. Parameters, their order and the state dict are those of the reference.
"""

import importlib
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

fused = importlib.import_module(os.environ.get("FUSELINE_PACKAGE", "fused_ops"))


class ModelNew(nn.Module):
    """The convolution with channels-last weights; its bias is added where the softmax reads its output."""

    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, output_padding, bias_shape,
                 scaling_factor):
        super().__init__()
        self.conv_transpose = nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=stride,
                                                 padding=padding, output_padding=output_padding)
        self.conv_transpose.to(memory_format=torch.channels_last)
        self.bias = nn.Parameter(torch.randn(bias_shape))
        self.scaling_factor = scaling_factor

    def forward(self, x):
        conv = self.conv_transpose
        y = F.conv_transpose2d(x, conv.weight, None, conv.stride, conv.padding, conv.output_padding, conv.groups,
                               conv.dilation)
        y = fused.softmax_bias_scale_sigmoid_channels_last(y.permute(0, 2, 3, 1), conv.bias, self.bias.reshape(-1),
                                                           scale=self.scaling_factor)
        return y.permute(0, 3, 1, 2)
