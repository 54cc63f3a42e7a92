"""Simulators: declared deterministic programs that answer only from what stands in the request."""

from courseware.gateway.simulators.hashing import HashingEmbedder
from courseware.gateway.simulators.reader import Reader, SimulatorError

__all__ = ["HashingEmbedder", "Reader", "SimulatorError"]
