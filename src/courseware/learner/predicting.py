"""`predict`: a question before a surprise. It counts for being answered, not for being right."""

from __future__ import annotations

from courseware.learner import progress
from courseware.learner.choices import chosen, show_buttons
from courseware.learner.display import Piece, card, details, lettered, lettered_text, line, prose, show
from courseware.learner.notebook import current_week_id, is_static, practice
from courseware.learner.practice import Prediction


def predict(name: str, answer: object = None) -> None:
    """Ask the prediction called `name`; with `answer`, an option's text or letter, answer it.

    The answer is shown once one has been given, and on a static page when the reader opens it.
    Raises `UnknownItemError` for a name or an option that practice.toml does not have.
    """
    prediction = practice().prediction(name)
    if answer is not None:
        index = chosen(answer, prediction.options, what=f"prediction {name!r}", numbered=False)
        show(_answered(prediction, prediction.options[_recorded(prediction, index)]))
    elif is_static():
        show(_static(prediction))
    else:
        _ask(prediction)


def _ask(prediction: Prediction) -> None:
    earlier = progress.state().week(current_week_id()).predictions.get(prediction.id)
    if earlier is not None and earlier.text in prediction.options:
        show(_answered(prediction, earlier.text))
        return
    show(_question(prediction))

    def pressed(index: int) -> Piece:
        return _result(prediction, prediction.options[_recorded(prediction, index)])

    show_buttons(prediction.question, prediction.options, pressed)


def _recorded(prediction: Prediction, index: int) -> int:
    answer = prediction.options[index]
    progress.record("prediction", prediction.id, answer=answer, right=answer == prediction.answer)
    return index


def _question(prediction: Prediction) -> Piece:
    call = f'predict("{prediction.id}", "A")'
    how = f"Type `{call}`, with your own letter. It counts when answered, right or not."
    return Piece(
        card("Prediction", f"{_asked(prediction)}{lettered(prediction.options)}<div>{line(how)}</div>"),
        f"Predict: {prediction.question}\n{lettered_text(prediction.options)}\n{how.replace('`', '')}",
    )


def _static(prediction: Prediction) -> Piece:
    answer = f"<div><strong>{line(prediction.answer)}</strong></div>{prose(prediction.why)}"
    body = f"{_asked(prediction)}{lettered(prediction.options)}{details('Answer', answer)}"
    return Piece(card("Prediction", body), f"Predict: {prediction.question}\n{lettered_text(prediction.options)}")


def _answered(prediction: Prediction, answer: str) -> Piece:
    result = _result(prediction, answer)
    return Piece(card("Prediction", _asked(prediction)) + result.html, f"Predict: {prediction.question}\n{result.text}")


def _result(prediction: Prediction, answer: str) -> Piece:
    right = answer == prediction.answer
    verdict = "Right." if right else f"Not this time: it is `{prediction.answer}`."
    said = f"You said `{answer}`. {verdict}"
    body = f"<div><strong>{line(said)}</strong></div>{prose(prediction.why)}"
    return Piece(
        card("Answer to the prediction", body, "right" if right else "wrong"),
        f"{said.replace('`', '')}\n{prediction.why}",
    )


def _asked(prediction: Prediction) -> str:
    return f"<strong>Predict</strong>{prose(prediction.question)}"
