"""Compiles a configuration for a shape that was not tuned, with NVRTC where PyTorch's wheels or a toolkit bring it.

Images are kept on disk, so that another process finds them. No torch.
"""

import ctypes
import glob
import hashlib
import json
import os
import platform
import re
import sys
import tempfile
import threading
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ._resolve import Unfit

LIBRARIES = ("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so")
MAGIC = b"fuseline/image/1\n"


class NoCompiler(Exception):
    """Why NVRTC cannot be used; the message says where it was looked for."""


def _roots() -> List[str]:
    """Folders that hold a toolkit, the ones that the user or PyTorch's wheels bring first."""
    roots = [os.environ[name] for name in ("CUDA_HOME", "CUDA_PATH") if os.environ.get(name)]
    for entry in sys.path:
        roots += [os.path.join(entry or ".", "nvidia", package) for package in ("cu13", "cuda_nvrtc")]
    roots += ["/usr/local/cuda", *sorted(glob.glob("/usr/local/cuda-*"), reverse=True), "/opt/cuda", "/usr/lib/cuda"]
    return list(dict.fromkeys(roots))


def _target() -> str:
    """As a toolkit names this machine."""
    return "sbsa-linux" if platform.machine() == "aarch64" else "x86_64-linux"


def _open_library() -> Tuple[Any, str]:
    """The library, and the folder it lies in where that is known."""
    looked = []
    for root in _roots():
        for folder in ("lib64", os.path.join("targets", _target(), "lib"), "lib"):
            for name in LIBRARIES:
                path = os.path.join(root, folder, name)
                if not os.path.exists(path):
                    continue
                try:
                    return ctypes.CDLL(path), os.path.dirname(os.path.realpath(path))
                except OSError as error:
                    looked.append(str(error))
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name), ""
        except OSError as error:
            looked.append(str(error))
    raise NoCompiler(f"NVRTC was not found (PyTorch's wheels bring it; CUDA_HOME names another): {looked[-1]}")


def _include_folders(library_folder: str) -> List[str]:
    """Folders with CUDA's headers, those beside the library first."""
    candidates = []
    if library_folder:
        above = os.path.dirname(library_folder)
        candidates += [os.path.join(above, "include"), os.path.join(os.path.dirname(above), "cuda_runtime", "include")]
    for root in _roots():
        candidates += [os.path.join(root, "include"), os.path.join(root, "targets", _target(), "include"),
                       os.path.join(os.path.dirname(root), "cuda_runtime", "include")]
    for folder in [*candidates, "/usr/include"]:
        if os.path.exists(os.path.join(folder, "cuda_fp16.h")):
            nested = os.path.join(folder, "cccl")
            return [folder, nested] if os.path.exists(nested) else [folder]
    raise NoCompiler("CUDA's headers (cuda_fp16.h) were not found beside NVRTC; CUDA_HOME may name a toolkit")


