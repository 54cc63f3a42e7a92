"""Runs `course` as a user who owns nothing. Everything is imported first: that user may not read the interpreter."""

from __future__ import annotations

import os
import sys
import traceback

import psutil

import courseware.cli
import courseware.learner.doctor
import courseware.learner.launch
import courseware.learner.submit
import courseware.learner.visible

NOBODY = 65534

if os.geteuid() == 0:
    psutil.virtual_memory()
    traceback.format_exc()
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
sys.exit(courseware.cli.main())
