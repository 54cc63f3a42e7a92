"""Progress as one HTML page: no script, no request, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from courseware.learner.display import escape
from courseware.learner.report import counts, short, title_of
from courseware.learner.tally import Progress, WeekProgress, to_review

if TYPE_CHECKING:
    from courseware.manifest import Course

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --quiet: #57606a; --edge: #d0d7de; --bar: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --quiet: #9da7b1; --edge: #3d444d; --bar: #56b4e9; }
}
body { background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
.wide { overflow-x: auto; }
th, td { border-bottom: 1px solid var(--edge); padding: .4rem .6rem; text-align: left; vertical-align: top; }
thead th { color: var(--quiet); font-weight: 600; }
progress { accent-color: var(--bar); width: 100%; }
p.quiet { color: var(--quiet); }
"""


def progress_html(progress: Progress, course: Course | None = None) -> str:
    """The page: what is done, points, time, and what to review next. The same progress gives the same page."""
    title = escape(course.title) if course else "The course"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your progress: {title}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Your progress</h1>
{_total(progress, course)}
{_weeks(progress, course)}
<h2>To review next</h2>
{_reviews(progress)}
<p class="quiet">Points are the best of your own visible checks. Minutes are the time between two things you did,
without pauses over 20 minutes.</p>
</body>
</html>
"""


def _total(progress: Progress, course: Course | None) -> str:
    handed_in = sum(bool(week.submitted) for week in progress.weeks.values())
    minutes = sum(week.minutes for week in progress.weeks.values())
    points = sum(week.points for week in progress.weeks.values())
    of = f" of {len(course.weeks)}" if course else ""
    bar = ""
    if course:
        bar = f'<p><progress max="{len(course.weeks)}" value="{handed_in}" aria-label="Labs handed in"></progress></p>'
    return f"<p>{handed_in}{of} labs handed in · {points:g} points · {minutes / 60:.1f} hours</p>{bar}"


def _weeks(progress: Progress, course: Course | None) -> str:
    if not progress.weeks:
        return "<p>Nothing recorded yet.</p>"
    heads = "".join(f'<th scope="col">{heading}</th>' for heading in ("Week", *counts(WeekProgress(""))))
    rows = "\n".join(_row(week, title_of(name, course)) for name, week in progress.weeks.items())
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="Weeks"><table><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _row(week: WeekProgress, title: str) -> str:
    name = f"{escape(short(week.week))}<br>{escape(title)}"
    cells = "".join(f"<td>{escape(text)}</td>" for text in counts(week).values())
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _reviews(progress: Progress) -> str:
    items = to_review(progress)
    if not items:
        return "<p>Nothing to review.</p>"
    listed = "\n".join(
        f"<li>{escape(short(item.week))}, {escape(item.what)}: {escape(item.why)}</li>" for item in items
    )
    return f"<ul>\n{listed}\n</ul>"
