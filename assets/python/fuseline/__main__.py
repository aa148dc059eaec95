"""`python -m fuseline ...` is `fuseline ...` of this environment."""

import os
import sys

from fuseline import program

path = program()
os.execv(path, [path, *sys.argv[1:]])
