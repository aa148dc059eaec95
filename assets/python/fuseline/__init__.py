"""Fuseline tunes fused CUDA kernels against the roofline. The programs are `fuseline` and `fuseline-gui`."""

import importlib.metadata


def program(name="fuseline"):
    """The path of one of the programs that came with this package. FileNotFoundError: it has no such program."""
    for file in importlib.metadata.files("fuseline") or ():
        if file.name == name and file.parent.name == "bin":
            return str(file.locate().resolve())
    raise FileNotFoundError(f"the package fuseline has no program '{name}'")
