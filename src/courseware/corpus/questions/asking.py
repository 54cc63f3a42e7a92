"""Every question that can be asked of a corpus: facts that stand somewhere, in words that stand elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, product

from courseware.corpus.corpus import Corpus
from courseware.corpus.document import Span
from courseware.corpus.knowledge import knowledge
from courseware.corpus.questions.question import Question, Type, content_words, expression
from courseware.corpus.world.entities import Office, Policy, Product, Service
from courseware.corpus.world.facts import Fact, spoken

LEAST, MOST = 4, 7


def ask_everything(corpus: Corpus) -> tuple[Question, ...]:
    """All questions with an answer in the documents, and all that have none."""
    makers = (_policies, _entities, _regional, _hops, _lists, _unanswerable)
    return tuple(chain.from_iterable(make(corpus) for make in makers))


def _one(corpus: Corpus, fact: Fact, wording: str, text: str, stale: Sequence[Fact] = ()) -> Iterator[Question]:
    """The question about one fact, if a document states it."""
    spans = corpus.spans_of.get(fact.id, ())
    if not spans:
        return
    kind: Type = "single"
    if fact.audience == "restricted":
        kind = "restricted"
    elif all(span.in_table for span in spans):
        kind = "table"
    elif not any(content_words(text) & content_words(span.text) for span in spans):
        kind = "paraphrased"
    old = tuple(dict.fromkeys(expression(each) for each in stale if each.value != fact.value))
    yield Question(
        f"{fact.id}:{wording}", text, kind, fact.text, (expression(fact),), (fact.id,), _documents(spans), spans,
        must_not_say=old, audience=fact.audience, wording=wording,
    )  # fmt: skip


def _documents(spans: Sequence[Span]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(span.doc_id for span in spans))


def _policies(corpus: Corpus) -> Iterator[Question]:
    for policy in corpus.world.policies:
        for name, asks in policy.asks.items():
            for number, ask in enumerate(asks):
                for question in _one(
                    corpus, policy.current.facts[name], f"{policy.id}.{name}.{number}", ask, _stale(policy, name)
                ):
                    yield question
                    if question.must_not_say and question.type != "restricted":
                        yield replace(question, id=f"{question.id}:version", type="version")


def _stale(policy: Policy, name: str) -> list[Fact]:
    return [version.facts[name] for version in policy.versions[:-1]]


def _entities(corpus: Corpus) -> Iterator[Question]:
    world, asks = corpus.world, knowledge("asks")
    named = (
        ("product", [(p.facts, {"e": p.kind}) for p in world.products]),
        ("office", [(o.facts, {"e": o.city}) for o in world.offices]),
        ("team", [(t.facts, {"e": t.does}) for t in world.teams]),
        ("service", [(s.facts, {"e": s.noun}) for s in world.services]),
        ("incident", [(i.facts, {"e": i.service.noun, "day": spoken(i.began)}) for i in world.incidents]),
        ("posting", [(p.facts, {"e": f"{p.role.lower()} in {p.office.city}"}) for p in world.postings]),
        ("contract", [(c.facts, {"e": c.vendor.name, "id": c.id}) for c in world.contracts]),
    )
    for kind, things in named:
        # Two jobs of one name in one town, two failures on one day: a question could not tell them apart.
        seen = Counter(tuple(words.items()) for _, words in things)
        for facts, words in things:
            if seen[tuple(words.items())] > 1:
                continue
            for attribute, wordings in asks[kind].items():
                for number, ask in enumerate(wordings):
                    yield from _one(corpus, facts[attribute], f"{kind}.{attribute}.{number}", ask.format(**words))


def _regional(corpus: Corpus) -> Iterator[Question]:
    for page in corpus.world.regional:
        others = [p.facts["value"] for p in corpus.world.regional if p.id == page.id and p is not page]
        text = page.ask.replace("{city}", page.office.city)
        for question in _one(corpus, page.facts["value"], f"region.{page.id}", text):
            wrong = tuple(dict.fromkeys(expression(o) for o in others if o.value != page.facts["value"].value))
            yield replace(question, must_not_say=wrong)


def _hops(corpus: Corpus) -> Iterator[Question]:
    world, asks = corpus.world, knowledge("asks")
    for service in world.services:
        for attribute, wordings in asks["hop"].items():
            for number, ask in enumerate(wordings):
                text = ask.format(noun=service.noun)
                yield from _chain(corpus, "two_hop", f"hop.{attribute}.{number}", text, service, attribute)
    for incident in world.incidents:
        for attribute, wordings in asks["hop3"].items():
            text = wordings[0].format(id=incident.id, day=spoken(incident.began))
            first = incident.facts["service"]
            yield from _chain(corpus, "three_hop", f"hop3.{attribute}", text, incident.service, attribute, first)


def _chain(
    corpus: Corpus, kind: Type, wording: str, text: str, service: Service, attribute: str, first: Fact | None = None
) -> Iterator[Question]:
    answer = corpus.world.team(service.team).facts[attribute]
    facts = [fact for fact in (first, service.facts["owner"], answer) if fact is not None]
    spans = [corpus.spans_of.get(fact.id, ()) for fact in facts]
    if all(spans):
        flat = tuple(chain.from_iterable(spans))
        yield Question(
            f"{'>'.join(fact.id for fact in facts)}:{wording}", text, kind, answer.text, (expression(answer),),
            tuple(fact.id for fact in facts), _documents(flat), flat, wording=wording,
        )  # fmt: skip


def _lists(corpus: Corpus) -> Iterator[Question]:
    world = corpus.world
    kinds: dict[str, tuple[Product | Office | Service, ...]] = {
        "product": world.products,
        "office": world.offices,
        "service": world.services,
    }
    for plan in knowledge("asks")["list"]:
        things = [
            (thing, thing.facts[plan["attribute"]])
            for thing in kinds[plan["kind"]]
            if corpus.spans_of.get(thing.facts[plan["attribute"]].id)
        ]
        things.sort(key=lambda pair: -int(pair[1].value))
        for count, (number, ask) in product(range(LEAST, MOST + 1), enumerate(plan["over"])):
            if len(things) <= count or things[count - 1][1].value == things[count][1].value:
                continue
            chosen = things[:count]
            bar = things[count][1].value
            facts = [fact for _, fact in chosen]
            spans = tuple(chain.from_iterable(corpus.spans_of[fact.id] for fact in facts))
            names = [thing.city if isinstance(thing, Office) else thing.name for thing, _ in chosen]
            wording = f"list.{plan['kind']}.{plan['attribute']}.{count}.{number}"
            yield Question(
                wording, ask.format(n=f"{int(bar):,}"), "list", ", ".join(sorted(names)),
                tuple(rf"\b{re.escape(name)}\b" for name in sorted(names)), tuple(fact.id for fact in facts),
                _documents(spans), spans, wording=wording,
            )  # fmt: skip


def _unanswerable(corpus: Corpus) -> Iterator[Question]:
    world = corpus.world
    for number, plan in enumerate(knowledge("asks")["unanswerable"]):
        own = world.draw.at("unanswerable", number)
        text = plan["ask"].format(city=own.pick(world.offices).city, product=own.pick(world.products).name)
        yield Question(
            f"unanswerable.{number:02d}", text, "unanswerable", "The documents do not say.", (), (), (), (),
            must_not_say=(plan["absent"],), wording=f"unanswerable.{number}",
        )  # fmt: skip
