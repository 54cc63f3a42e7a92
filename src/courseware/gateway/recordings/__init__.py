"""Recordings: what a model said to a request, kept in files that say which model, when and how."""

from courseware.gateway.recordings.files import load, read, save
from courseware.gateway.recordings.recording import Provenance, Recording, RecordingError
from courseware.gateway.recordings.store import Found, Recordings

__all__ = ["Found", "Provenance", "Recording", "RecordingError", "Recordings", "load", "read", "save"]
