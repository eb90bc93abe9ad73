"""How far did communes move away from those not yet covered, quarter by quarter round the programme's start?"""

from charts.axes import signed_axis
from charts.model import Axis, Chart, Graph, Level, Mark, Panel, Point, Series
from charts.words import Around, is_known, source
from metrics import catalogue
from metrics.contribution import QUARTERS_CHECKED, Claim, Contribution
from text import number, t, with_unit

_EVERY = 4  # quarters between two ticks
_POINTS_WHOLE, _PERCENT_WHOLE = 10, 2


def event_study(found: Contribution, around: Around) -> Chart:
    """One point a quarter with its 95 % interval: hollow before the start, filled from it on; zero is no difference."""
    rows = [row for row in found.events.to_dict("records") if row["quarter"] >= -QUARTERS_CHECKED]
    points = tuple(
        Point(
            float(row["quarter"]),
            float(row["effect"]),
            float(row["low"]),
            float(row["high"]),
            is_hollow=bool(row["is_before"]),
            hover=t(
                "page.contribution.hover",
                quarter=number(row["quarter"], sign=True),
                effect=change(found, row["effect"]),
                likely=likely(found, row["low"], row["high"]),
                communes=number(row["communes"]),
                controls=number(row["controls"]),
            ),
        )
        for row in rows
    )
    y = signed_axis([v for p in points for v in (p.low, p.high)], _unit(found))
    first, last = int(points[0].x), int(points[-1].x)  # type: ignore[arg-type]
    ticks = tuple((float(q), number(q, sign=True)) for q in range(first, last + 1) if q % _EVERY == 0)
    finding = title(found)
    subject = t(f"page.contribution.subject.{found.outcome.metric}")
    return Chart(
        key=f"event-study-{found.outcome.metric}",
        title=finding,
        subtitle=t("page.contribution.subtitle", subject=subject[:1].upper() + subject[1:]),
        alt=" ".join([f"{finding}.", *(p.hover.replace("<br>", ", ").replace("<b>", "").replace("</b>", "") + "." for p in points)]),
        drawing=Graph(
            (Panel((Series(points, tone="primary", shape="dots"),), y, levels=(Level(0.0, "", dash="solid"),)),),
            Axis(first - 0.7, last + 0.7, ticks),
            (Mark(-0.5, t("chart.programme_starts"), is_main=True),),
            height=400,
        ),
        source=source(catalogue()[found.outcome.metric].fact.name, around),
        caveat=t("page.contribution.caveat"),
        facts=(_base(found),) if found.communes else (),
    )


def _base(found: Contribution) -> str:
    """What the study rests on."""
    return t("picture.n", base=t("picture.compared", communes=number(found.communes), controls=number(found.controls)))


def title(found: Contribution) -> str:
    """The finding over the picture; where no claim is made, it says so."""
    key = found.claim if found.claim in (Claim.MORE, Claim.LESS, Claim.UNCLEAR) else "no_claim"
    return t(f"page.contribution.title.{key}", effect=change(found, found.effect, signed=False))


def change(found: Contribution, value: float, *, signed: bool = True) -> str:
    """A difference of changes: percent of a count, points of a share."""
    if not is_known(value):
        return number(None)
    shown = value if signed else abs(value)
    decimals = _decimals(found, abs(value), abs(value))
    return with_unit(shown, _unit(found), decimals, sign=signed)


def likely(found: Contribution, low: float, high: float, *, signed: bool = True) -> str:
    """The likely range of a change; unsigned: of its size, the smaller end first."""
    ends = (low, high) if signed else sorted((abs(low), abs(high)))
    decimals = _decimals(found, min(abs(low), abs(high)), max(abs(low), abs(high)))
    return t("chart.likely", low=number(ends[0], decimals, sign=signed), high=with_unit(ends[1], _unit(found), decimals, sign=signed))


def _decimals(found: Contribution, smallest: float, largest: float) -> int:
    """Points under 10 and percent under 2 need one."""
    return int(smallest < _POINTS_WHOLE if found.outcome.is_share else largest < _PERCENT_WHOLE)


def _unit(found: Contribution) -> str:
    return "points" if found.outcome.is_share else "%"
