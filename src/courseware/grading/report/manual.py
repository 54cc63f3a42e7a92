"""How far grading by hand has come, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

from courseware.grading.report.book import Book, CellScore


@dataclass(frozen=True)
class ManualProgress:
    """A cell that a person grades: to how many learners points were given, how many, and how much still waits.

    The rest left it as it was, which is 0 without a person.
    """

    cell: str
    points: float
    given: int
    given_points: float
    left: int
    left_points: float
    unanswered: int


def manual_progress(book: Book) -> list[ManualProgress]:
    """Each cell that is graded by hand, and each check that failed or was corrected by hand."""
    by_cell: dict[str, list[CellScore]] = {}
    for row in book.rows:
        for score in row.scores or ():
            by_cell.setdefault(score.cell, []).append(score)
    return [_progress(cell, by_cell[cell]) for cell in by_cell if any(map(_is_by_hand, by_cell[cell]))]


def _is_by_hand(score: CellScore) -> bool:
    return score.by_hand or score.waiting or score.manual is not None


def _progress(cell: str, scores: list[CellScore]) -> ManualProgress:
    points = max(score.points for score in scores)
    given = [score.manual for score in scores if score.manual is not None]
    left = sum(score.waiting for score in scores)
    unanswered = sum(score.by_hand and score.manual is None and not score.waiting for score in scores)
    return ManualProgress(cell, points, len(given), round(sum(given), 4), left, left * points, unanswered)
