"""What a kernel is closed into, and what stays of it for the supervisor."""

from courseware.kernels.sandbox.closed import Sandbox
from courseware.kernels.sandbox.errors import SandboxFailed
from courseware.kernels.sandbox.lesser import LesserSandbox
from courseware.kernels.sandbox.root import Shown
from courseware.kernels.sandbox.scene import OpenScene, Scene

__all__ = ["LesserSandbox", "OpenScene", "Sandbox", "SandboxFailed", "Scene", "Shown"]
