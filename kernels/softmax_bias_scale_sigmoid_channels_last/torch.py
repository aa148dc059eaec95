"""softmax_bias_scale_sigmoid_channels_last in PyTorch: what a package falls back on, and what its gradient is taken from.

x is [N, H, W, C] and contiguous: x.permute(0, 2, 3, 1) of a [N, C, H, W] tensor in torch.channels_last.
"""

import torch

PARAMETERS = {"conv_bias": 0.0, "bias": 0.0}


def formula(x, conv_bias, bias, *, scale):
    """sigmoid(scale * (softmax(x + conv_bias) + bias)) over the channels, the last dimension."""
    return torch.sigmoid((torch.softmax(x + conv_bias, -1) + bias) * scale)
