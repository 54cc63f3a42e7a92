"""What a notebook imports: `setup` first, then `predict`, `hint`, `quiz`, `session`, `run_program`, `plots` and others.

Importing it is light: matplotlib is imported when a plot is drawn, ipywidgets when a button is shown.
"""

from courseware.learner import plots, progress
from courseware.learner.exercises import hint, reveal
from courseware.learner.opening import Setup, setup
from courseware.learner.predicting import predict
from courseware.learner.programs import run_program
from courseware.learner.quizzing import quiz
from courseware.learner.sessions import session
from courseware.learner.visible import essay_text, finish

__all__ = [
    "Setup",
    "essay_text",
    "finish",
    "hint",
    "plots",
    "predict",
    "progress",
    "quiz",
    "reveal",
    "run_program",
    "session",
    "setup",
]
