"""What can go wrong with the workspace.

WorkspaceError   a file could not be read or written; what was there is unchanged
"""


class WorkspaceError(Exception):
    """One line: what could not be done, where, and what to do next. Nothing was lost."""
