"""What a notebook imports: `setup` first, then `predict`, `hint`, `reveal`, `quiz`, `session`, `plots` and `progress`.

Importing it is light: matplotlib is imported when a plot is drawn, ipywidgets when a button is shown.
"""

from courseware.learner import plots, progress
from courseware.learner.exercises import hint, reveal
from courseware.learner.opening import Setup, setup
from courseware.learner.predicting import predict
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
    "session",
    "setup",
]
