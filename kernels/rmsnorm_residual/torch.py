"""rmsnorm_residual in PyTorch: what a package falls back on, and what its gradient is taken from."""

import torch

PARAMETERS = {"weight": 1.0}


def formula(x, residual, weight, *, eps):
    """h = x + residual, and RMSNorm(h) * weight from the sum before it is rounded to a 16-bit dtype."""
    dtype = torch.promote_types(x.dtype, torch.float32)
    total = x.to(dtype) + residual.to(dtype)
    y = total * torch.rsqrt(total.square().mean(-1, keepdim=True) + eps) * weight.to(dtype)
    return total.to(x.dtype), y.to(x.dtype)
