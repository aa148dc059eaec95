"""layernorm_rows in PyTorch: what a package falls back on, and what its gradient is taken from."""

import torch.nn.functional as F

PARAMETERS = {"gamma": 1.0, "beta": 0.0}


def formula(x, gamma, beta, *, eps):
    """LayerNorm over the last dimension."""
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
