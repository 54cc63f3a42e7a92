"""Small pieces of Markdown that the tables are made of."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """A pipe table; `right` names the columns, counted from 0, that hold numbers."""
    rule = ["---:" if index in right else "---" for index in range(len(head))]
    lines = [head, rule, *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def hours(minutes: int) -> str:
    """Minutes as hours with one decimal."""
    return f"{minutes / 60:.1f}"


def usd(amount: float | None) -> str:
    """Two decimals, more if the amount has more; empty if unknown."""
    if amount is None:
        return ""
    return f"{amount:.2f}" if round(amount, 2) == amount else f"{amount:g}"


def runs(numbers: Sequence[int]) -> str:
    """`1, 2, 3, 7` as `1-3, 7`; two in a row stay apart."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in found)
