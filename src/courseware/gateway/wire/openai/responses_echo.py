"""What a Responses answer repeats of its request."""

from __future__ import annotations

from courseware.gateway.wire.endpoint import Json
from courseware.gateway.wire.openai.responses_body import Body, NamedFunction, TextConfig, ToolItem


def echo_of(asked: Body) -> Json:
    """The fields of a `response` object that the request decides, at the API's defaults where it does not."""
    choice = asked.tool_choice
    return {
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "metadata": asked.metadata or {},
        "parallel_tool_calls": asked.parallel_tool_calls is not False,
        "previous_response_id": asked.previous_response_id,
        "reasoning": {"effort": asked.reasoning.effort if asked.reasoning else None, "summary": None},
        "store": asked.store is not False,
        "temperature": 1.0 if asked.temperature is None else asked.temperature,
        "text": {"format": _format(asked.text), "verbosity": "medium"},
        "tool_choice": choice.model_dump() if isinstance(choice, NamedFunction) else choice or "auto",
        "tools": [_tool(tool) for tool in asked.tools or ()],
        "top_logprobs": asked.top_logprobs or 0,
        "top_p": 1.0 if asked.top_p is None else asked.top_p,
    }


def _format(text: TextConfig | None) -> Json:
    if text is None or text.format is None:
        return {"type": "text"}
    return text.format.model_dump(by_alias=True, exclude_none=True)


def _tool(tool: ToolItem) -> Json:
    """A function as the API shows it: strict unless the request says otherwise."""
    shown = tool.model_dump(include={"type", "name", "description", "parameters", "strict"})
    return {**shown, "strict": shown.get("strict") is not False}
