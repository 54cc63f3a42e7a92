"""Kernels for whoever runs a notebook: the build for lessons and labs, the learner for their own lab."""

from courseware.kernels.plain import notebook_client

__all__ = ["notebook_client"]
