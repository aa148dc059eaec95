"""bias_gelu in PyTorch: what a package falls back on, and what its gradient is taken from."""

import torch.nn.functional as F

PARAMETERS = {"bias": 0.0}


def formula(x, bias):
    """GELU(x + bias), with exact (erf) GELU."""
    return F.gelu(x + bias)
