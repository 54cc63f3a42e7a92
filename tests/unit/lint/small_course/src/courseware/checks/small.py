"""A module."""

from courseware.manifest import load


def small() -> None:
    load()
