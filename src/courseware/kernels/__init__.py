"""Kernels for whoever runs a notebook: plain ones for the course's own, forks of a warm template for submissions."""

from courseware.kernels.environment import course_variables
from courseware.kernels.errors import KernelDied, TemplateFailed
from courseware.kernels.kernel import Kernel
from courseware.kernels.limits import CellRun, Limits, Usage
from courseware.kernels.plain import notebook_client
from courseware.kernels.prepared import Prepare
from courseware.kernels.processes import adopt_orphans, die_with_parent
from courseware.kernels.template import MOST_FORKS, SERVANT, Template

__all__ = [
    "MOST_FORKS",
    "SERVANT",
    "CellRun",
    "Kernel",
    "KernelDied",
    "Limits",
    "Prepare",
    "Template",
    "TemplateFailed",
    "Usage",
    "adopt_orphans",
    "course_variables",
    "die_with_parent",
    "notebook_client",
]
