"""A stand-in for PyTorch: as much as the helper and the models of these tests use, on lists of Python's numbers."""

import contextlib
import random
import struct

__version__ = "0.0-stand-in"


class dtype:
    def __init__(self, name, code, floating):
        self.name, self.code, self.is_floating_point = name, code, floating

    def rounded(self, value):
        if not self.is_floating_point:
            return int(value)
        if self.name == "bfloat16":  # To nearest, ties to even, of what a float holds.
            bits, = struct.unpack("<I", struct.pack("<f", value))
            bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
            return struct.unpack("<f", struct.pack("<I", bits))[0]
        return struct.unpack("<" + self.code, struct.pack("<" + self.code, value))[0]


float64, float32 = dtype("float64", "d", True), dtype("float32", "f", True)
float16, bfloat16 = dtype("float16", "e", True), dtype("bfloat16", None, True)
int64, int32, uint8 = dtype("int64", "q", False), dtype("int32", "i", False), dtype("uint8", "B", False)


class Tensor:
    def __init__(self, values, shape, kind):
        self.dtype, self.shape = kind, tuple(shape)
        self.values = [kind.rounded(value) for value in values]

    def numel(self):
        return len(self.values)

    def is_floating_point(self):
        return self.dtype.is_floating_point

    def to(self, *wanted):
        kinds = [each for each in wanted if isinstance(each, dtype)]
        return Tensor(self.values, self.shape, kinds[0]) if kinds else self

    def float(self):
        return self.to(float32)

    def cpu(self):
        return self

    def contiguous(self):
        return self

    def numpy(self):
        return self

    def reshape(self, *shape):
        return Tensor(self.values, (self.numel(),), self.dtype)

    def copy_(self, other):
        self.values = [self.dtype.rounded(value) for value in other.values]
        return self

    def abs(self):
        return Tensor([abs(value) for value in self.values], self.shape, self.dtype)

    def mean(self):
        return Tensor([sum(self.values) / self.numel()], (), self.dtype)

    def __float__(self):
        return float(self.values[0])

    def __le__(self, other):
        return self.each(other, lambda a, b: a <= b, uint8)

    def __getitem__(self, index):
        return Tensor([self.values[index]], (), self.dtype)

    def all(self):
        return all(self.values)

    def any(self):
        return any(self.values)

    def each(self, other, function, kind=None):
        if not isinstance(other, Tensor):
            other = Tensor([other], (), self.dtype)
        repeated = other.values * (self.numel() // other.numel())  # Along the last axes.
        return Tensor([function(a, b) for a, b in zip(self.values, repeated)], self.shape, kind or self.dtype)

    def __add__(self, other):
        return self.each(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self.each(other, lambda a, b: a - b)

    def __mul__(self, other):
        return self.each(other, lambda a, b: a * b)

    __rmul__ = __mul__

    def __eq__(self, other):
        return self.each(other, lambda a, b: a == b, uint8)

    def __ne__(self, other):
        return self.each(other, lambda a, b: a != b, uint8)

    __hash__ = None


def manual_seed(seed):
    random.seed(seed)


def shaped(shape, value):
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
    count = 1
    for size in shape:
        count *= size
    return Tensor([value() for _ in range(count)], shape, float32)


def rand(*shape):
    return shaped(shape, random.random)


def randn(*shape):
    return shaped(shape, lambda: random.gauss(0, 1))


def ones(*shape):
    return shaped(shape, lambda: 1.0)


def arange(count):
    return Tensor(range(count), (count,), int64)


@contextlib.contextmanager
def no_grad():
    yield


class cuda:
    @staticmethod
    def is_available():
        return False


from . import nn  # noqa: E402
