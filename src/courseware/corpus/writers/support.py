"""Support articles: what goes wrong with a bike, for the person it goes wrong for."""

from __future__ import annotations

from datetime import date

from courseware.corpus.document import Draft
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import Block, compose
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.pattern import Context
from courseware.corpus.world.world import World
from courseware.corpus.writers.people import around


def write_support(world: World, count: int) -> list[Draft]:
    """Every fault for one product before any fault comes for a second."""
    plan = knowledge("support")
    articles, products = plan["article"], world.products
    drafts = []
    seen: set[str] = set()
    for number in range(count):
        article = articles[number % len(articles)]
        turn = number // len(articles)
        product = products[(number * 5 + turn) % len(products)]
        own = world.draw.at("write", "support", number)
        codes = own.sample(("E02", "E07", "E11", "E14", "E19", "E21", "E23", "E30"), 4)
        context = {
            **around(world), "p": product, "office": own.pick(world.offices),
            "codes": dict(zip("abcd", codes, strict=True)),
        }  # fmt: skip
        title = own.at("title").pick(article["title"])
        closing = own.at("help").pick(plan["help"]["lines"])
        page = f"# {title}\n{article['page'].replace(' {help}', f' {closing}' if closing else '')}"
        blocks = _new_wording(page, context, own, seen)
        drafts.append(
            Draft(
                f"support-{number:03d}", "support", blocks[0].body.text, own.day(date(2024, 3, 1), date(2026, 6, 12)),
                "Support", blocks, f"support/{product.id}-{article['topic'].replace(' ', '-')}-{number:03d}",
                "html", "everyone",
            )
        )  # fmt: skip
    return drafts


def _new_wording(page: str, context: Context, own: Draw, seen: set[str]) -> tuple[Block, ...]:
    """The article in words that no other article has, title apart; after twenty tries, in any words."""
    for attempt in range(20):
        blocks = compose(page, context, own.at("words", attempt))
        body = "\n".join(block.body.text for block in blocks[1:])
        if body not in seen:
            break
    seen.add(body)
    return blocks
