"""How stock nbgrader handles the labs; read by `nbgrader` commands run in this folder and by `course build`."""

import os

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - nbgrader provides it

c.CourseDirectory.course_id = os.environ.get("COURSE_ID", "ai-engineer")
c.CourseDirectory.source_directory = "build/nbgrader/source"
c.CourseDirectory.release_directory = "build/nbgrader/release"
c.CourseDirectory.submitted_directory = "build/nbgrader/submitted"
c.CourseDirectory.autograded_directory = "build/nbgrader/autograded"
c.CourseDirectory.feedback_directory = "build/nbgrader/feedback"
# A server's address may hold a password: it comes from outside the repository.
c.CourseDirectory.db_url = os.environ.get("COURSE_GRADEBOOK", "sqlite:///build/nbgrader/gradebook.db?timeout=60")

c.ClearSolutions.code_stub = {"python": "# Write your answer here.\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# A cell a learner deleted comes back, so that its points can be given.
c.OverwriteCells.add_missing_cells = True
# Long enough for a slow machine; a lab is meant to take a quarter of this.
c.ExecutePreprocessor.timeout = 120
c.Execute.timeout = 120

# Formgrader shows a lab's rubric below the answer; points by criterion and comments go into its own boxes.
c.HTMLExporter.preprocessors = ["courseware.grading.rubric.formgrader.RubricBelowAnswers"]
