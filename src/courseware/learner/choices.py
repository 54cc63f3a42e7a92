"""Asking for one of several options: matching what was typed, and buttons where a front end can show them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from courseware.learner.display import Piece
from courseware.learner.errors import UnknownItemError
from courseware.learner.notebook import active_shell, is_static
from courseware.learner.practice import LETTERS

_LONGEST_BUTTON = 30


def chosen(typed: object, options: Sequence[str], *, what: str, numbered: bool) -> int:
    """The index of the option that `typed` names, by its text or letter, or (if `numbered`) by its number from 1.

    Raises `UnknownItemError` naming `what` and the options.
    """
    if numbered and isinstance(typed, int) and not isinstance(typed, bool) and 1 <= typed <= len(options):
        return typed - 1
    wanted = str(typed).strip()
    texts = [option.casefold() for option in options]
    if wanted in options:
        return list(options).index(wanted)
    if texts.count(wanted.casefold()) == 1:
        return texts.index(wanted.casefold())
    letters = LETTERS[: len(options)]
    if len(wanted) == 1 and wanted.upper() in letters:
        return letters.index(wanted.upper())
    if numbered and wanted.isdecimal() and 1 <= int(wanted) <= len(options):
        return int(wanted) - 1
    known = f"a number from 1 to {len(options)} or a letter from A to {letters[-1]}"
    if not numbered:
        known = ", ".join(f"{letter} {option!r}" for letter, option in zip(letters, options, strict=True))
    raise UnknownItemError(f"{what} has no option {typed!r}; choose {known}")


def buttons_work() -> bool:
    """Whether a button could be pressed: not on a built page, in a terminal or in a kernel without ipywidgets."""
    return _widgets() is not None


def show_buttons(label: str, options: Sequence[str], on_choice: Callable[[int], Piece]) -> None:
    """Show one button an option, and below them what `on_choice` gives for the one that was pressed.

    Shows nothing where `buttons_work` is false.
    """
    widgets = _widgets()
    if widgets is None:
        return
    from IPython.display import display

    buttons = widgets.ToggleButtons(
        options=[(_caption(index, options), index) for index in range(len(options))],
        value=None,
        tooltips=list(options),
        tooltip=label,
    )
    result = widgets.HTML()

    def pressed(change: dict[str, Any]) -> None:
        if change["new"] is not None:
            result.value = f'<div role="status">{on_choice(change["new"]).html}</div>'

    buttons.observe(pressed, names="value")
    display(widgets.VBox([buttons, result]))


def _caption(index: int, options: Sequence[str]) -> str:
    longest = max(map(len, options))
    return LETTERS[index] if longest > _LONGEST_BUTTON else f"{LETTERS[index]}. {options[index]}"


def _widgets() -> Any | None:
    shell = active_shell()
    if is_static() or type(shell).__name__ != "ZMQInteractiveShell":
        return None
    try:
        return importlib.import_module("ipywidgets")
    except ImportError:
        return None
