"""How sharp a comparison is: what share of an output something that computes nothing would pass."""

import torch


def passing_shares(reference, tolerance, inputs):
    """Name to share, from 0 to 1: of zeros, of the output's mean, and of each input with as many elements."""
    absolute, relative = tolerance
    allowed = reference.abs() * relative + absolute

    def share(instead):
        return float(((reference - instead).abs() <= allowed).to(torch.float64).mean())

    found = {"zeros": share(reference * 0), "its mean": share(reference.mean())}
    for name, value in inputs.items():
        if value.is_floating_point() and value.numel() == reference.numel():
            found[name] = share(value.reshape(reference.shape))
    return found
