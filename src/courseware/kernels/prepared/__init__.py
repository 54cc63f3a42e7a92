"""What a template holds ready for every fork: weights in memory that nobody can write, and results of pure calls.

Only the template imports the modules in here; `Prepare` is what its owner asks for.
"""

from courseware.kernels.prepared.settings import Prepare

__all__ = ["Prepare"]
