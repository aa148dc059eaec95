"""Tensors as files of NumPy's."""

import numpy
import torch

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


def write_npy(path, flat):
    """A tensor in C order as NumPy keeps it; bf16 as f32, which holds it exactly."""
    if flat.dtype == torch.bfloat16:
        flat = flat.float()
    path.parent.mkdir(parents=True, exist_ok=True)
    numpy.save(path, flat.cpu().numpy())
