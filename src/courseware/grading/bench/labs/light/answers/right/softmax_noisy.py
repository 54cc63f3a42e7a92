# shows: Warns and prints.
# %% id="softmax"
import sys
import warnings

warnings.warn("an honest warning", stacklevel=1)
print("noise", file=sys.stderr)


def softmax(scores):
    print("x" * 2000)
    weights = np.exp(np.asarray(scores) - np.max(scores))
    return weights / weights.sum()
