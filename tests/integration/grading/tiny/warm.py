"""What the tiny lab's template leaves for every fork: to be found there, and to be spoilt by who can."""

import builtins

import numpy as np


def prepare(warm):
    prepared = np.arange(3)
    prepared.setflags(write=False)
    builtins.PREPARED = prepared
    builtins.PREPARED_FROM = sorted(path.name for path in warm.released.iterdir()), warm.memo
