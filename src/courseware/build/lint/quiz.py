"""Rules about practice files: every entry whole, and no quiz that can be passed by its looks."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from courseware.build.answers import cut
from courseware.build.lint.modules import parsed
from courseware.build.lint.practice import HINTS, Entry
from courseware.build.lint.problem import Problem
from courseware.build.lint.tree import Tree

OPTIONS = (3, 5)
LONGEST_SHARE = 0.4


def practice_is_whole(tree: Tree) -> Iterator[Problem]:
    """Predictions are answered among their options, items have one right option and explain all, hints are three."""
    for part in tree.parts:
        for entry in part.practice.entries:
            for wrong in _MENDING[entry.kind](entry):
                yield part.practice.problem(entry, wrong)
        for (kind, name), times in Counter((entry.kind, entry.id) for entry in part.practice.entries).items():
            if times > 1:
                yield Problem(part.practice.file, 1, f"{times} entries {kind} {name!r}; give each its own id")


def right_options_are_spread(tree: Tree) -> Iterator[Problem]:
    """No position holds more than half of a lesson's right options."""
    for lesson in tree.lessons:
        quiz = lesson.practice.of_kind("quiz")
        places = Counter(place for entry in quiz for place, option in enumerate(entry.options, 1) if option.right)
        for place, count in places.items():
            if count > len(quiz) / 2:
                wrong = f"{count} of {len(quiz)} right options stand at position {place}; move some, half at most"
                yield Problem(lesson.practice.file, 1, wrong)


def right_options_are_not_the_longest(tree: Tree) -> Iterator[Problem]:
    """The right option is longer than all others in at most 40 % of a lesson's items."""
    for lesson in tree.lessons:
        quiz = lesson.practice.of_kind("quiz")
        longest = [entry.id for entry in quiz if _right_is_longest(entry)]
        if len(longest) > LONGEST_SHARE * len(quiz):
            wrong = f"the right option is the longest in {len(longest)} of {len(quiz)} items, {', '.join(longest)}"
            yield Problem(lesson.practice.file, 1, f"{wrong}; shorten it, or write fuller wrong ones, 40 % at most")


def hints_keep_the_graders_rules(tree: Tree) -> Iterator[Problem]:
    """No hint names what a hidden check tests in the check's own words, unless the lab's text names it too."""
    for lab in tree.labs:
        path = lab.place.graders / "hidden.py"
        source = path.read_text(encoding="utf-8") if path.is_file() else ""
        told = "\n".join(cut(cell.text) for cell in lab.cells)
        words = [(text, re.compile(rf"\b{re.escape(text)}\b", re.IGNORECASE)) for text in _categories(source)]
        secret = [(text, pattern) for text, pattern in words if not pattern.search(told)]
        for entry in lab.practice.of_kind("exercise"):
            for category, pattern in secret:
                if any(pattern.search(hint) for hint in entry.texts("hints")):
                    wrong = f"a hint names a hidden check's category: {category!r}; say it in other words"
                    yield lab.practice.problem(entry, wrong)


def _prediction_problems(entry: Entry) -> Iterator[str]:
    options = entry.texts("options")
    if entry.text("answer") not in [option.strip() for option in options]:
        yield f"the answer {entry.text('answer')!r} is none of its options: {', '.join(options)}; copy one"
    yield from (f"no {key}; write it" for key in ("question", "why") if not entry.text(key))


def _exercise_problems(entry: Entry) -> Iterator[str]:
    hints = [hint for hint in entry.texts("hints") if hint.strip()]
    if len(hints) != HINTS:
        yield f"{len(hints)} hints, not {HINTS}; write a reminder, an approach and near-miss code"


def _item_problems(entry: Entry) -> Iterator[str]:
    options = entry.options
    if not entry.text("question"):
        yield "no question; write it"
    if not OPTIONS[0] <= len(options) <= OPTIONS[1]:
        yield f"{len(options)} options, not {OPTIONS[0]} to {OPTIONS[1]}; add or remove some"
    right = sum(option.right for option in options)
    if right != 1:
        yield f"{right} right options, not 1; mark exactly one with right = true"
    for number, option in enumerate(options, 1):
        if not option.text or not option.why:
            yield f"option {number} has no {'why' if option.text else 'text'}; write it"


_MENDING = {"predict": _prediction_problems, "exercise": _exercise_problems, "quiz": _item_problems}


def _right_is_longest(entry: Entry) -> bool:
    right = [len(option.text) for option in entry.options if option.right]
    wrong = [len(option.text) for option in entry.options if not option.right]
    return bool(right and wrong) and right[0] > max(wrong)


def _categories(source: str) -> list[str]:
    """The categories of a module's cases, each once."""
    found = {
        keyword.value.value
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "case"
        for keyword in node.keywords
        if keyword.arg == "category"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }
    return sorted(found)
