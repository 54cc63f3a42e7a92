"""What can go wrong with a kernel, by whose doing.

TemplateFailed   ours: the learner's submission is not to blame
KernelDied       the learner's: their code ended, blocked or forged the process it runs in
"""

from __future__ import annotations


class TemplateFailed(Exception):
    """No kernel can be had: what failed, why, and what to do about it. Never a reason to take points."""


class KernelDied(Exception):
    """The kernel is gone; the text is how it ended, to follow "the submission": "exited with status 0"."""
