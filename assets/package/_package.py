"""The files of this package: each is held against SHA256SUMS when it is read, so that damage is one clear error."""

import hashlib
import json
import os
import re
import threading
from typing import Any, Dict

SCHEMA = "fuseline/wisdom/1"


class PackageError(RuntimeError):
    """A file of the package is missing, cut short or changed; the message names it."""


class Package:
    """A folder that `fuseline export --format torch` wrote. Thread-safe."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._name = os.path.basename(os.path.normpath(folder))
        self._lock = threading.Lock()
        self._kept: Dict[str, bytes] = {}
        self._sums = self._read_sums()
        self.digest = hashlib.sha256(self._whole("SHA256SUMS")).hexdigest()
        self.wisdom = self._read_wisdom()

    def error(self, file: str, reason: str) -> PackageError:
        """What to raise about `file` of this package."""
        return PackageError(f"the package {self._name} is damaged: {file}: {reason}; export it anew")

    def bytes(self, file: str) -> bytes:
        """The bytes of a file, given by its path in the package. Errors: PackageError."""
        with self._lock:
            kept = self._kept.get(file)
        if kept is not None:
            return kept
        expected = self._sums.get(file)
        if expected is None:
            raise self.error(file, "SHA256SUMS does not list it")
        found = self._whole(file)
        if hashlib.sha256(found).hexdigest() != expected:
            raise self.error(file, f"its {len(found)} bytes are not those that SHA256SUMS lists (changed or cut short)")
        with self._lock:
            self._kept[file] = found
        return found

    def text(self, file: str) -> str:
        """The same, as text."""
        return self.bytes(file).decode("utf-8", "surrogateescape")

    def files(self, prefix: str) -> "list[str]":
        """Paths that start with `prefix`, sorted."""
        return sorted(name for name in self._sums if name.startswith(prefix))

    def _whole(self, file: str) -> bytes:
        try:
            with open(os.path.join(self.folder, *file.split("/")), "rb") as stream:
                return stream.read()
        except OSError as error:
            raise self.error(file, error.strerror or str(error)) from None

    def _read_sums(self) -> Dict[str, str]:
        sums = {}
        for number, line in enumerate(self._whole("SHA256SUMS").decode("utf-8", "replace").splitlines(), 1):
            match = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
            parts = match[2].split("/") if match else [".."]
            if ".." in parts or "" in parts:  # Absolute paths have an empty first part.
                raise self.error("SHA256SUMS", f"line {number} is no checksum of a file in the package")
            sums[match[2]] = match[1]
        return sums

    def _read_wisdom(self) -> Dict[str, Any]:
        try:
            wisdom = json.loads(self.bytes("wisdom.json"))
        except ValueError as error:
            raise self.error("wisdom.json", f"it is no JSON ({error})") from None
        schema = wisdom.get("schema") if isinstance(wisdom, dict) else None
        if schema != SCHEMA:
            raise self.error("wisdom.json", f"its schema is {schema!r}, and this package reads {SCHEMA!r}")
        return wisdom
