"""Answers from a model on this machine: the gateway's last tier without a key.

The engine writes text and nothing else; tool calls, structured output, several answers and stop reasons are made here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from courseware.gateway.engine.llama import Ended
from courseware.gateway.engine.memory import free_bytes
from courseware.gateway.engine.own_server import OwnServer
from courseware.gateway.engine.pool import ModelPool
from courseware.gateway.engine.prompt import turns_of
from courseware.gateway.engine.running import RunningModel
from courseware.gateway.engine.sampling import sampling_of
from courseware.gateway.engine.schema import Enforceable
from courseware.gateway.engine.tools import Plan, Style, plan_for
from courseware.gateway.engine.writing import calls, words
from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import ChatRequest, Delta, Format, LiveReply, Origin, Total, Usage
from courseware.models import Registry, Store, load_registry
from courseware.models.store import default_root


@dataclass(frozen=True)
class _Job:
    """What the engine is asked: the prompt, and the form the answer is held to."""

    request: ChatRequest
    prompt: str
    schema: dict[str, Any] | None
    plan: Plan | None

    def body(self, choice: int) -> dict[str, Any]:
        """The completion request for the `choice`-th answer."""
        body = {"prompt": self.prompt, **sampling_of(self.request, choice, constrained=self.schema is not None)}
        if self.schema is not None:
            body["json_schema"] = self.schema
        if self.plan is None and (stop := [sequence for sequence in self.request.stop if sequence]):
            body["stop"] = stop
        return body


class LocalEngine:
    """Text from local weights. Belongs to one event loop; `shutdown` must be awaited before that ends."""

    def __init__(
        self,
        store: Store | None = None,
        registry: Registry | None = None,
        *,
        free: Callable[[], int] = free_bytes,
        style: Style = Style(),  # noqa: B008 (frozen)
    ) -> None:
        self._pool = ModelPool(store or Store(default_root()), registry or load_registry(), free)
        self._own = OwnServer()
        self._style = style

    @property
    def loaded(self) -> tuple[RunningModel, ...]:
        """The models that run now, for a status page: their `name`, `users` and the `log` of their process."""
        return (*self._own.loaded, *self._pool.loaded)

    async def answer(self, request: ChatRequest, weights: Sequence[str]) -> LiveReply:
        """Prepare an answer by the first of `weights` that is here and fits; it is written while it is read.

        Raises ApiError for all that is wrong with the request, the weights or the memory. What goes wrong later, such
        as a crash of the model, is an ApiError of the deltas.
        """
        _refuse_unanswerable(request)
        plan = plan_for(request, self._style) if request.tools and request.choice.mode != "none" else None
        schema = dict(plan.schema) if plan else _schema_of(request.format)
        instructions = plan.instructions if plan else _told(request.format)
        lender = self._own if self._own.url() else self._pool
        name = await lender.choose(weights)
        async with lender.use(name) as model:
            turns = turns_of(request, instructions, plan, held=schema is not None)
            job = _Job(request, await model.prompt(turns), schema, plan)
            origin = Origin("local", name, model.provenance)
            untried = schema is not None and not model.has_tried(schema)
        if schema is not None:
            async with lender.use(name, writing=untried) as model:
                await model.require_enforced(job.prompt, schema)
        return LiveReply(f"local/{name}", origin, _deltas(lender, name, job))

    async def shutdown(self) -> None:
        """End the models' processes; answers that are being written end with an ApiError."""
        await self._pool.shutdown()
        await self._own.shutdown()


async def _deltas(lender: ModelPool | OwnServer, name: str, job: _Job) -> AsyncGenerator[Delta, None]:
    ends: list[Ended] = []
    async with lender.use(name, writing=True) as model:
        for choice in range(job.request.n):
            async with aclosing(_choice(model, job, choice)) as deltas:
                async for delta in deltas:
                    if isinstance(delta, Ended):
                        ends.append(delta)
                    else:
                        yield delta
    yield Total(Usage(ends[0].input_tokens, sum(end.output_tokens for end in ends)))


def _choice(model: RunningModel, job: _Job, choice: int) -> AsyncGenerator[Delta | Ended, None]:
    events = model.server.complete(job.body(choice))
    if job.plan is not None:
        return calls(events, choice, job.plan, job.request.stop)
    return words(events, choice, job.request.logprobs)


def _refuse_unanswerable(request: ChatRequest) -> None:
    if not request.messages:
        raise ApiError("invalid_request", "there are no messages; give at least one", param="messages")
    if request.tools and request.choice.mode != "none" and request.logprobs is not None:
        raise unsupported("log probabilities beside tools with a local model", "ask for one of them", "logprobs")


def _schema_of(form: Format) -> dict[str, Any] | None:
    if form.kind == "text":
        return None
    parts = Enforceable()
    return parts.whole(parts.add(_wanted(form), "the response format"))


def _told(form: Format) -> str:
    """What the model is told of the form it is held to: it chooses better words for a form it knows."""
    if form.kind == "text":
        return ""
    if form.kind == "json":
        return "Answer with one JSON object and nothing else."
    schema = json.dumps(_wanted(form), ensure_ascii=False)
    return f"Answer with JSON that fits this JSON Schema, and nothing else:\n{schema}"


def _wanted(form: Format) -> Mapping[str, Any]:
    return form.schema if form.kind == "schema" and form.schema is not None else {"type": "object"}