class Nvrtc:
    """The run-time compiler. Errors: NoCompiler where there is none."""

    def __init__(self) -> None:
        self._library, folder = _open_library()
        self._library.nvrtcGetErrorString.restype = ctypes.c_char_p
        self._includes = _include_folders(folder)
        major, minor = ctypes.c_int(), ctypes.c_int()
        self._check("nvrtcVersion", ctypes.byref(major), ctypes.byref(minor))
        self.version = f"{major.value}.{minor.value}"

    def compile(self, name: str, source: str, headers: Mapping[str, str], options: Sequence[str],
                expressions: Sequence[str], architecture: str) -> Tuple[bytes, Dict[str, str]]:
        """A cubin, and what each name expression is called in it. Errors: Unfit with the compiler's first error."""
        program = ctypes.c_void_p()
        texts = (ctypes.c_char_p * len(headers))(*[_bytes(text) for text in headers.values()])
        names = (ctypes.c_char_p * len(headers))(*[_bytes(each) for each in headers])
        self._check("nvrtcCreateProgram", ctypes.byref(program), _bytes(source), _bytes(name),
                    ctypes.c_int(len(headers)), texts, names)
        try:
            for expression in expressions:
                self._check("nvrtcAddNameExpression", program, _bytes(expression))
            # As the tuner compiles: its measured images come from the same options.
            full = [f"--gpu-architecture={architecture}", "-std=c++17", "-default-device", "--ptxas-options=-v",
                    *options, *(f"-I{folder}" for folder in self._includes)]
            array = (ctypes.c_char_p * len(full))(*[_bytes(each) for each in full])
            code = self._library.nvrtcCompileProgram(program, ctypes.c_int(len(full)), array)
            if code != 0:
                raise Unfit(f"NVRTC {self.version} does not compile {name}: {self._first_error(program, code)}")
            image = self._buffer(program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN")
            if not image:
                raise Unfit(f"NVRTC {self.version} made no code for {architecture}")
            return image, {each: self._lowered(program, each) for each in expressions}
        finally:
            self._library.nvrtcDestroyProgram(ctypes.byref(program))

    def _check(self, name: str, *arguments: Any) -> None:
        code = getattr(self._library, name)(*arguments)
        if code != 0:
            raise Unfit(f"{name}: {self._library.nvrtcGetErrorString(code).decode()}")

    def _buffer(self, program: ctypes.c_void_p, size_name: str, name: str) -> bytes:
        size = ctypes.c_size_t()
        self._check(size_name, program, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(max(1, size.value))
        self._check(name, program, buffer)
        return buffer.raw[:size.value]

    def _first_error(self, program: ctypes.c_void_p, code: int) -> str:
        log = self._buffer(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog").decode("utf-8", "replace")
        found = re.search(r"^.*\berror\b.*$", log.replace("\0", ""), re.MULTILINE)
        return found[0].strip() if found else self._library.nvrtcGetErrorString(code).decode()

    def _lowered(self, program: ctypes.c_void_p, expression: str) -> str:
        name = ctypes.c_char_p()
        self._check("nvrtcGetLoweredName", program, _bytes(expression), ctypes.byref(name))
        return (name.value or b"").decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def cache_folder() -> Optional[str]:
    """Where compiled images are kept; nothing where $FUSELINE_PACKAGE_CACHE is "none"."""
    chosen = os.environ.get("FUSELINE_PACKAGE_CACHE")
    if chosen:
        return None if chosen == "none" else chosen
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "fuseline", "packages")


def read_cached(path: str) -> Optional[Tuple[bytes, Dict[str, str]]]:
    """What write_cached() wrote; nothing where it is not there or damaged."""
    try:
        with open(path, "rb") as stream:
            content = stream.read()
        head, digest, rest = content[:len(MAGIC)], content[len(MAGIC):len(MAGIC) + 64], content[len(MAGIC) + 65:]
        if head != MAGIC or hashlib.sha256(rest).hexdigest().encode() != digest:
            return None
        symbols, _, image = rest.partition(b"\n")
        return image, json.loads(symbols)
    except (OSError, ValueError):
        return None


def write_cached(path: str, image: bytes, symbols: Mapping[str, str]) -> None:
    """Written beside and then renamed, so that nobody reads half of it. A folder that takes nothing is no error."""
    rest = json.dumps(symbols).encode() + b"\n" + image
    temporary = None
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(MAGIC + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)
        os.replace(temporary, path)
    except OSError:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


class Compiler:
    """NVRTC, opened at the first need, and images kept on disk. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nvrtc: Optional[Nvrtc] = None
        self._reason = ""

    def compile(self, name: str, source: str, headers: Mapping[str, str], options: Sequence[str],
                kernels: Sequence[str], architecture: str) -> Tuple[bytes, Dict[str, str], bool]:
        """Cubin, symbols of the kernels, and whether it was found on disk. Errors: Unfit."""
        with self._lock:
            nvrtc = self._opened()
            expressions = sorted({each for each in kernels if not each.isidentifier()})
            folder = cache_folder()
            path = None
            if folder is not None:
                material = [nvrtc.version, architecture, name, source, sorted(headers.items()), list(options),
                            expressions]
                digest = hashlib.sha256(_bytes(json.dumps(material))).hexdigest()
                path = os.path.join(folder, digest + ".image")
                kept = read_cached(path)
                if kept is not None:
                    return kept[0], kept[1], True
            image, symbols = nvrtc.compile(name, source, headers, options, expressions, architecture)
            if path is not None:
                write_cached(path, image, symbols)
            return image, symbols, False

    def _opened(self) -> Nvrtc:
        if self._nvrtc is None and not self._reason:
            try:
                self._nvrtc = Nvrtc()
            except (NoCompiler, AttributeError) as error:  # A library without a function is too old.
                self._reason = str(error)
        if self._nvrtc is None:
            raise Unfit(f"nothing was compiled for it, and {self._reason}")
        return self._nvrtc
