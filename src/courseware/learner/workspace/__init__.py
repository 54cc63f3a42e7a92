"""The learner's own copy of lessons and labs: made, kept up to date, never at the cost of an answer."""

from courseware.learner.workspace.errors import WorkspaceError
from courseware.learner.workspace.folder import Change, update_workspace, workspace_folder
from courseware.learner.workspace.merge import Merge, merge
from courseware.learner.workspace.writing import write_whole

__all__ = ["Change", "Merge", "WorkspaceError", "merge", "update_workspace", "workspace_folder", "write_whole"]
