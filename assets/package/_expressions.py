"""Fuseline's arithmetic expressions: the same grammar, values and errors as the tuner's own evaluator.

Text is turned into instructions for a small stack machine, so that && || and ?: run only what they need and long
chains need no deep recursion. Every number is a float.
"""

import math
import re
from typing import List, Mapping, Tuple

MAXIMUM_LENGTH = 4096
MAXIMUM_NESTING = 64
MAXIMUM_INTEGER = 2.0**53  # Above it floats skip integers.


class ExpressionError(ValueError):
    """An expression that does not parse, names something unknown, or has no finite value."""


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ExpressionError("gives a number that is not finite")
    return value


def _divisor(value: float) -> float:
    if value == 0:
        raise ExpressionError("divides by zero")
    return value


def _natural(value: float) -> int:
    if not 0 <= value <= MAXIMUM_INTEGER or value != math.floor(value):
        raise ExpressionError("takes gcd or lcm of what is not a natural number")
    return int(value)


def _power(a: float, b: float) -> float:
    if a == 0 and b < 0:
        raise ExpressionError("divides by zero")
    try:
        return math.pow(a, b)
    except (OverflowError, ValueError):
        raise ExpressionError("gives a number that is not finite") from None


def _mod(a: float, b: float) -> float:
    """Takes the divisor's sign, so that mod(-1, 4) is 3."""
    rest = math.fmod(a, _divisor(b))
    return rest + b if rest != 0 and (rest < 0) != (b < 0) else rest


def _idiv(a: float, b: float) -> float:
    # a - mod(a, b) is a multiple of b, so the quotient of integers up to 2^53 is exact where a / b would round up.
    return float(math.floor(_finite((a - _mod(a, b)) / b + 0.5)))


def _cdiv(a: float, b: float) -> float:
    return _idiv(a, b) + (1.0 if _mod(a, b) != 0 else 0.0)


def _pow2ceil(a: float) -> float:
    if a > MAXIMUM_INTEGER:
        raise ExpressionError("takes pow2ceil of more than 2^53")
    power = 1.0
    while power < a:
        power *= 2
    return power


def _is_pow2(a: float) -> float:
    return 1.0 if a >= 1 and math.frexp(a)[0] == 0.5 else 0.0


def _log2(a: float) -> float:
    if not a > 0:
        raise ExpressionError("takes log2 of what is not positive")
    return math.log2(a)


def _sqrt(a: float) -> float:
    if a < 0:
        raise ExpressionError("takes sqrt of a negative number")
    return math.sqrt(a)


def _gcd(a: float, b: float) -> float:
    return float(math.gcd(_natural(a), _natural(b)))


def _lcm(a: float, b: float) -> float:
    divisor = _gcd(a, b)
    return 0.0 if divisor == 0 else _finite(a / divisor * b)


# Name: what it does, and how many arguments it takes (0: any number, one at least).
FUNCTIONS = {
    "cdiv": (_cdiv, 2),
    "idiv": (_idiv, 2),
    "mod": (_mod, 2),
    "min": (lambda *values: min(values), 0),
    "max": (lambda *values: max(values), 0),
    "pow2ceil": (_pow2ceil, 1),
    "log2": (_log2, 1),
    "abs": (math.fabs, 1),
    "floor": (lambda a: float(math.floor(a)), 1),
    "ceil": (lambda a: float(math.ceil(a)), 1),
    "sqrt": (_sqrt, 1),
    "is_pow2": (_is_pow2, 1),
    "gcd": (_gcd, 2),
    "lcm": (_lcm, 2),
}

# Operators of two operands by how tightly they bind; && and || are control flow, and ^ binds to the right.
_BINARY = [
    {
        "==": lambda a, b: float(a == b),
        "!=": lambda a, b: float(a != b),
        "<=": lambda a, b: float(a <= b),
        ">=": lambda a, b: float(a >= b),
        "<": lambda a, b: float(a < b),
        ">": lambda a, b: float(a > b),
    },
    {"+": lambda a, b: _finite(a + b), "-": lambda a, b: _finite(a - b)},
    {"*": lambda a, b: _finite(a * b), "/": lambda a, b: _finite(a / _divisor(b))},
]

_TOKEN = re.compile(
    r"[ \t]*(?:(?P<name>[A-Za-z_][A-Za-z0-9_.]*)(?P<call>\(?)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![A-Za-z0-9_.])"
    r"|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^<>?:,()]))"
)


def _tokens(text: str) -> List[Tuple[str, str]]:
    """(kind, text) of every token; the kind of a sign is the sign itself."""
    if len(text.encode()) > MAXIMUM_LENGTH:
        raise ExpressionError(f"is longer than {MAXIMUM_LENGTH} characters")
    found, at, end, depth = [], 0, len(text.rstrip(" \t")), 0
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"does not parse at position {at + 1}")
        at = match.end()
        if match["name"]:
            found.append(("call" if match["call"] else "name", match["name"]))
        elif match["number"]:
            found.append(("number", match["number"]))
        else:
            found.append((match["sign"], match["sign"]))
        depth += 1 if found[-1][0] in ("(", "call") else -1 if found[-1][0] == ")" else 0
        if depth > MAXIMUM_NESTING:
            raise ExpressionError(f"is nested more than {MAXIMUM_NESTING} deep")
    return found + [("end", "")]


