"""What Ollama's endpoints share: error bodies, the options, the answer's form, times.

Shapes: Ollama's API reference and the types of its client (ollama 0.6.3), read November 2026.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import Format, Sampling
from courseware.gateway.wire.endpoint import Json, Provider
from courseware.gateway.wire.reading import Field, Ignored, JsonObject, Strict

_MOST = 2**63 - 1


def error_body(error: ApiError, _request_id: str) -> Json:
    """{"error": message}: Ollama says no more."""
    return {"error": error.message}


OLLAMA = Provider(
    "ollama", error_body, "x-request-id", "", "application/x-ndjson", statuses={"overloaded": 503, "too_large": 400}
)


class Options(Strict):
    """How tokens are drawn, and how the model is loaded."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    seed: Annotated[int, Field(ge=-_MOST, le=_MOST)] | None = None
    num_predict: Annotated[int, Field(ge=-2, le=_MOST)] | None = None
    stop: list[str] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    # Steer the machine, not the answer.
    num_ctx: Ignored = None
    num_batch: Ignored = None
    num_gpu: Ignored = None
    num_thread: Ignored = None
    num_keep: Ignored = None
    main_gpu: Ignored = None
    low_vram: Ignored = None
    f16_kv: Ignored = None
    use_mmap: Ignored = None
    use_mlock: Ignored = None
    numa: Ignored = None
    # Change the answer in ways of their own: taken only where they are off.
    repeat_penalty: float | None = None
    repeat_last_n: int | None = None
    typical_p: float | None = None
    tfs_z: float | None = None
    min_p: float | None = None
    mirostat: int | None = None
    mirostat_eta: Ignored = None
    mirostat_tau: Ignored = None
    penalize_newline: Ignored = None

    def sampling(self) -> Sampling:
        """The same in the gateway's words. Raises `ApiError`."""
        for name, off in _OFF.items():
            if getattr(self, name) not in (None, off):
                instead = f"leave it out, or send {off}"
                raise unsupported(f"the option {name}", instead, f"options.{name}")
        return Sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k or None,
            seed=self.seed,
            presence_penalty=self.presence_penalty,
            frequency_penalty=self.frequency_penalty,
        )

    def max_tokens(self) -> int | None:
        """The limit on the answer; Ollama's 0, -1 and -2 set none."""
        return self.num_predict if self.num_predict and self.num_predict > 0 else None


_OFF = {"repeat_penalty": 1, "repeat_last_n": 0, "typical_p": 1, "tfs_z": 1, "min_p": 0, "mirostat": 0}


class Asking(Strict):
    """What a request for words has in common."""

    model: Annotated[str, Field(min_length=1)]
    stream: bool | None = None
    format: Literal["", "json"] | JsonObject | None = None
    options: Options | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    # How long the model stays loaded.
    keep_alive: Ignored = None

    def form(self) -> Format:
        """The answer's form."""
        if isinstance(self.format, dict):
            return Format("schema", self.format)
        return Format("json") if self.format == "json" else Format()

    def alternatives(self) -> int | None:
        """How many alternatives stand beside each token, None for no probabilities. Raises `ApiError`."""
        if self.top_logprobs and not self.logprobs:
            raise ApiError("invalid_request", "top_logprobs needs logprobs: true", param="top_logprobs")
        return (self.top_logprobs or 0) if self.logprobs else None


REFUSED = {
    "think": "leave it out, or send false",
    "images": "send text",
}


def rfc3339(seconds: int) -> str:
    """Return a time, given in seconds since 1970, as Ollama writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
