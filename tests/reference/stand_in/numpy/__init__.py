"""A stand-in for NumPy: it saves tensors of the stand-in for PyTorch."""

import struct

CODES = {"d": "<f8", "f": "<f4", "e": "<f2", "q": "<i8", "i": "<i4", "B": "|u1"}


def save(path, tensor):
    shape = "".join(f"{size}, " for size in tensor.shape)
    header = f"{{'descr': '{CODES[tensor.dtype.code]}', 'fortran_order': False, 'shape': ({shape.rstrip()}), }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{tensor.numel()}{tensor.dtype.code}", *tensor.values))
