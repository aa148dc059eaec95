"""Tuned kernels as functions and modules of PyTorch, written by `fuseline export --format torch`; see README.md.

Every function takes tensors in the problem's order and scalars as keywords. What no kernel serves, PyTorch computes by
the formula, with one warning that says why.
"""

import os as _os
import re as _re
from typing import Any as _Any, Dict as _Dict, List as _List

_OLDEST = (2, 4)


def _check_torch() -> None:
    """ImportError with one sentence where PyTorch is missing or too old."""
    wanted = f"the package {__name__} needs PyTorch {_OLDEST[0]}.{_OLDEST[1]} or newer"
    try:
        import torch
    except ImportError as error:
        raise ImportError(f"{wanted}, and it cannot be imported: {error}") from None
    version = [int(each) for each in _re.findall(r"[0-9]+", torch.__version__)[:2]]
    if tuple(version) < _OLDEST:
        raise ImportError(f"{wanted}, and {torch.__version__} is installed")


_check_torch()

from ._compiler import Compiler as _Compiler  # noqa: E402
from ._functions import build as _build  # noqa: E402
from ._package import Package as _Package, PackageError  # noqa: E402
from ._plans import Planner as _Planner  # noqa: E402

_package = _Package(_os.path.dirname(_os.path.abspath(__file__)))
_made = _build(_package, _Planner(_package, _Compiler()), __name__)
_public = {name: value for name, value in _made.items() if not name.startswith("_")}
globals().update(_public)


def loaded() -> "_List[_Dict[str, _Any]]":
    """What was loaded so far: problem, dtype, dims, device, configuration, and where its image came from.

    `image` is shipped, cached (on disk) or compiled; `compile_s` are the seconds that took.
    """
    return [dict(each) for operator in _made["_operators"].values() for each in operator.loaded]


__all__ = [*_public, "PackageError", "loaded"]
