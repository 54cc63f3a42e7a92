"""What lab 04's hidden checks draw: sums, and what the calculator must refuse."""

from __future__ import annotations

import random

REFUSED = [
    *("", "   ", "2 +", "2 3", "(2", "2 * * 3", "x = 2", "2; 3", "#"),
    *("pi", "__builtins__", "abs(2)", "().__class__", "[2][0]", "(1, 2)", "{1: 2}[1]", "{2}", "lambda: 2"),
    *("True + 1", "None", "...", "'2' * 2", "b'2'", "f'{2}'", "2j", "[i for i in (2,)]"),
    *("2 < 3", "2 == 2", "1 and 2", "not 2", "~2", "7 // 2", "7 % 2", "2 ^ 3", "2 << 3", "6 & 3", "6 | 3", "2 @ 3"),
    *("2 if 1 else 3", "(y := 2)", "*2", "$2", "2,"),
]
TOO_LARGE = ["9 ** 9 ** 9", "1e999", "-1e999", "1e200 * 1e200", "10 ** 400", "1e999 - 1e999"]


def drawn_sum(rng: random.Random, depth: int = 3) -> tuple[str, float]:
    """Return an expression that stays small, and its value."""
    if depth == 0:
        number = rng.choice([rng.randrange(1, 20), round(rng.uniform(0.1, 9.9), 1)])
        return str(number), float(number)
    (left, one), (right, two) = drawn_sum(rng, depth - 1), drawn_sum(rng, rng.randrange(depth))
    sign = rng.choice("+-*")
    value = {"+": one + two, "-": one - two, "*": one * two}[sign]
    if two > 0.01 and rng.random() < 0.3:
        sign, value = "/", one / two
    return f"({left} {sign} ({right}))", value
