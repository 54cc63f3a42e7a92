"""What the course asks of its own sources: `lint` names every place that breaks a rule of the guides.

Each rule is a function from the sources to problems; its name in a message is the function's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from courseware.build.lint import (
    cards,
    files,
    imports,
    leaks,
    lessons,
    links,
    modules,
    offline,
    points,
    quiz,
    recordings,
    sizes,
    words,
)
from courseware.build.lint.problem import Problem, Rule
from courseware.build.lint.tree import Tree
from courseware.manifest import Course

__all__ = ["RULES", "Problem", "Tree", "broken", "lint"]

_RULES: tuple[Rule, ...] = (
    files.sources_can_be_read,
    files.ready_weeks_have_their_files,
    files.labs_have_planted_answers,
    files.planted_answers_fit_their_lab,
    files.folders_belong_to_weeks,
    cards.cards_have_their_form,
    cards.tasks_have_one_card,
    cards.card_points_add_up,
    cards.card_minutes_fit,
    cards.headers_repeat_the_manifest,
    points.points_are_the_manifests,
    points.tasks_have_their_checks,
    points.checks_match_their_cells,
    points.exercises_have_their_checks,
    sizes.lessons_have_their_length,
    sizes.labs_have_their_length,
    sizes.cells_are_short,
    sizes.notebooks_are_small,
    sizes.repository_is_small,
    modules.modules_can_be_parsed,
    modules.modules_are_short,
    modules.functions_are_short,
    offline.nothing_is_installed,
    offline.nothing_is_downloaded,
    offline.paths_are_relative,
    offline.images_are_committed,
    offline.set_up_comes_first,
    words.models_are_not_dated,
    words.prose_is_calm,
    words.nothing_is_simple,
    words.machines_are_not_named,
    lessons.lessons_state_objectives,
    lessons.objectives_are_tested,
    lessons.lessons_have_their_parts,
    lessons.quizzes_have_their_length,
    lessons.practice_is_used,
    quiz.practice_is_whole,
    quiz.right_options_are_spread,
    quiz.right_options_are_not_the_longest,
    quiz.hints_keep_the_graders_rules,
    leaks.no_marks_are_released,
    leaks.no_solutions_are_released,
    leaks.no_hidden_checks_are_released,
    recordings.recordings_are_whole,
    recordings.recordings_belong_to_weeks,
    recordings.recordings_hold_no_secrets,
    links.links_lead_to_files,
    links.links_lead_to_headings,
    links.links_are_https,
    imports.packages_import_downwards,
    imports.graders_import_checks_only,
    imports.notebooks_import_the_learners_door,
)
RULES: dict[str, Rule] = {rule.__name__.replace("_", "-"): rule for rule in _RULES}


def lint(root: Path, course: Course) -> list[Problem]:
    """Return every problem with the sources below `root`, by file and line."""
    tree = Tree(root, course)
    problems = {problem for name in RULES for problem in broken(name, tree)}
    return sorted(problems, key=lambda problem: (problem.file, _order(problem.line), problem.message))


def broken(rule: str, tree: Tree) -> list[Problem]:
    """Return the problems that one rule finds."""
    return [replace(problem, rule=rule) for problem in RULES[rule](tree)]


def _order(line: int | str) -> tuple[int, str]:
    return (line, "") if isinstance(line, int) else (0, line)
