# %% [markdown] id="title"
r"""
# A tiny lab
"""

# %% id="given" role="locked"
LIMIT = 5


# %% id="twice" role="answer"
def twice(number):
    """Return twice the number."""
    ### BEGIN SOLUTION
    return 2 * number
    ### END SOLUTION


# %% id="twice-visible" role="check" points=1

# %% id="twice-hidden" role="hidden" points=2


# %% id="kept" role="answer"
def kept(numbers):
    """Return the numbers that are at most LIMIT."""
    ### BEGIN SOLUTION
    return [number for number in numbers if number <= LIMIT]
    ### END SOLUTION


# %% id="kept-visible" role="check" points=1

# %% id="kept-hidden" role="hidden" points=3

# %% [markdown] id="memo" role="manual" points=4
r"""
### BEGIN SOLUTION
Twice is more.
### END SOLUTION
"""
