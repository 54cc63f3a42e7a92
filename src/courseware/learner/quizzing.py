"""`quiz`: the lesson's questions, one at a time or all together, with every option explained after an answer."""

from __future__ import annotations

from collections.abc import Mapping

from courseware.learner import progress
from courseware.learner.choices import buttons_work, chosen, show_buttons
from courseware.learner.display import (
    Piece,
    card,
    details,
    joined,
    lettered,
    lettered_text,
    line,
    listed,
    prose,
    show,
)
from courseware.learner.notebook import current_week_id, is_static, practice
from courseware.learner.practice import LETTERS, Practice, QuizItem


def quiz(name: str | None = None, answer: object = None) -> None:
    """Show the whole quiz, or the item called `name`; with `answer`, an option's number or letter, answer it.

    An answered item shows which option is right and why each is or is not, also the next time.
    Raises `UnknownItemError` for a name or an option that practice.toml does not have.
    """
    known = practice()
    items = known.quiz if name is None else (known.quiz_item(name),)
    if answer is not None and name is not None:
        item = items[0]
        index = chosen(answer, [option.text for option in item.options], what=f"quiz item {name!r}", numbered=True)
        show(_answered_now(known, item, index))
    elif is_static():
        show(joined([_static(known, item) for item in items] or [_nothing()]))
    else:
        _ask_all(known, items)


def _ask_all(known: Practice, items: tuple[QuizItem, ...]) -> None:
    """Show each item, with buttons where nobody has answered it yet; without buttons, all in one display.

    The count stands below the last press; one at the end would be out of date after the first.
    """
    given, clickable = _given(known), buttons_work()
    pieces: list[Piece] = []
    for item in items:
        if item.id in given:
            pieces.append(_review(known, item, given[item.id]))
            continue
        pieces.append(_question(known, item))
        if clickable:
            show(joined(pieces))
            _show_buttons(known, item)
            pieces = []
    if not clickable or all(item.id in given for item in items):
        pieces.append(_counter(known) if known.quiz else _nothing())
    if pieces:
        show(joined(pieces))


def _show_buttons(known: Practice, item: QuizItem) -> None:
    def pressed(index: int) -> Piece:
        return _answered_now(known, item, index)

    show_buttons(item.question, [option.text for option in item.options], pressed)


def _answered_now(known: Practice, item: QuizItem, index: int) -> Piece:
    option = item.options[index]
    progress.record("quiz", item.id, answer=option.text, right=option.right)
    return joined([_review(known, item, index), _counter(known)])


def _given(known: Practice) -> Mapping[str, int]:
    """The option each item was last answered with. An answer whose option was rewritten since does not count."""
    answers = progress.state().week(current_week_id()).quiz
    found = {}
    for item in known.quiz:
        texts = [option.text for option in item.options]
        if item.id in answers and answers[item.id].text in texts:
            found[item.id] = texts.index(answers[item.id].text)
    return found


def _title(known: Practice, item: QuizItem) -> str:
    return f"Question {known.quiz.index(item) + 1} of {len(known.quiz)}"


def _question(known: Practice, item: QuizItem) -> Piece:
    texts = [option.text for option in item.options]
    how = f'Type `quiz("{item.id}", 1)`, with the number or letter of your option.'
    body = f"{_asked(known, item)}{lettered(texts)}<div>{line(how)}</div>"
    text = f"{_title(known, item)}: {item.question}\n{lettered_text(texts)}\n{how.replace('`', '')}"
    return Piece(card(_title(known, item), body), text)


def _static(known: Practice, item: QuizItem) -> Piece:
    options = "".join(
        details(f"{letter}. {option.text}", prose(f"{'Right' if option.right else 'Not this one'}: {option.why}"))
        for letter, option in zip(LETTERS, item.options, strict=False)
    )
    text = f"{_title(known, item)}: {item.question}\n{lettered_text(option.text for option in item.options)}"
    return Piece(card(_title(known, item), _asked(known, item) + options), text)


def _review(known: Practice, item: QuizItem, index: int) -> Piece:
    """The item with the learner's option marked and every option explained."""
    rows, lines = [], []
    for number, option in enumerate(item.options):
        marks = (["your answer"] if number == index else []) + (["right"] if option.right else [])
        mark = f" ({', '.join(marks)})" if marks else ""
        rows.append(f"<strong>{LETTERS[number]}. {line(option.text)}{mark}</strong>{prose(option.why)}")
        lines.append(f"  {LETTERS[number]}. {option.text}{mark}\n     {option.why}")
    verdict = "Right." if item.options[index].right else f"Not this one: {LETTERS[_right_index(item)]} is right."
    body = f"{_asked(known, item)}<div><strong>{verdict}</strong></div>{listed(rows)}"
    text = "\n".join([f"{_title(known, item)}: {item.question}", verdict, *lines])
    return Piece(card(_title(known, item), body, "right" if item.options[index].right else "wrong"), text)


def _counter(known: Practice) -> Piece:
    given = _given(known)
    right = sum(item.options[given[item.id]].right for item in known.quiz if item.id in given)
    text = f"{len(given)} of {len(known.quiz)} answered, {right} right."
    if len(given) == len(known.quiz):
        text += " Run quiz() to read every answer again."
    return Piece(f'<div style="margin:.3em 0">{text}</div>', text)


def _asked(known: Practice, item: QuizItem) -> str:
    return f"<strong>{_title(known, item)}</strong>{prose(item.question)}"


def _right_index(item: QuizItem) -> int:
    return item.options.index(item.right)


def _nothing() -> Piece:
    text = "This notebook has no quiz."
    return Piece(f"<div>{text}</div>", text)
