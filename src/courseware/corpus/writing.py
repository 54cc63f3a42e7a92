"""All writers, in the order of the families."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from courseware.corpus.document import Draft
from courseware.corpus.editions import Edition
from courseware.corpus.world.world import World
from courseware.corpus.writers.chat import write_chat
from courseware.corpus.writers.engineering import write_designs, write_incidents
from courseware.corpus.writers.handbook import write_handbook
from courseware.corpus.writers.mail import write_mail
from courseware.corpus.writers.minutes import write_minutes
from courseware.corpus.writers.papers import write_contracts, write_invoices, write_postings
from courseware.corpus.writers.rules import write_policies, write_regional
from courseware.corpus.writers.support import write_support

WRITERS: Mapping[str, Callable[[World, int], list[Draft]]] = {
    "policy": write_policies, "handbook": write_handbook, "support": write_support, "incident": write_incidents,
    "design": write_designs, "regional": write_regional, "invoice": write_invoices, "posting": write_postings,
    "contract": write_contracts, "minutes": write_minutes, "slack": write_chat, "mail": write_mail,
}  # fmt: skip


def write_all(world: World, edition: Edition) -> list[Draft]:
    """Every document of the edition, family by family."""
    return [draft for family, count in edition.counts.items() for draft in WRITERS[family](world, count)]