class _Compiler:
    """Recursive descent from tokens to instructions (operation, operand)."""

    def __init__(self, text: str, scope: Mapping[str, float]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._scope = scope
        self.code: List[list] = []

    def compile(self) -> List[list]:
        self._choice()
        self._expect("end")
        return self.code

    def _kind(self) -> str:
        return self._tokens[self._at][0]

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _expect(self, kind: str) -> None:
        if self._kind() != kind:
            raise ExpressionError(f"does not parse: {self._tokens[self._at][1] or 'its end'} was not expected")
        self._at += 1

    def _emit(self, operation: str, operand: object = None) -> list:
        self.code.append([operation, operand])
        return self.code[-1]

    def _choice(self) -> None:
        """a ? b : c, of which c may be another choice."""
        ends = []
        while True:
            self._logic("||", "jump_if", lambda: self._logic("&&", "jump_unless", lambda: self._binary(0)))
            if self._kind() != "?":
                break
            self._take()
            otherwise = self._emit("choose")
            self._choice()
            self._expect(":")
            ends.append(self._emit("jump"))
            otherwise[1] = len(self.code)
        for end in ends:
            end[1] = len(self.code)

    def _logic(self, sign: str, jump: str, operand) -> None:
        """a && b and a || b: 1 or 0, and b is run only where a does not settle it."""
        operand()
        jumps = []
        while self._kind() == sign:
            self._take()
            jumps.append(self._emit(jump))
            operand()
            self._emit("truth")
        for each in jumps:
            each[1] = len(self.code)

    def _binary(self, level: int) -> None:
        if level == len(_BINARY):
            return self._signed()
        self._binary(level + 1)
        while self._kind() in _BINARY[level]:
            operator = _BINARY[level][self._take()]
            self._binary(level + 1)
            self._emit("apply", (operator, 2))
        return None

    def _signed(self) -> None:
        """A sign binds less than ^: -2^2 is -4, and 2^-2^2 is 2^(-(2^2))."""
        sign = self._take() if self._kind() in ("-", "+") else ""
        powers = []
        while True:
            powers.append(sign)
            self._primary()
            if self._kind() != "^":
                break
            self._take()
            sign = self._take() if self._kind() in ("-", "+") else ""
        for position in range(len(powers) - 1, -1, -1):
            if powers[position] == "-":
                self._emit("apply", (lambda a: -a, 1))
            if position > 0:
                self._emit("apply", (_power, 2))

    def _primary(self) -> None:
        kind = self._kind()
        text = self._take()
        if kind == "number":
            self._emit("push", float(text))
        elif kind == "name":
            if text not in self._scope:
                raise ExpressionError(f'has the unknown name "{text}"')
            self._emit("push", float(self._scope[text]))
        elif kind == "call":
            self._call(text)
        elif kind == "(":
            self._choice()
            self._expect(")")
        else:
            raise ExpressionError(f"does not parse: an operand is missing before {text or 'its end'}")

    def _call(self, name: str) -> None:
        if name not in FUNCTIONS:
            raise ExpressionError(f'has the unknown function "{name}"')
        function, wanted = FUNCTIONS[name]
        count = 1
        self._choice()
        while self._kind() == ",":
            self._take()
            self._choice()
            count += 1
        self._expect(")")
        if wanted not in (0, count):
            raise ExpressionError(f"gives {name} {count} arguments, and it takes {wanted}")
        self._emit("apply", (function, count))


def _run(code: List[list]) -> float:
    stack: List[float] = []
    at = 0
    while at < len(code):
        operation, operand = code[at]
        at += 1
        if operation == "push":
            stack.append(operand)
        elif operation == "apply":
            function, count = operand
            stack[-count:] = [function(*stack[-count:])]
        elif operation == "truth":
            stack[-1] = float(stack[-1] != 0)
        elif operation == "jump":
            at = operand
        elif operation == "choose":
            at = at if stack.pop() != 0 else operand
        elif (stack[-1] != 0) == (operation == "jump_if"):  # The first operand settles it.
            stack[-1] = float(stack[-1] != 0)
            at = operand
        else:
            stack.pop()
    return _finite(stack[-1])


def evaluate(text: str, scope: Mapping[str, float]) -> float:
    """The value of `text` over the names of `scope`; ExpressionError where it has none."""
    try:
        return _run(_Compiler(text, scope).compile())
    except ExpressionError as error:
        raise ExpressionError(f'expression "{text[:200]}" {error}') from None
    except RecursionError:
        raise ExpressionError(f'expression "{text[:200]}" is nested too deeply') from None


def evaluate_integer(text: str, scope: Mapping[str, float], minimum: int = 0) -> int:
    """The same, where the value must be whole (within 1e-9), at least `minimum` and at most 2^53."""
    value = evaluate(text, scope)
    whole = round(value)
    if abs(value - whole) > 1e-9:
        raise ExpressionError(f'expression "{text[:200]}" gives {value}, which is not an integer')
    if not minimum <= whole <= MAXIMUM_INTEGER:
        raise ExpressionError(f'expression "{text[:200]}" gives {whole}, which is not in {minimum} to 2^53')
    return whole
