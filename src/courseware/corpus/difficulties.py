"""What makes the corpus hard, planted in known numbers: noise, split tables, instructions hidden in documents.

Versions, near-duplicates, corrections and restricted papers come from the writers; here they are counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from courseware.corpus.document import Draft
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import Block
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.spanned import Spanned

STANDARD = {
    "conflicting_versions": 60, "corrections": 12, "near_duplicates": 60, "split_tables": 10, "restricted": 30,
    "injections": 18, "noise": 39,
}  # fmt: skip
NOISE_PERCENT = 15
_SWAPS = (("rn", "m"), ("l", "1"), ("m", "rn"), ("O", "0"), ("cl", "d"), ("e", "c"), ("i", "l"))
_INJECTABLE = ("support", "handbook", "design", "mail", "incident")


def plant(drafts: Sequence[Draft], draw: Draw) -> list[Draft]:
    """The drafts with difficulties in them, in the same order. Gold spans are never touched."""
    share = len(drafts) / 1200
    planted = _split_tables(list(drafts), max(1, round(STANDARD["split_tables"] * share)))
    planted = _scanned(planted, draw.at("scan"))
    return _injected(planted, draw.at("inject"), max(1, round(STANDARD["injections"] * share)))


def _split_tables(drafts: list[Draft], count: int) -> list[Draft]:
    """Keep the trait on as many PDF tables as are wanted, those in force first."""
    able = [draft for draft in drafts if "split_table" in draft.traits and _answers_below_second_row(draft)]
    kept = {draft.id for draft in sorted(able, key=lambda draft: (not draft.id.endswith("v3"), draft.id))[:count]}
    return [draft if draft.id in kept else _without(draft, "split_table") for draft in drafts]


def _answers_below_second_row(draft: Draft) -> bool:
    first = next((block for block in draft.blocks if block.kind == "table"), None)
    return first is not None and any(cell.marks for row in first.rows[2:] for cell in row)


def _without(draft: Draft, trait: str) -> Draft:
    return replace(draft, traits=tuple(each for each in draft.traits if each != trait))


def _scanned(drafts: list[Draft], draw: Draw) -> list[Draft]:
    """Some PDFs read as if they had been through a scanner: letters swapped where no fact stands."""
    printed = [draft.id for draft in drafts if draft.format == "pdf"]
    noisy = set(draw.sample(printed, len(printed) * NOISE_PERCENT // 100))
    return [_scan(draft, draw.at(draft.id)) if draft.id in noisy else draft for draft in drafts]


def _scan(draft: Draft, draw: Draw) -> Draft:
    blocks = tuple(
        replace(block, body=Spanned(_misread(block.body.text, draw))) if _is_talk(block) else block
        for block in draft.blocks
    )
    return replace(draft, blocks=blocks, traits=(*draft.traits, "noise"))


def _is_talk(block: Block) -> bool:
    return block.kind in ("paragraph", "item", "numbered", "heading") and not block.body.marks


def _misread(text: str, draw: Draw) -> str:
    def swap(word: re.Match[str]) -> str:
        old, new = draw.pick(_SWAPS)
        return word[0].replace(old, new, 1) if draw.chance(0.12) else word[0]

    return re.sub(r"[A-Za-z]{4,}", swap, text)


def _injected(drafts: list[Draft], draw: Draw, count: int) -> list[Draft]:
    """Plant each text once, the families taking turns, half of them where a person does not see it."""
    families = knowledge("injections")["family"]
    texts = [(family["id"], family["texts"][turn]) for turn in range(3) for family in families]
    able = [draft.id for draft in drafts if draft.family in _INJECTABLE and draft.format in ("md", "html", "eml")]
    chosen = dict(zip(draw.sample(able, count), texts, strict=False))
    return [_inject(draft, *chosen[draft.id], draw.at(draft.id)) if draft.id in chosen else draft for draft in drafts]


def _inject(draft: Draft, family: str, text: str, draw: Draw) -> Draft:
    hidden = draft.format in ("md", "html") and draw.chance(0.5)
    block = Block("hidden" if hidden else "paragraph", Spanned(text))
    place = draw.between(1, len(draft.blocks))
    # Not between two items of one list: it would tear the list in two.
    while 0 < place < len(draft.blocks) and draft.blocks[place].kind == draft.blocks[place - 1].kind != "paragraph":
        place += 1
    traits = (*draft.traits, "injection", f"injection:{family}", "hidden" if hidden else "visible")
    return replace(draft, blocks=(*draft.blocks[:place], block, *draft.blocks[place:]), traits=traits)


def count_difficulties(drafts: Sequence[Draft]) -> dict[str, int]:
    """How many of each difficulty there are."""
    versions = {draft.id.rsplit("-v", 1)[0] for draft in drafts if draft.family == "policy" and draft.version != "1.0"}
    having = {trait: sum(trait in draft.traits for draft in drafts) for trait in
              ("correction", "near_duplicate", "split_table", "injection", "noise")}  # fmt: skip
    return {
        "conflicting_versions": len(versions), "corrections": having["correction"],
        "near_duplicates": having["near_duplicate"], "split_tables": having["split_table"],
        "restricted": sum(draft.audience == "restricted" for draft in drafts), "injections": having["injection"],
        "noise": having["noise"],
    }  # fmt: skip
