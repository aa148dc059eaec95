"""Loads and launches kernels through libcuda and ctypes. No torch: pointers and streams come in as integers."""

import ctypes
import os
import struct
import threading
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ._resolve import Device, Launch, Resolved, Unfit

INVALID_CONTEXT = 201
REFUSED_IMAGES = (200, 209, 218, 221, 222)  # Invalid, not for this GPU, invalid PTX, no compiler of it, PTX too new.
OUT_OF_MEMORY = 2
DEFAULT_SHARED_BYTES = 48 * 1024
MAXIMUM_EXTENT = 2**32 - 1

# What a device attribute is called in wisdom.json, and its number in CUDA.
_LIMITS = {
    "sm_count": 16,
    "max_threads_per_block": 1,
    "max_threads_per_sm": 39,
    "max_blocks_per_sm": 106,
    "shared_bytes_per_block": 97,  # With opt-in.
    "shared_bytes_per_sm": 81,
    "registers_per_sm": 82,
    "l2_bytes": 38,
}
_CAPABILITY_MAJOR, _CAPABILITY_MINOR, _COOPERATIVE = 75, 76, 95
_FUNCTION_THREADS, _FUNCTION_SHARED, _FUNCTION_DYNAMIC_SHARED = 0, 1, 8
_JIT_ERROR_LOG, _JIT_ERROR_LOG_BYTES = 5, 6

_NUMBERS = {
    "i32": ctypes.c_int32,
    "u32": ctypes.c_uint32,
    "i64": ctypes.c_int64,
    "u64": ctypes.c_uint64,
    "f32": ctypes.c_float,
    "f64": ctypes.c_double,
}


class _LaunchConfig(ctypes.Structure):
    """CUlaunchConfig. Four arguments reach the driver sooner than the eleven of cuLaunchKernel."""

    _fields_ = [("extents", ctypes.c_uint * 6), ("shared_bytes", ctypes.c_uint), ("stream", ctypes.c_void_p),
                ("attributes", ctypes.c_void_p), ("attribute_count", ctypes.c_uint)]


