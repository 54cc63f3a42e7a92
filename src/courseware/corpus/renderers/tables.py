"""Orders, tickets and products as CSV files and as one SQLite database."""

from __future__ import annotations

import csv
import io
import sqlite3
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from courseware.corpus.world.world import World

Cell = str | int


@dataclass(frozen=True)
class Table:
    """A table with names and SQLite types of its columns."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]


def make_tables(world: World) -> tuple[Table, ...]:
    """What the shop's database holds; amounts in cents."""
    products = tuple(
        (p.id, p.name, p.kind, int(p.facts["price"].value), int(p.facts["rent"].value)) for p in world.products
    )
    orders = tuple(
        (o.id, o.customer, o.product.id, o.office, o.placed.isoformat(), o.quantity, o.total, o.status)
        for o in world.orders
    )
    tickets = tuple(
        (t.id, t.order.id, t.opened.isoformat(), t.topic, t.priority, t.status, t.assignee.name) for t in world.tickets
    )
    text, number = "TEXT NOT NULL", "INTEGER NOT NULL"
    return (
        Table("products", (("id", "TEXT PRIMARY KEY"), ("name", text), ("kind", text), ("price_cents", number),
                           ("rent_cents", number)), products),
        Table("orders", (("id", "TEXT PRIMARY KEY"), ("customer", text), ("product", text), ("office", text),
                         ("placed", text), ("quantity", number), ("total_cents", number), ("status", text)), orders),
        Table("tickets", (("id", "TEXT PRIMARY KEY"), ("order_id", text), ("opened", text), ("topic", text),
                          ("priority", text), ("status", text), ("assignee", text)), tickets),
    )  # fmt: skip


def render_csv(table: Table) -> bytes:
    """The table as a CSV file with a head."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([name for name, _ in table.columns])
    writer.writerows(table.rows)
    return out.getvalue().encode()


def render_sqlite(tables: Iterable[Table]) -> bytes:
    """The tables as one database file.

    The header's last two fields say which SQLite wrote it (https://sqlite.org/fileformat.html, 1.3.20); they are
    blanked, or the bytes would differ from one machine to the next.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.sqlite"
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA page_size = 4096")
            for table in tables:
                columns = ", ".join(f"{name} {kind}" for name, kind in table.columns)
                database.execute(f"CREATE TABLE {table.name} ({columns})")
                places = ", ".join("?" for _ in table.columns)
                database.executemany(f"INSERT INTO {table.name} VALUES ({places})", table.rows)  # noqa: S608 - our own names
        database.close()
        data = bytearray(path.read_bytes())
    data[92:100] = bytes(8)
    return bytes(data)
