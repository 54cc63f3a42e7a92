"""The models a request may name: the course's roles, and the dated real ones with their real restrictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import ChatRequest, ModelCard
from courseware.gateway.wire.endpoint import Request
from courseware.manifest import Course
from courseware.manifest.models import Model, Role, Rules


@dataclass(frozen=True)
class Directory:
    """Looks models up in the manifest. `today` decides which real models still answer."""

    roles: dict[str, Role]
    models: tuple[Model, ...]
    rules: dict[str, Rules]

    @classmethod
    def of(cls, course: Course) -> Directory:
        """The directory of a course."""
        return cls({role.alias: role for role in course.roles.values()}, course.models, course.rules)

    def weights(self, name: str) -> Sequence[str]:
        """The local models that may stand in for a name, best first."""
        if name in self.roles:
            return self.roles[name].weights
        model = self._model(name)
        stand_ins = [role for role in self.roles.values() if model and model.name in role.with_key.values()]
        same_kind = [role for role in self.roles.values() if model and role.kind == model.kind]
        return (stand_ins or same_kind)[0].weights if stand_ins or same_kind else ()

    def cards(self, today: date) -> list[ModelCard]:
        """Every model that answers: roles first, then the table's that are not shut down; families are left out."""
        roles = [ModelCard(alias, 0, "courseware", role.summary) for alias, role in self.roles.items()]
        real = [model for model in self.models if not model.name.endswith("*") and model.answers_on(today)]
        return [*roles, *(ModelCard(m.name, _released(m), m.provider, m.name) for m in real)]

    def require(self, request: Request, today: date) -> None:
        """Raise ApiError unless the model exists, still answers, and takes what the request gives."""
        if request.model in self.roles:
            return
        model = self._model(request.model)
        if model is None:
            roles = ", ".join(self.roles)
            message = f"the model {request.model!r} does not exist here; use a role ({roles}) or a model of the table"
            raise ApiError("not_found", message, param="model", code="model_not_found")
        if not model.answers_on(today):
            instead = f"; its replacement is {model.replacement}" if model.replacement else ""
            message = f"the model {model.name!r} was shut down on {model.shutdown or model.gone_by}{instead}"
            raise ApiError("not_found", message, param="model", code="model_not_found")
        if model.rules is not None:
            _obey(self.rules[model.rules], request)

    def _model(self, name: str) -> Model | None:
        exact = [model for model in self.models if model.name == name]
        family = [m for m in self.models if m.name.endswith("*") and name.startswith(m.name[:-1])]
        found = exact or family
        return found[0] if found else None


def _obey(rules: Rules, request: Request) -> None:
    """Raise ApiError where the provider's API would refuse; the rules stand in course.toml with their dates."""
    effort = request.effort if isinstance(request, ChatRequest) else None
    refused = list(rules.rejects) + ([] if effort == "none" else list(rules.rejects_unless_effort_none))
    for name in refused:
        if name in request.given:
            instead = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
            code = "unsupported_parameter" if name == "max_tokens" else "unsupported_value"
            message = f"Unsupported parameter: '{name}' is not supported with this model.{instead}"
            raise ApiError("invalid_request", message, param=name, code=code)
    if effort in rules.rejects_efforts:
        message = f"Unsupported value: reasoning effort {effort!r} is not supported with this model."
        raise ApiError("invalid_request", message, param="reasoning_effort", code="unsupported_value")
    if isinstance(request, ChatRequest) and request.dialect == "openai.chat" and request.tools:
        _require_chat_tools(rules, effort)


def _require_chat_tools(rules: Rules, effort: str | None) -> None:
    if rules.chat_tools == "never" or (rules.chat_tools == "only with effort none" and effort != "none"):
        raise unsupported("function tools on Chat Completions for this model", "use the Responses API", "tools")


def _released(model: Model) -> int:
    """Seconds since 1970 at the start of the day of release; 0 where the table does not say."""
    day = model.released
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) if day else 0
