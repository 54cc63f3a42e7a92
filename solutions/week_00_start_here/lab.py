# %% [markdown]
r"""
# Lab 00: from open to feedback

You answer one small question and take it all the way: open, answer, check, submit, read the feedback. Every later lab
goes this way, so get the plumbing right while nothing else is hard.

| task | visible | hidden | minutes |
|---|---|---|---|
| 1 Greet | 0.5 | 0.5 | 5 |

**Minutes**: 10, estimated. **Assistance**: open, use whatever helps.

A **visible** check runs in this notebook and explains itself. A **hidden** check asks the same of other inputs and runs
after you submit; its feedback names what failed, not the input. Before you submit, choose *Restart Kernel and Run All
Cells*: what counts is the notebook run from top to bottom.
"""

# %% id="setup" role="locked"
from courseware.learner import finish, setup

m = setup("week 00")

# %% [markdown]
r"""
## Task 1: greet

> **Skill** answer, check, read what the check says · **Difficulty** 1/5 · **Importance** 5/5 · **Minutes** 5 · **Points** 1 · **Tier** core

Write `greet(name)`. It returns the text `Hello, NAME.` where NAME is `name` without white space at either end. For a
name that is empty or only white space it raises `ValueError`.

Worked example: `greet(" Ada ")` returns `Hello, Ada.`
"""


# %% id="greet" role="answer"
def greet(name: str) -> str:
    """Return a greeting for `name`."""
    ### BEGIN SOLUTION
    stripped = name.strip()
    if not stripped:
        raise ValueError("a name is needed")
    return f"Hello, {stripped}."
    ### END SOLUTION


# %% [markdown]
r"""
Look at what it gives, then run the check below. If a case fails, read its message, change your answer, run both cells
again.
"""

# %% id="greet-look"
greet(" Ada ")

# %% id="greet-visible" role="check" points=0.5

# %% id="greet-hidden" role="hidden" points=0.5

# %% [markdown]
r"""
## Hand it in

Save the notebook. The next cell runs the visible checks in a fresh kernel and lists what is still empty. Then run
`course submit 00` in a terminal. You get a receipt: keep it, it is the proof of what you handed in.
"""

# %% id="finish" role="locked"
finish("week 00")
