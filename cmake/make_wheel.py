#!/usr/bin/env python3
"""Makes a wheel of an installed tree, so that `pip install` puts Fuseline beside a user's PyTorch.

    cmake --install build/release --prefix TREE --strip
    cmake/make_wheel.py TREE -o FOLDER

Programs, their libraries and data go where the tree has them, beneath the environment's own prefix: the programs find
them beside themselves as in any copy of the tree, and a Python package `fuseline` finds the programs. Tests stay out.
The tag names the glibc that the files need, by the versions of the symbols that they ask of it. Nothing is fetched, and
the same tree makes the same bytes. What is needed: objdump (binutils)."""

import argparse
import base64
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "assets" / "python"
FOLDERS = ("bin", "lib", "share")
# What every Linux with glibc and a C++ runtime has, or what goes with its graphics driver and display: PEP 600 and the
# policies of manylinux.
SYSTEM = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2", "libstdc++.so.6",
          "libgcc_s.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libexpat.so.1", "libGL.so.1", "libX11.so.6",
          "libxcb.so.1"}
# GCC 12's, which Ubuntu 22.04 and Debian 12 have: what goes with glibc 2.35.
NEWEST = {"GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13)}
MACHINES = {b"\x3e\x00": "x86_64", b"\xb7\x00": "aarch64"}
WHEN = (1980, 1, 1, 0, 0, 0)


class Unfit(Exception):
    """The tree is none that a wheel can be made of."""


def members(tree):
    """Names in the tree, without links to what is there under the name that programs ask for."""
    names = {}
    for folder in FOLDERS:
        for path in sorted((tree / folder).rglob("*")):
            if path.is_symlink() or path.is_file():
                names[path.relative_to(tree).as_posix()] = path
    behind = {os.path.realpath(path) for name, path in names.items() if path.is_symlink()}
    return {name: path for name, path in names.items() if path.is_symlink() or os.path.realpath(path) not in behind}


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def machine_of(path):
    with open(path, "rb") as file:
        field = file.read(20)[18:20]
    if field not in MACHINES:
        raise Unfit(f"{path} is for no machine that wheels are made for: {field.hex()}")
    return MACHINES[field]


def dynamic_section(path):
    """Libraries that an ELF file needs, and the highest version that it asks of each set of symbols, such as GLIBC."""
    text = subprocess.run(["objdump", "-p", path], check=True, capture_output=True, text=True).stdout
    versions = {}
    for found, version in re.findall(r"\b(GLIBC|GLIBCXX|CXXABI)_([0-9.]+)$", text, re.MULTILINE):
        number = tuple(map(int, version.split(".")))
        versions[found] = max(versions.get(found, ()), number)
    return set(re.findall(r"^\s*NEEDED\s+(\S+)$", text, re.MULTILINE)), versions


def platform_tag(tree, names):
    """Such as manylinux_2_35_x86_64. Unfit: a library is not carried, or the C++ runtime would have to be newer."""
    elves = {name: path for name, path in names.items() if is_elf(path)}
    carried = {pathlib.PurePosixPath(name).name for name in elves}
    machines = {machine_of(path) for path in elves.values()}
    if len(machines) != 1:
        raise Unfit(f"{tree} has files for {len(machines)} machines")
    glibc = (2, 17)
    for name, path in elves.items():
        needed, versions = dynamic_section(path)
        for library in sorted(needed - SYSTEM - carried):
            raise Unfit(f"{name} needs {library}, which is neither in the tree nor on every system")
        for found, newest in NEWEST.items():
            if versions.get(found, ()) > newest:
                raise Unfit(f"{name} needs {found}_{'.'.join(map(str, versions[found]))}, which the systems that have its "
                            "glibc may lack: build where GCC is 12")
        glibc = max(glibc, versions.get("GLIBC", ())[:2])
    return f"manylinux_{glibc[0]}_{glibc[1]}_{machines.pop()}"


def version_of(tree):
    program = tree / "bin" / "fuseline"
    if not program.is_file():
        raise Unfit(f"{tree} has no bin/fuseline: make it by cmake --install BUILD --prefix {tree} --strip")
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    return said.split()[-1]


def metadata(version):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return ("Metadata-Version: 2.1\nName: fuseline\n"
            f"Version: {version}\nSummary: Tunes fused CUDA kernels against the roofline\n"
            "Requires-Python: >=3.9\nDescription-Content-Type: text/markdown\nLicense-File: LICENSE\n\n" + readme).encode()


class Wheel:
    """An archive with the list of its members, written last."""

    def __init__(self, file, info):
        self.archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self.info = info
        self.record = []

    def add(self, name, data, executable=False):
        entry = zipfile.ZipInfo(name, WHEN)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (0o100755 if executable else 0o100644) << 16
        self.archive.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(data)}\n")

    def close(self):
        name = f"{self.info}/RECORD"
        self.add(name, ("".join(self.record) + f"{name},,\n").encode())
        self.archive.close()


def make_wheel(tree, folder):
    """The file that was written."""
    version = version_of(tree)
    names = members(tree)
    tag = f"py3-none-{platform_tag(tree, names)}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"fuseline-{version}-{tag}.whl"
    partial = file.with_suffix(".partial")
    try:
        wheel = Wheel(partial, f"fuseline-{version}.dist-info")
        for source in sorted(PACKAGE.rglob("*.py")):
            wheel.add(source.relative_to(PACKAGE).as_posix(), source.read_bytes())
        for name, path in names.items():
            wheel.add(f"fuseline-{version}.data/data/{name}", path.read_bytes(), os.access(path, os.X_OK))
        wheel.add(f"{wheel.info}/LICENSE", (ROOT / "LICENSE").read_bytes())
        wheel.add(f"{wheel.info}/METADATA", metadata(version))
        wheel.add(f"{wheel.info}/WHEEL",
                  f"Wheel-Version: 1.0\nGenerator: fuseline\nRoot-Is-Purelib: false\nTag: {tag}\n".encode())
        wheel.close()
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", metavar="TREE", type=pathlib.Path, help="prefix of cmake --install")
    parser.add_argument("-o", "--output", metavar="FOLDER", type=pathlib.Path, default=pathlib.Path("."),
                        help="where the wheel goes (default: here)")
    arguments = parser.parse_args()
    try:
        print(make_wheel(arguments.tree.resolve(), arguments.output))
    except (Unfit, OSError) as error:
        sys.exit(f"make_wheel: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"make_wheel: {' '.join(map(str, error.cmd))} failed: {(error.stderr or '').strip()}")


if __name__ == "__main__":
    main()