class DriverError(RuntimeError):
    """A call to the NVIDIA driver that failed; the message has the error's name. `code`: CUDA's number; 0: none."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class Driver:
    """libcuda.so.1, or the file that $FUSELINE_LIBCUDA names. Errors: DriverError where there is none."""

    def __init__(self) -> None:
        self._library = self._open()
        self._contexts: Dict[int, ctypes.c_void_p] = {}
        self._lock = threading.RLock()
        self.launch_kernel = self._library.cuLaunchKernelEx
        self.launch_cooperative = self._library.cuLaunchCooperativeKernel
        self.memset = self._library.cuMemsetD8Async
        self.call("cuInit", ctypes.c_uint(0))

    @staticmethod
    def _open() -> Any:
        chosen = os.environ.get("FUSELINE_LIBCUDA")
        reasons = []
        # The second place is where Windows Subsystem for Linux keeps it.
        for name in [chosen] if chosen else ["libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"]:
            try:
                return ctypes.CDLL(name)
            except OSError as error:
                reasons.append(str(error))
        raise DriverError(f"no NVIDIA driver: {reasons[0]}")

    def call(self, name: str, *arguments: Any) -> None:
        """Calls a function of the driver. Errors: DriverError."""
        self.check(getattr(self._library, name)(*arguments), name)

    def check(self, code: int, what: str) -> None:
        """Raises DriverError unless `code` is success."""
        if code == 0:
            return
        name, text = ctypes.c_char_p(), ctypes.c_char_p()
        self._library.cuGetErrorName(code, ctypes.byref(name))
        self._library.cuGetErrorString(code, ctypes.byref(text))
        shown = [each.value.decode() if each.value else "unknown" for each in (name, text)]
        raise DriverError(f"{what}: {shown[1]} ({shown[0]}, {code})", code)

    def device(self, ordinal: int) -> Device:
        """What the device holds; its ordinal is CUDA's."""
        handle = ctypes.c_int()
        self.call("cuDeviceGet", ctypes.byref(handle), ctypes.c_int(ordinal))
        name = ctypes.create_string_buffer(256)
        self.call("cuDeviceGetName", name, ctypes.c_int(255), handle)
        limits = {limit: self._attribute(number, handle) for limit, number in _LIMITS.items()}
        capability = 10 * self._attribute(_CAPABILITY_MAJOR, handle) + self._attribute(_CAPABILITY_MINOR, handle)
        return Device(name.value.decode("utf-8", "replace"), capability, limits)

    def resident_blocks(self, ordinal: int, function: ctypes.c_void_p, threads: int, shared_bytes: int) -> int:
        """How many blocks of a kernel the device holds at once; 0 where it has no cooperative launches."""
        handle, blocks = ctypes.c_int(), ctypes.c_int()
        self.call("cuDeviceGet", ctypes.byref(handle), ctypes.c_int(ordinal))
        if self._attribute(_COOPERATIVE, handle) == 0:
            return 0
        self.call("cuOccupancyMaxActiveBlocksPerMultiprocessor", ctypes.byref(blocks), function, ctypes.c_int(threads),
                  ctypes.c_size_t(shared_bytes))
        return blocks.value * self._attribute(_LIMITS["sm_count"], handle)

    def _attribute(self, number: int, handle: ctypes.c_int) -> int:
        value = ctypes.c_int()
        self.call("cuDeviceGetAttribute", ctypes.byref(value), ctypes.c_int(number), handle)
        return value.value

    def enter(self, ordinal: int) -> None:
        """Makes the device's primary context, which PyTorch uses too, current in this thread."""
        with self._lock:
            context = self._contexts.get(ordinal)
            if context is None:
                handle, context = ctypes.c_int(), ctypes.c_void_p()
                self.call("cuDeviceGet", ctypes.byref(handle), ctypes.c_int(ordinal))
                # Never released: the process ends with it.
                self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), handle)
                self._contexts[ordinal] = context
        self.call("cuCtxSetCurrent", context)

    def load(self, ordinal: int, image: bytes, form: str) -> ctypes.c_void_p:
        """A module in the device's primary context, which becomes current.

        Errors: Unfit where the driver does not take the image, such as PTX that is newer than it is; DriverError.
        """
        self.enter(ordinal)
        module = ctypes.c_void_p()
        log = ctypes.create_string_buffer(16 * 1024)
        options = (ctypes.c_int * 2)(_JIT_ERROR_LOG, _JIT_ERROR_LOG_BYTES)
        values = (ctypes.c_void_p * 2)(ctypes.addressof(log), len(log))
        count = ctypes.c_uint(0 if form == "cubin" else 2)
        try:
            self.call("cuModuleLoadDataEx", ctypes.byref(module), image, count, options, values)
        except DriverError as error:
            text = log.value.decode("utf-8", "replace").strip()
            said = f"{error}: {text}" if text else str(error)
            raise (Unfit(said) if error.code in REFUSED_IMAGES else DriverError(said, error.code)) from None
        return module

    def function(self, module: ctypes.c_void_p, symbol: str) -> ctypes.c_void_p:
        """A kernel of a module."""
        found = ctypes.c_void_p()
        self.call("cuModuleGetFunction", ctypes.byref(found), module, symbol.encode())
        return found

    def function_attribute(self, function: ctypes.c_void_p, number: int) -> int:
        """A number that the driver tells of a kernel."""
        value = ctypes.c_int()
        self.call("cuFuncGetAttribute", ctypes.byref(value), ctypes.c_int(number), function)
        return value.value


