"""Runs the notebook given as argument from top to bottom in its folder; fails where a cell raises or warns aloud."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
NotebookClient(
    notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
).execute()
noise = [out.text for cell in notebook.cells for out in cell.get("outputs", []) if out.get("name") == "stderr"]
sys.exit(f"stderr: {noise[0]}" if noise else 0)
