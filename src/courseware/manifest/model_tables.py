"""Markdown tables of roles and of the dated models: prices, terms, rules, end dates."""

from courseware.manifest.course import Course
from courseware.manifest.markdown import table, usd
from courseware.manifest.models import Model

_PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic", "google": "Google", "cohere": "Cohere"}


def roles_table(course: Course) -> str:
    """One row a role: its name in a notebook and on the wire, and what answers it."""
    rows = [
        (
            f"`m.{name}`",
            f"`{role.alias}`",
            role.summary,
            ", ".join(role.weights),
            ", ".join(role.with_key.values()) or "the local model",
        )
        for name, role in course.roles.items()
    ]
    return table(("role", "on the wire", "for", "local weights, best first", "with your own key"), rows)


def prices_table(course: Course) -> str:
    """Every model that has a price, by provider, USD for a million tokens."""
    rows = [
        (
            _PROVIDERS[model.provider],
            f"`{model.name}`",
            usd(model.input_usd),
            usd(model.output_usd),
            usd(model.cached_input_usd),
            f"{model.context_tokens:,}" if model.context_tokens else "",
            " ".join(_remarks(model)),
        )
        for model in course.models
        if model.input_usd is not None or model.per_1000_searches_usd is not None
    ]
    head = ("provider", "model", "input", "output", "cached input", "context", "remarks")
    return table(head, rows, right={2, 3, 4, 5})


def endings_table(course: Course) -> str:
    """Every model that has stopped or has a day on which it stops, soonest last."""
    ending = [(model.shutdown or model.gone_by, model) for model in course.models]
    dated = sorted(((day, model) for day, model in ending if day is not None), key=lambda pair: pair[0])
    rows = [
        (
            f"`{model.name}`",
            _PROVIDERS[model.provider],
            f"{day}" if model.shutdown else f"{day} or earlier",
            f"`{model.replacement}`" if model.replacement else "",
        )
        for day, model in dated
    ]
    return table(("model", "provider", "stops answering", "replaced by"), rows)


def terms_table(course: Course) -> str:
    """One row a set of price terms, with the models it holds for."""
    rows = []
    for name, terms in course.terms.items():
        bound = ", ".join(f"`{model.name}`" for model in course.models if model.terms == name)
        rows.append((terms.summary, bound))
    return table(("terms", "models"), rows)


def rules_table(course: Course) -> str:
    """One row a rule set, with the models it holds for."""
    rows = []
    for name, rules in course.rules.items():
        bound = ", ".join(f"`{model.name}`" for model in course.models if model.rules == name)
        rows.append((rules.summary, bound))
    return table(("rules", "models"), rows)


def sources_list(course: Course) -> str:
    """Where the rows were read, and the day they were last compared."""
    days = sorted({model.checked for model in course.models})
    lines = [f"- {source.title}" for source in course.sources.values()]
    return "\n".join([*lines, "", f"Compared on {', '.join(str(day) for day in days)}."])


def _remarks(model: Model) -> list[str]:
    remarks = []
    if model.per_1000_searches_usd is not None:
        remarks.append(f"{usd(model.per_1000_searches_usd)} for 1,000 searches.")
    if model.price_until is not None:
        later = f"{usd(model.later_input_usd)} / {usd(model.later_output_usd)}"
        remarks.append(f"Until {model.price_until}, then {later}.")
    if model.long_input_tokens is not None:
        dearer = f"{usd(model.long_input_usd)} / {usd(model.long_output_usd)}"
        remarks.append(f"Above {model.long_input_tokens:,} input tokens {dearer}.")
    if model.note is not None:
        remarks.append(model.note)
    return remarks
