"""sum_layernorm_avgpool_gelu_channels_last in PyTorch: what a package falls back on and takes its gradient from.

x is [N, D, H, W, C] and contiguous: x.permute(0, 2, 3, 4, 1) of a [N, C, D, H, W] tensor in torch.channels_last_3d.
"""

import torch.nn.functional as F

PARAMETERS = {"gamma": 1.0, "beta": 0.0}


def formula(x, gamma, beta, *, eps, sum_weight):
    """GELU(AvgPool3d(2)(LayerNorm(x + sum_weight) over W)), with exact GELU; a last odd plane, row or column is dropped.

    The pooling is a mean over pairs, which the CPU has in every dtype.
    """
    rows = (x + sum_weight).transpose(-1, -2)
    y = F.layer_norm(rows, rows.shape[-1:], gamma, beta, eps).transpose(-1, -2)
    depth, height, width = (size // 2 for size in x.shape[1:4])
    y = y[:, : 2 * depth, : 2 * height, : 2 * width]
    pairs = y.unflatten(3, (width, 2)).unflatten(2, (height, 2)).unflatten(1, (depth, 2))
    return F.gelu(pairs.mean((2, 4, 6)))
