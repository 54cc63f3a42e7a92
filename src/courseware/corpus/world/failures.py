"""The incidents: what broke, why, for how long."""

from __future__ import annotations

from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.draw import Draw
from courseware.corpus.world.entities import Incident, Service, Team
from courseware.corpus.world.facts import Fact
from courseware.corpus.world.goods import named
from courseware.corpus.world.staff import Staff
from courseware.corpus.world.trade import FIRST_DAY, LAST_DAY


def make_incidents(draw: Draw, services: tuple[Service, ...], staff: Staff, count: int) -> tuple[Incident, ...]:
    """Incidents in the order of their days; every pair of service and cause comes once before any comes twice."""
    causes = knowledge("incidents")["cause"]
    pairs = [
        (service, cause["id"])
        for service in services
        for cause in causes
        if service.name in cause.get("fits", (service.name,))
    ]
    drawn = draw.at("pairs").cycle(pairs, count)
    days = sorted(draw.at("days", number).day(FIRST_DAY, LAST_DAY) for number in range(count))
    teams = {team.id: team for team in staff.teams}
    made = []
    for number, ((service, cause), day) in enumerate(zip(drawn, days, strict=True)):
        name, own = f"INC-{2101 + number}", draw.at("incident", number)
        facts = _facts(own, f"incident.{name.lower()}", service, teams[service.team])
        commander = own.pick(teams[service.team].members)
        made.append(
            Incident(name, service, cause, day, own.between(0, 1380), own.pick((1, 2, 2, 3, 3)), commander, facts)
        )
    return tuple(made)


def _facts(own: Draw, subject: str, service: Service, team: Team) -> dict[str, Fact]:
    minutes, hit, lost = own.between(11, 380), own.between(14, 5200), own.between(0, 48)
    fixer = own.pick(team.members)
    return named((
        Fact(f"{subject}.minutes", subject, "minutes", str(minutes), f"{minutes} minutes"),
        Fact(f"{subject}.hit", subject, "hit", str(hit), f"{hit:,}"),
        Fact(f"{subject}.lost", subject, "lost", str(lost), f"{lost} minutes"),
        Fact(f"{subject}.fixer", subject, "fixer", fixer.name, fixer.name),
        Fact(f"{subject}.service", subject, "service", service.name, service.name),
    ))  # fmt: skip
