"""The course as data: course.toml read into typed, frozen objects.

Everything that needs to know what a week is, when it is due or what a model costs asks here.
It imports nothing from the rest of the package.
"""

from courseware.manifest.course import Course, find_week
from courseware.manifest.errors import ManifestError
from courseware.manifest.loading import load
from courseware.manifest.root import course_root
from courseware.manifest.schedule import Lab, Lesson, Track, Unit, Week

__all__ = [
    "Course",
    "Lab",
    "Lesson",
    "ManifestError",
    "Track",
    "Unit",
    "Week",
    "course_root",
    "find_week",
    "load",
]
