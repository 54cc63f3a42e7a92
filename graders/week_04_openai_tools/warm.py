"""What each submission, and each run of its program, would load anew: the tokenizer and the SDK's inside."""

from __future__ import annotations

import tiktoken
from openai import OpenAI

from courseware.kernels.prepared.preparation import Preparation


def prepare(_: Preparation) -> None:
    """Build the tokenizer, and a client: that imports what serves chats and reads certificates. It asks nothing."""
    tiktoken.get_encoding("o200k_base")
    assert OpenAI(api_key="none", base_url="http://127.0.0.1:9/v1").chat.completions
