"""groupnorm_silu in PyTorch: what a package falls back on, and what its gradient is taken from."""

import torch.nn.functional as F

PARAMETERS = {"bias": 0.0, "gamma": 1.0, "beta": 0.0}


def formula(x, bias, gamma, beta, *, eps, G):
    """GroupNorm(SiLU(x) + bias) of each row in G groups of features."""
    return F.group_norm(F.silu(x) + bias, G, gamma, beta, eps)
