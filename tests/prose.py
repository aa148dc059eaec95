#!/usr/bin/env python3
"""Whether every Markdown file has lines of at most 120 columns and tables of few words; `tests/prose.py -i` wraps.

Paragraphs, quotations and items of lists are wrapped. Code is left as it is, and found where it is too wide. A row of
a table may be wider only for a link or an address in it. What tests write into a file, between <!-- NAME --> and
<!-- end of NAME -->, is theirs.
Exit 1: something was found; each is named with its file and line."""

import argparse
import pathlib
import re
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = 120
WORDS_IN_A_CELL = 16
ITEM = re.compile(r"^(\s*)([-*+]|\d+\.)(\s+)")
WRITTEN_BY_TESTS = re.compile(r"^<!-- (?!end of )(.+) -->$")
LINK = re.compile(r"\[[^\]]*\]\([^)]*\)|https?://\S+")


class Block:
    """Lines that belong together, and what they are: text, table, code, or other (headings, blank lines, comments)."""

    def __init__(self, kind, number, lines):
        self.kind = kind
        self.number = number
        self.lines = lines


def kind_of(line, in_item):
    if not line.strip() or line.startswith(("#", "<!--", "![", "---")):
        return "other"
    if line.lstrip().startswith("|"):
        return "table"
    if line.startswith("    ") and not in_item:
        return "code"
    return "text"


def blocks(lines):
    """The file in blocks; an item of a list is a block of its own."""
    made, index, in_item = [], 0, False
    while index < len(lines):
        line, start = lines[index], index
        fence = re.match(r"^\s*(```+|~~~+)", line)
        tests = WRITTEN_BY_TESTS.match(line)
        if fence or tests:
            end = f"<!-- end of {tests.group(1)} -->" if tests else fence.group(1)
            index += 1
            while index < len(lines) and not lines[index].strip().startswith(end):
                index += 1
            index += 1
            made.append(Block("other" if tests else "code", start + 1, lines[start:index]))
            continue
        if ITEM.match(line):
            in_item = True
        elif line.strip() and not line.startswith(" "):
            in_item = False
        kind = kind_of(line, in_item)
        index += 1
        while kind == "text" and index < len(lines):
            following = lines[index]
            if kind_of(following, True) != "text" or ITEM.match(following) or re.match(r"^\s*(```|~~~)", following):
                break
            index += 1
        made.append(Block(kind, start + 1, lines[start:index]))
    return made


def wrapped(block):
    """The block's text in lines of at most 120 columns; links and code stay whole."""
    first = block.lines[0]
    item = ITEM.match(first)
    quote = re.match(r"^(>\s*)+", first)
    if item:
        lead, rest = item.group(0), " " * len(item.group(0))
    elif quote:
        lead = rest = quote.group(0)
    else:
        lead = rest = first[: len(first) - len(first.lstrip())]
    words = " ".join([first[len(lead):]] + [line.lstrip("> ") if quote else line.strip() for line in block.lines[1:]])
    # What is code in a line is one word, so that a command is not broken; a space in it is put back afterwards.
    words = re.sub(r"`[^`]+`", lambda code: code.group(0).replace(" ", "\0"), words)
    # A sign or number at a line's beginning would start a list.
    words = re.sub(r" ([-+*]|\d+\.) ", "\0\\1 ", words)
    wrapper = textwrap.TextWrapper(COLUMNS, initial_indent=lead, subsequent_indent=rest, break_long_words=False,
                                   break_on_hyphens=False)
    made = wrapper.wrap(words)
    if any(len(line) > COLUMNS for line in made):
        made = wrapper.wrap(words.replace("\0", " "))
    return [line.replace("\0", " ") for line in made]


def complaints(block):
    """What is wrong with a block: (line, reason)."""
    found = []
    for offset, line in enumerate(block.lines):
        where = block.number + offset
        if block.kind == "table":
            for cell in re.split(r"(?<!\\)\|", line):
                words = len(cell.split())
                if words > WORDS_IN_A_CELL:
                    found.append((where, f"a cell of {words} words, more than {WORDS_IN_A_CELL}; make it a list"))
            if len(line) > COLUMNS and not LINK.search(line):
                found.append((where, f"a row of {len(line)} columns, more than {COLUMNS}"))
        elif block.kind in ("text", "code") and len(line) > COLUMNS:
            single = len(line.split()) <= 2 and LINK.search(line)
            if not single:
                found.append((where, f"{len(line)} columns, more than {COLUMNS}"))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-i", action="store_true", dest="in_place", help="wrap what is too wide")
    parser.add_argument("files", nargs="*", metavar="FILE", help="default: every *.md that git knows or would add")
    options = parser.parse_args()
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True,
                            text=True, check=True)
    found = 0
    for name in options.files or listed.stdout.split("\n"):
        path = ROOT / name
        if not name or not path.exists():
            continue
        parts = blocks(path.read_text(encoding="utf-8").splitlines())
        if options.in_place:
            for block in parts:
                if block.kind == "text" and complaints(block):
                    block.lines = wrapped(block)
            path.write_text("\n".join(line for block in parts for line in block.lines) + "\n", encoding="utf-8")
            parts = blocks(path.read_text(encoding="utf-8").splitlines())
        for where, reason in (one for block in parts for one in complaints(block)):
            print(f"{name}:{where}: {reason}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
