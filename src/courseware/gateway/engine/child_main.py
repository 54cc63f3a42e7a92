"""What runs in a child process: llama.cpp's HTTP server over one model, or an embedding model on the pipe.

Started by its path and `python -P`, it imports nothing of the course, so a start costs what the model costs. The
first line on standard input is its settings and the first line on standard output its hello, both JSON. Whatever a
library prints goes to standard error. It ends when standard input ends, which also happens when its parent is killed.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

Say = Callable[[dict[str, Any]], None]


def main() -> None:
    """Read the settings, load the model, say hello, serve until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to decide on
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        out.write(json.dumps(message).encode() + b"\n")
        out.flush()

    settings = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    serve = {"llama": serve_llama, "embeddings": serve_embeddings}[settings["task"]]
    serve(settings, say)
    _end()


def _end() -> NoReturn:
    # Not sys.exit: the destructor of a busy server waits for its answer to be finished.
    os._exit(0)


def _end_with_parent(parent: int) -> None:
    """End also where something forked from the parent still holds the other end of standard input."""
    while os.getppid() == parent:
        time.sleep(1)
    _end()


def serve_llama(settings: dict[str, Any], say: Say) -> None:
    """Serve one GGUF file on a free port of 127.0.0.1, with the settings' key."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["path"]
    params.n_ctx = settings["context"]
    params.n_parallel = 1  # inside a batch of several, 1 of 8 greedy answers came out different
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    # A cancelled request is noticed between batches: 128 tokens of prompt are as fast as 2048, and end sooner.
    params.n_batch = params.n_ubatch = 128
    params.cache_ram_mib = settings["cache_mib"]
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [settings["key"]]
    params.cors_origins, params.ui, params.use_jinja = "", False, True
    params.sse_ping_interval = settings["ping_s"]
    params.sleep_idle_seconds = settings["idle_s"]  # then the weights leave memory; the next request loads them again
    params.verbosity = 2  # warnings and errors; a schema it cannot enforce is reported nowhere else
    server = xllamacpp.Server(params)
    say({"address": server.listening_address})
    sys.stdin.buffer.read()


def serve_embeddings(settings: dict[str, Any], say: Say) -> None:
    """Answer lines `{"id", "texts"}` with lines `{"id", "vectors", "tokens", "cut"}` or `{"id", "error"}`."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(settings["threads"])
    model = SentenceTransformer(settings["path"], device="cpu", local_files_only=True)
    say({"dimensions": model.get_embedding_dimension(), "max_tokens": model.max_seq_length})
    for line in sys.stdin.buffer:
        question = json.loads(line)
        try:
            answer = _embed(model, question["texts"])
        except Exception as error:  # whatever it was, the parent gets a line for its line
            answer = {"error": f"{type(error).__name__}: {error}"}
        say({"id": question["id"], **answer})


def _embed(model: Any, texts: list[str]) -> dict[str, Any]:
    lengths = [len(ids) for ids in model.tokenizer(texts, truncation=False, verbose=False)["input_ids"]]
    vectors = model.encode(texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
    return {
        "vectors": [base64.b64encode(vector.astype("<f4").tobytes()).decode() for vector in vectors],
        "tokens": sum(min(length, model.max_seq_length) for length in lengths),
        "cut": sum(length > model.max_seq_length for length in lengths),
    }


if __name__ == "__main__":
    main()
