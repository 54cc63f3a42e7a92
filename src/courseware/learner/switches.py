"""The process-wide state `setup` puts in order: switches that keep libraries offline and quiet, seeds, plot style."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

SEED = 48
STYLE = Path(__file__).with_name("course.mplstyle")

# Set whatever the variable was before: a notebook of this course never asks the network for a file or reports home.
_OFFLINE = {
    "ANONYMIZED_TELEMETRY": "False",
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "CREWAI_TESTING": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "RAGAS_DO_NOT_TRACK": "true",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


def go_offline(tokenizers: tuple[str, ...]) -> str | None:
    """Set the switches, and tiktoken's folder if the files are here.

    Returns what is missing, as one line with its repair, if a tokenizer in `tokenizers` is.
    """
    os.environ.update(_OFFLINE)
    from courseware.models import ModelError, tiktoken_cache_dir

    try:
        os.environ["TIKTOKEN_CACHE_DIR"] = str(tiktoken_cache_dir(*tokenizers))
    except ModelError as error:
        return str(error) if tokenizers else None
    return None


def seed_everything(seed: int = SEED) -> None:
    """Seed `random`, NumPy, and torch if it is already imported; child processes get PYTHONHASHSEED."""
    random.seed(seed)
    os.environ["PYTHONHASHSEED"] = str(seed)
    import numpy as np

    np.random.seed(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def use_plot_style() -> None:
    """Make the course's style matplotlib's default, without importing matplotlib if nobody has yet."""
    os.environ["MATPLOTLIBRC"] = str(STYLE)
    if "matplotlib" in sys.modules:
        import matplotlib as mpl

        mpl.rcParams.update(mpl.rc_params_from_file(STYLE, use_default_template=False))
