"""The real weights in the real store, with the network blocked. `make` pulls them before the tests run."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.needs_models

NO_NETWORK = """
import socket, sys
def refuse(*args): raise SystemExit(f"went to the network: {args[1:]}")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = lambda *args, **kwargs: refuse(None, *args)
"""

EMBED = """
from courseware.models import path
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(path("all-minilm-l6-v2")), device="cpu")
vectors = model.encode(["a cat", "a kitten", "tax law"], normalize_embeddings=True)
print(vectors.shape, bool(vectors[0] @ vectors[1] > 0.7 > 0.4 > vectors[0] @ vectors[2]))
"""

COUNT = """
import json, os
from courseware.models import tiktoken_cache_dir
os.environ["TIKTOKEN_CACHE_DIR"] = str(tiktoken_cache_dir())
import tiktoken
texts = json.loads(sys.argv[1])
print(json.dumps([[len(tiktoken.get_encoding(name).encode(text)) for text in texts] for name in sys.argv[2:]]))
"""

# (text, tokens in cl100k_base, tokens in o200k_base)
COUNTS = [
    ("", 0, 0),
    (" ", 1, 1),
    ("a", 1, 1),
    ("Hello, world!", 4, 4),
    ("tokenization", 2, 2),
    ("  leading and trailing  ", 5, 5),
    ("line one\nline two\n", 6, 6),
    ("\t\ttabs", 3, 3),
    ("12345678901234567890", 7, 7),
    ("3.14159", 4, 4),
    ("naïve café", 4, 4),
    ("Straße", 2, 2),
    ("日本語のテキスト", 8, 6),
    ("Привет, мир", 6, 4),
    ("مرحبا بالعالم", 10, 4),
    ("🙂🚀", 5, 3),
    ("def f(x):\n    return x + 1\n", 11, 11),
    ('{"a": [1, 2, 3]}', 12, 12),
    ("https://example.org/path?q=1", 8, 8),
    ("antidisestablishmentarianism", 6, 6),
]


def run(code: str, *arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "COURSE_MODEL_REGISTRY"}
    environment |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", NO_NETWORK + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_minilm_loads_without_network_and_tells_near_from_far():
    assert run(EMBED).split("\n")[0] == "(3, 384) True"


def test_tiktoken_counts_twenty_strings_without_network():
    said = run(COUNT, json.dumps([text for text, _, _ in COUNTS]), "cl100k_base", "o200k_base")
    assert json.loads(said) == [[row[1] for row in COUNTS], [row[2] for row in COUNTS]]
