"""softmax_bias_scale_sigmoid in PyTorch: what a package falls back on, and what its gradient is taken from."""

import torch

PARAMETERS = {"bias": 0.0}


def formula(x, bias, *, scale):
    """sigmoid(scale * (softmax(x) + bias)) over the channels, dimension 1."""
    return torch.sigmoid((torch.softmax(x, 1) + bias.view(1, -1, 1, 1)) * scale)
