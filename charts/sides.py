"""Do citizens and providers see the same service alike, and do meetings score better than at first?"""

from collections.abc import Sequence

from charts.axes import value_axis
from charts.model import Bead, Chart, Row, Rows
from charts.words import Around, caveat, is_known, scope, source
from metrics import catalogue
from metrics.query import Filters
from metrics.scored import CITIZENS, PROVIDERS, SOMETHING_ELSE, Change, Gap
from text import number, percent, t

_EVEN = 50.0


def sides(gaps: Sequence[Gap], around: Around, where: Filters) -> Chart:
    """Good scores by citizens (filled) and by providers themselves (hollow), a row a category, the widest gap first."""
    drawn = []
    for gap in gaps:
        who = around.name(gap.category)
        beads = []
        for side, value in (("providers", gap.providers), ("citizens", gap.citizens)):
            if is_known(value):
                words = t(f"sides.{side}", name=who, value=percent(value))
                beads.append(Bead(value, number(value) if side == "citizens" else "", is_hollow=side == "providers", hover=words))
        drawn.append(Row(who, _told_points(gap), beads=tuple(beads), note="" if beads else t("cell.hidden")))
    sure = [gap for gap in gaps if gap.is_sure and gap.category != SOMETHING_ELSE]
    if not sure:
        title = t("sides.title_none")
    else:
        way = "higher" if sure[0].points > 0 else "lower"
        title = t(f"sides.title_{way}", name=around.name(sure[0].category), points=number(abs(sure[0].points)), n=number(len(sure)))
    return Chart(
        key="sides",
        title=title,
        subtitle=t("sides.subtitle", scope=scope(where, around)),
        drawing=Rows(tuple(drawn), value_axis([], "%", top=100.0)),
        alt=" ".join(f"{around.name(gap.category)}: {_told(gap)}." for gap in gaps),
        source=source("scores", around),
        caveat=f"{caveat(catalogue()[PROVIDERS])} {caveat(catalogue()[CITIZENS])}",
    )


def _told_points(gap: Gap) -> str:
    """The gap in points with its likely range, under the name of the row."""
    if not is_known(gap.points):
        return t("sides.one_side")
    return t("sides.points", points=number(gap.points, sign=True), low=number(gap.low, sign=True), high=number(gap.high, sign=True))


def _told(gap: Gap) -> str:
    values = {"citizens": gap.citizens, "providers": gap.providers}
    return ", ".join(t(f"sides.{key}_alt", value=percent(value) if is_known(value) else "–") for key, value in values.items())


def higher(changes: Sequence[Change], around: Around, where: Filters) -> Chart:
    """The chance that a meeting of the newest year scores higher than one of the first, a row a category; the upright bar is no change."""
    drawn = tuple(
        Row(
            around.name(change.category),
            t("higher.detail", first=number(change.first), newest=number(change.newest)),
            beads=(
                Bead(
                    change.chance_pct,
                    number(change.chance_pct),
                    low=change.low,
                    high=change.high,
                    hover=t(
                        "higher.hover",
                        name=around.name(change.category),
                        chance=number(change.chance_pct),
                        low=number(change.low),
                        high=number(change.high),
                    ),
                ),
            ),
            standard=_EVEN,
        )
        for change in changes
    )
    named = [change for change in changes if change.category != SOMETHING_ELSE]
    rises, falls = (sum(change.is_sure and (change.chance_pct > _EVEN) == up for change in named) for up in (True, False))
    turn = "both" if rises and falls else "rises" if rises else "falls" if falls else "none"
    return Chart(
        key="higher",
        title=t(f"higher.title_{turn}", rises=number(rises), falls=number(falls), all=number(len(named))),
        subtitle=t("higher.subtitle", scope=scope(where.but(month_from=None, month_to=None), around)),
        drawing=Rows(drawn, value_axis([], "%", top=100.0)),
        alt=" ".join(t("higher.alt", name=row.name, chance=row.beads[0].text) for row in drawn),
        source=source("scores", around),
        caveat=t("higher.caveat"),
    )
