"""The check's handle on what surrounds the learner's work: the hidden draws, and sessions of the gateway.

Hidden checks draw their data from a class seed, which lives in the class's configuration and not in the course, and
from the number of the attempt (decision 15), so that an answer cannot be hard-coded.
"""

from __future__ import annotations

import hashlib
import os
import random
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from courseware.checks.gateway import Session, gateway

SEED_VARIABLE = "COURSE_CLASS_SEED"
ATTEMPT_VARIABLE = "COURSE_ATTEMPT"


@dataclass(frozen=True)
class World:
    """Seeds of one run of one check."""

    seed: str = "practice"
    attempt: int = 1
    check: str = ""

    @classmethod
    def of_class(cls, check: str) -> World:
        """Return the world that the class's environment asks for."""
        attempt = os.environ.get(ATTEMPT_VARIABLE, "1")
        if not attempt.isdecimal():
            raise ValueError(f"{ATTEMPT_VARIABLE} is {attempt!r}, not a whole number; unset it or write one")
        return cls(os.environ.get(SEED_VARIABLE, cls.seed), int(attempt), check)

    def number(self, label: str) -> int:
        """Return 128 bits that depend on seed, attempt, check and `label` alone."""
        text = "\x00".join((self.seed, str(self.attempt), self.check, label))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")

    def rng(self, label: str) -> random.Random:
        """Return a generator for the draw named `label`."""
        return random.Random(self.number(label))  # noqa: S311 - a repeatable draw, not a secret

    def generator(self, label: str) -> np.random.Generator:
        """Return NumPy's generator for the draw named `label`."""
        return np.random.default_rng(self.number(label))

    def session(self, **settings: Any) -> AbstractContextManager[Session]:
        """Return a gateway session of the check's own, for a `with` block.

        It is strict and knows no recordings unless `settings` says otherwise; they are those of the control side:
        scenario, reader, faults, embedder, recordings, strict.
        """
        return gateway().session(**{"name": self.check or "check", "strict": True, "recordings": False, **settings})
