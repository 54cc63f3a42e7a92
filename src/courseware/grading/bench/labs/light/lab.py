# %% [markdown] id="title"
r"""
# Four small functions

What `course bench grading` grades as its light lab: numpy and nothing else. It is no week of the course.
"""

# %% id="setup" role="locked"
import numpy as np

table = np.array([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]])


# %% id="scale" role="answer"
def scale(table):
    """Return the table with each column stretched to 0 to 1; a column that never changes becomes 0."""
    ### BEGIN SOLUTION
    low, high = table.min(axis=0), table.max(axis=0)
    return (table - low) / np.where(high == low, 1, high - low)
    ### END SOLUTION


# %% id="scale-visible" role="check" points=1

# %% id="scale-hidden" role="hidden" points=2


# %% id="softmax" role="answer"
def softmax(scores):
    """Return weights that add up to 1, in proportion to the exponentials of the scores."""
    ### BEGIN SOLUTION
    weights = np.exp(scores - np.max(scores))
    return weights / weights.sum()
    ### END SOLUTION


# %% id="softmax-visible" role="check" points=1

# %% id="softmax-hidden" role="hidden" points=2


# %% id="mean" role="answer"
def moving_mean(values, width):
    """Return the mean of every `width` values that follow each other."""
    ### BEGIN SOLUTION
    return np.lib.stride_tricks.sliding_window_view(values, width).mean(axis=1)
    ### END SOLUTION


# %% id="mean-visible" role="check" points=1

# %% id="mean-hidden" role="hidden" points=2


# %% id="confusion" role="answer"
def confusion(truth, guess, classes):
    """Return how often each class, by row, was taken for each, by column."""
    ### BEGIN SOLUTION
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (truth, guess), 1)
    return counts
    ### END SOLUTION


# %% id="confusion-visible" role="check" points=1

# %% id="confusion-hidden" role="hidden" points=2

# %% id="show" role="locked"
print(scale(table))
