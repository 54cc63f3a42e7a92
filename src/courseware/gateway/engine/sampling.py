"""A request's sampling in llama.cpp's words."""

from __future__ import annotations

from typing import Any

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatRequest

# An answer without a limit of its own. Small models can repeat themselves until the context is full.
_MOST_TOKENS = 2048
_RANDOM_SEED = (1 << 32) - 1  # llama.cpp takes this seed as none


def sampling_of(request: ChatRequest, choice: int, *, constrained: bool) -> dict[str, Any]:
    """Return the fields of a completion request, for the `choice`-th of its `n` answers.

    What is not asked for is the model's default. Whoever sets one of temperature, top_p and top_k gets that and
    nothing else, as from the providers: llama.cpp's own cut-offs (top_k 40, min_p 0.05) are then off. An answer held
    to a form is greedy unless the request says otherwise.
    """
    wanted = request.sampling
    fields: dict[str, Any] = {"n_predict": request.max_tokens or _MOST_TOKENS}
    temperature = wanted.temperature
    if temperature is None and wanted.top_p is None and wanted.top_k is None:
        temperature = 0.0 if constrained else None
    if temperature is not None or wanted.top_p is not None or wanted.top_k is not None:
        fields["temperature"] = 1.0 if temperature is None else temperature
        fields["top_p"] = 1.0 if wanted.top_p is None else wanted.top_p
        fields["top_k"], fields["min_p"] = wanted.top_k or 0, 0.0
    if wanted.seed is not None:
        fields["seed"] = (wanted.seed + choice) % _RANDOM_SEED
    for name in ("presence_penalty", "frequency_penalty"):
        if (value := getattr(wanted, name)) is not None:
            fields[name] = value
    if wanted.logit_bias:
        fields["logit_bias"] = [[_token(token), bias] for token, bias in wanted.logit_bias.items()]
    if request.logprobs is not None:
        fields["n_probs"] = max(1, request.logprobs)
    return fields


def _token(name: str) -> int:
    if not name.isdecimal():
        message = f"logit_bias has the key {name!r}; give the number of a token in the local model's vocabulary"
        raise ApiError("invalid_request", message, param="logit_bias")
    return int(name)