class Prepared:
    """The launches of one configuration, loaded on one device: run(pointers, stream) is all that is left.

    Pointers come in the order of `buffers`: the names given, then the workspaces.
    """

    def __init__(self, driver: Driver, ordinal: int, device: Device, resolved: Resolved, module: ctypes.c_void_p,
                 symbols: Mapping[str, str], tensors: Sequence[str]) -> None:
        """Errors: Unfit where the compiled kernel asks for more than the device has, DriverError."""
        self._driver = driver
        self._ordinal = ordinal
        self._resolved = resolved
        self.buffers: List[str] = [*tensors, *(name for name, _, _ in resolved.workspace)]
        self.workspace: List[Tuple[int, bool]] = [(size, zero != "never") for _, size, zero in resolved.workspace]
        self._zeroed = [(len(tensors) + number, size) for number, (size, zero) in enumerate(self.workspace)
                        if zero and size]
        self._local = threading.local()
        self._functions = []
        for launch in resolved.launches:
            function = driver.function(module, symbols.get(launch.kernel, launch.kernel))
            self._check(launch, function, device)
            self._functions.append(function)

    def _check(self, launch: Launch, function: ctypes.c_void_p, device: Device) -> None:
        """What only the compiled kernel can tell: registers for so many threads, all shared memory together."""
        driver = self._driver
        for extent in (*launch.grid, *launch.block, launch.shared_bytes):
            if not 0 <= extent <= MAXIMUM_EXTENT:
                raise Unfit(f"{launch.kernel}: {extent} is more than the driver takes")
        threads = launch.block[0] * launch.block[1] * launch.block[2]
        most = driver.function_attribute(function, _FUNCTION_THREADS)
        if threads > most:
            raise Unfit(f"{launch.kernel}: {threads} threads a block, and its registers allow {most}")
        shared = launch.shared_bytes + driver.function_attribute(function, _FUNCTION_SHARED)
        if shared > device.limits["shared_bytes_per_block"]:
            raise Unfit(f"{launch.kernel}: {shared} bytes of shared memory a block, and the device has "
                        f"{device.limits['shared_bytes_per_block']}")
        if shared > DEFAULT_SHARED_BYTES:
            driver.call("cuFuncSetAttribute", function, ctypes.c_int(_FUNCTION_DYNAMIC_SHARED),
                        ctypes.c_int(launch.shared_bytes))
        blocks = launch.grid[0] * launch.grid[1] * launch.grid[2]
        # A cooperative grid whose blocks are not all there at once would wait for ever.
        if launch.cooperative:
            resident = driver.resident_blocks(self._ordinal, function, threads, launch.shared_bytes)
            if blocks > resident:
                raise Unfit(f"{launch.kernel}: {blocks} blocks at once, of which the device holds {resident}")

    def _block(self) -> tuple:
        """This thread's own arguments: ctypes lets other threads run while the driver reads them."""
        pointers = (ctypes.c_uint64 * max(1, len(self.buffers)))()
        base, width = ctypes.addressof(pointers), ctypes.sizeof(ctypes.c_uint64)
        write = struct.Struct(f"{len(self.buffers)}Q").pack_into
        stream = ctypes.c_void_p()
        bound, keep, configs = [], [], []
        for launch, function in zip(self._resolved.launches, self._functions):
            addresses = (ctypes.c_void_p * (len(launch.arguments) + 1))()  # The last one is null.
            for position, (kind, value) in enumerate(launch.arguments):
                if kind == "buffer":
                    addresses[position] = base + width * self.buffers.index(value)
                else:
                    keep.append(_NUMBERS[kind](value))
                    addresses[position] = ctypes.addressof(keep[-1])
            if launch.cooperative:
                extents = [ctypes.c_uint(extent) for extent in (*launch.grid, *launch.block, launch.shared_bytes)]
                bound.append((self._driver.launch_cooperative, (function, *extents, stream, addresses), launch.kernel))
            else:
                config = _LaunchConfig((ctypes.c_uint * 6)(*launch.grid, *launch.block), launch.shared_bytes)
                configs.append(config)
                arguments = (ctypes.byref(config), function, addresses, None)
                bound.append((self._driver.launch_kernel, arguments, launch.kernel))
        block = (write, pointers, stream, configs, bound, keep)
        self._local.block = block
        return block

    def run(self, addresses: Sequence[int], stream: int) -> None:
        """Launches everything on a stream. Errors: DriverError."""
        try:
            write, pointers, handle, configs, bound, _ = self._local.block
        except AttributeError:
            write, pointers, handle, configs, bound, _ = self._block()
        write(pointers, 0, *addresses)
        handle.value = stream
        for config in configs:
            config.stream = stream
        for position, size in self._zeroed:
            self._zero(addresses[position], size, handle)
        for launch, arguments, kernel in bound:
            code = launch(*arguments)
            if code:
                self._again(code, launch, arguments, kernel)

    def _zero(self, address: int, size: int, handle: ctypes.c_void_p) -> None:
        arguments = (ctypes.c_uint64(address), ctypes.c_ubyte(0), ctypes.c_size_t(size), handle)
        code = self._driver.memset(*arguments)
        if code:
            self._again(code, self._driver.memset, arguments, "cuMemsetD8Async")

    def _again(self, code: int, call: Any, arguments: tuple, what: str) -> None:
        """A thread that has not used the device has no context: it gets one, and the call is made once more."""
        if code == INVALID_CONTEXT:
            self._driver.enter(self._ordinal)
            code = call(*arguments)
        self._driver.check(code, what)


_driver: Optional[Driver] = None
_driver_lock = threading.Lock()


def driver() -> Driver:
    """The driver, opened at the first call. Errors: DriverError."""
    global _driver
    with _driver_lock:
        if _driver is None:
            _driver = Driver()
        return _driver
