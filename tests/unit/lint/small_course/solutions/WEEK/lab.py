# %% [markdown] id="header"
r"""
# A small lab

**Minutes** 60 (estimated). **Assistance: tools.** Read [the hints](practice.toml) first.
"""

# %% id="setup" role="locked"
from courseware.learner import setup

setup("week 01")

# %% id="given-0" role="locked"
GIVEN_0 = 0

# %% [markdown]
r"""
### Given 1

The numbers come from cells that anyone can run again on a laptop without a network.
"""

# %% id="given-2" role="locked"
GIVEN_2 = 2

# %% [markdown]
r"""
### Given 3

A picture says what the table cannot, and the table says what the picture hides.
"""

# %% id="given-4" role="locked"
GIVEN_4 = 4

# %% [markdown]
r"""
### Given 5

The numbers come from cells that anyone can run again on a laptop without a network.
"""

# %% id="given-6" role="locked"
GIVEN_6 = 6

# %% [markdown]
r"""
### Given 7

A picture says what the table cannot, and the table says what the picture hides.
"""

# %% id="given-8" role="locked"
GIVEN_8 = 8

# %% [markdown] id="first-task"
r"""
## Task: first

> **Skill** write first · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 20 · **Points** 30 · **Tier** core

`first(text)` counts. Ties are not counted.
"""


# %% id="first" role="answer"
def first(text):
    """Return a count."""
    ### BEGIN SOLUTION
    total_of_first = sum(map(len, text.split()))
    return max(total_of_first, 0)
    ### END SOLUTION


# %% id="first-look"
first("a b")

# %% id="first-visible" role="check" points=10


# %% id="first-hidden" role="hidden" points=20


# %% [markdown] id="second-task"
r"""
## Task: second

> **Skill** write second · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 20 · **Points** 20 · **Tier** core

`second(text)` counts. Ties are not counted.
"""


# %% id="second" role="answer"
def second(text):
    """Return a count."""
    ### BEGIN SOLUTION
    total_of_second = sum(map(len, text.split()))
    return max(total_of_second, 0)
    ### END SOLUTION


# %% id="second-look"
second("a b")

# %% id="second-visible" role="check" points=10


# %% id="second-hidden" role="hidden" points=10
