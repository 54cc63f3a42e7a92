"""What clients are told when a local model cannot answer. Each is one line: what was wrong, and what to do next.

ModelGone (inside the engine only)   the connection to a model broke; its owner finds out why and raises an ApiError
"""

from __future__ import annotations

from courseware.gateway.engine.cpu import NEEDED
from courseware.gateway.engine.memory import Choice
from courseware.gateway.errors import ApiError

_MB = 1 << 20


class ModelGone(Exception):
    """The connection to a model broke off, or it was silent for too long (`silent`)."""

    def __init__(self, silent: bool = False) -> None:
        super().__init__("the model fell silent" if silent else "the connection to the model broke")
        self.silent = silent


def nothing_fits(choice: Choice, free: int) -> ApiError:
    """None of a role's weights can be loaded."""
    if choice.too_big:
        pull = f", or pull a smaller model: course models pull {choice.missing[-1]}" if choice.missing else ""
        return ApiError(
            "server",
            f"not enough memory for a local model: {free // _MB} MB are free, too little for"
            f" {', '.join(choice.too_big)}; close other programs or kernels and try again{pull}",
            code="no_memory_for_model", status=503,
        )  # fmt: skip
    if not choice.missing:
        return ApiError(
            "not_found", "this model has no local weights; use a role that has some, such as course-small",
            param="model", code="no_local_weights",
        )  # fmt: skip
    return ApiError(
        "not_found",
        f"no local model is in the store: missing {', '.join(choice.missing)}; run: course models pull"
        f" {choice.missing[-1]}",
        param="model", code="no_local_weights",
    )  # fmt: skip


def unfit_cpu(missing: tuple[str, ...]) -> ApiError:
    """The engine's wheel would end with SIGILL here."""
    return ApiError(
        "invalid_request",
        f"this CPU lacks {', '.join(missing)}, and the local engine needs {', '.join(NEEDED)}; use recorded answers, or"
        " set LLAMA_SERVER_URL to a llama.cpp server built for this machine",
        code="unsupported_cpu",
    )


def not_started(name: str, why: str) -> ApiError:
    """The child ended before it was ready."""
    return ApiError(
        "server",
        f"the local model {name} could not be started: its process {why}; check the weights with: course models verify,"
        " and try again",
        code="local_model_failed",
    )


def crashed(name: str, why: str) -> ApiError:
    """The child ended with a request in hand."""
    return ApiError(
        "server",
        f"the local model {name} stopped while it answered: its process {why}; it is started again for the next"
        " request, so send this one again",
        code="local_model_crashed",
    )


def silent(name: str, seconds: float) -> ApiError:
    """The child lives but says nothing; its owner has ended it."""
    return ApiError(
        "timeout",
        f"the local model {name} said nothing for {seconds:.0f} s and was ended; it is started again for the next"
        " request, so send this one again, shorter if it was long",
        code="local_model_silent",
    )


def resting(name: str, wait_s: float, last_words: str) -> ApiError:
    """The child crashed too often to be started now."""
    return ApiError(
        "server",
        f"the local model {name} stopped again and again and is not started for another {wait_s:.0f} s; its last"
        f" crash: it {last_words}. If it lasts, check the weights: course models verify {name}",
        code="local_model_resting", status=503,
    )  # fmt: skip


def closing() -> ApiError:
    """The gateway is on its way down."""
    return ApiError("server", "the gateway is closing; start it again with: course serve", status=503)


def own_server_gone(address: str) -> ApiError:
    """The server that LLAMA_SERVER_URL names does not answer."""
    return ApiError(
        "server",
        f"no llama.cpp server answers at LLAMA_SERVER_URL={address}; start it, or unset the variable and restart the"
        " gateway to use the course's own engine",
        code="llama_server_gone", status=503,
    )  # fmt: skip


def too_long(tokens: int, context: int) -> ApiError:
    """The prompt does not fit."""
    return ApiError(
        "invalid_request",
        f"this conversation has {tokens} tokens and the local model's context holds {context}; shorten the messages",
        param="messages", code="context_length_exceeded",
    )  # fmt: skip


def unfit_schema(where: str, what: str, instead: str) -> ApiError:
    """A schema that the engine cannot enforce; nothing is answered rather than something unchecked."""
    return ApiError(
        "invalid_request",
        f"the local model cannot be held to this schema: {where} {what}; {instead}",
        param="tools" if where.startswith("tool ") else "response_format", code="unsupported_schema",
    )  # fmt: skip
