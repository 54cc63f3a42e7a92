"""`hint` and `reveal`: help with an exercise, one step at a time, and its worked answer after an attempt."""

from __future__ import annotations

from courseware.learner import progress
from courseware.learner.display import Piece, card, code_block, details, prose, show
from courseware.learner.errors import UnknownItemError
from courseware.learner.notebook import current_week_id, is_static, practice
from courseware.learner.practice import HINT_STEPS, Exercise

_STEP_NAMES = ("a reminder", "an approach", "almost the code")


def hint(name: str, step: int | None = None) -> None:
    """Open the next hint for the exercise called `name`, or the one with this `step`, 1 to 3. It costs nothing.

    Raises `UnknownItemError` for a name or a step that practice.toml does not have.
    """
    exercise = practice().exercise(name)
    if step is not None and step not in range(1, HINT_STEPS + 1):
        raise UnknownItemError(f"exercise {name!r} has no hint step {step!r}; steps are 1 to {HINT_STEPS}")
    if is_static():
        show(_ladder(exercise))
        return
    opened = progress.state().week(current_week_id()).hints.get(name, 0)
    wanted = min(opened + 1, HINT_STEPS) if step is None else step
    progress.record("hint", name, step=wanted)
    show(_steps(exercise, wanted))


def reveal(name: str) -> None:
    """Show the worked answer of the exercise called `name`, once an attempt at it was checked.

    Raises `UnknownItemError` for a name that practice.toml does not have.
    """
    exercise = practice().exercise(name)
    if exercise.answer is None:
        show(_note(f'There is no worked answer for {name}. For a hint: hint("{name}")'))
    elif is_static():
        body = details("A worked answer, for after your own attempt", _answer_html(exercise.answer))
        show(Piece(card(f"Worked answer of {name}", body), f"{name}: a worked answer opens after an attempt."))
    elif name not in progress.state().week(current_week_id()).exercises:
        show(_note(f'Try {name} first: write an answer and run its check, and this opens. For a hint: hint("{name}")'))
    else:
        progress.record("reveal", name)
        body = f"<strong>One way to do it</strong>{_answer_html(exercise.answer)}"
        show(Piece(card(f"Worked answer of {name}", body), f"One way to do it:\n{exercise.answer.strip()}"))


def _steps(exercise: Exercise, step: int) -> Piece:
    """The hint of this step, open, and the ones before it, closed."""
    earlier = "".join(details(_title(number), prose(exercise.hints[number - 1])) for number in range(1, step))
    body = f"{earlier}<strong>{_title(step)}</strong>{prose(exercise.hints[step - 1])}"
    return Piece(card(f"Hint for {exercise.id}", body), f"{_title(step)}\n{exercise.hints[step - 1].strip()}")


def _ladder(exercise: Exercise) -> Piece:
    steps = "".join(details(_title(number), prose(text)) for number, text in enumerate(exercise.hints, 1))
    text = f'{HINT_STEPS} hints for {exercise.id}: run hint("{exercise.id}") to open them one by one.'
    return Piece(card(f"Hints for {exercise.id}", steps), text)


def _title(step: int) -> str:
    return f"Hint, step {step} of {HINT_STEPS}: {_STEP_NAMES[step - 1]}"


def _answer_html(answer: str) -> str:
    return prose(answer) if "```" in answer else code_block(answer.strip("\n"))


def _note(text: str) -> Piece:
    return Piece(card("Note", prose(text)), text)
