"""Which part of the data does the reader want to see? Choices stand in the address as plain codes and survive everything."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from metrics.query import Filters
from reports import ask, view
from text import month_text, t
from ui import links, problems

_NAMES = {"from": "month_from", "to": "month_to"}  # in the address, where it differs from ours
_FIRST_YEAR = 2015
_BOX_PX = 245  # the row is capped, so that boxes shrink on a phone and do not stretch on a desk


def row(*shown: str, kind: str | None = None) -> Filters:
    """Draw the filters of a page ("place", "service", "facility_type", "category", "period", "covered") in one row; returns the choice.

    `kind` narrows services to those of "health" or of "requests". A choice that this build does not know is dropped with a note.
    """
    knows = {"covered": ask.knows_coverage, "category": ask.categories}  # no register of coverage, no scorecards: no choice
    shown = tuple(name for name in shown if name not in knows or knows[name]())
    chosen = _known_choices(shown, kind)
    boxes = len(shown) - ({"period", "covered"} <= set(shown)) + sum(level in chosen for level in links.PLACES[:2]) * ("place" in shown)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", width=_BOX_PX * boxes):
        if "place" in shown:
            _places(chosen)
        if "service" in shown:
            _choice("service", ["", *_services(kind)], chosen, t("filter.all_services"))
        for name, every in (("facility_type", "all_facility_types"), ("category", "all_categories")):
            if name in shown:
                _choice(name, ["", *_values(name)], chosen, t(f"filter.{every}"))
        if {"period", "covered"} & set(shown):
            with st.popover(_rest_in_words(chosen, shown), icon=":material/tune:"):
                _rest(chosen, shown)
    return Filters(**{_NAMES.get(name, name): value for name, value in _finest(chosen).items()})


def _finest(chosen: dict[str, str]) -> dict[str, str]:
    """A commune says its district and province by itself; asking for all three only costs time."""
    level = next((name for name in reversed(links.PLACES) if name in chosen), None)
    return {name: value for name, value in chosen.items() if name not in links.PLACES or name == level}


def _known_choices(shown: Sequence[str], kind: str | None) -> dict[str, str]:
    """The choices of the address that this page has and this build knows; parents of a place are filled in."""
    asked, places = links.choices(), ask.places_known()
    wanted = {
        *(links.PLACES if "place" in shown else ()),
        *({"service", "facility_type", "category"} & set(shown)),
        *(("from", "to") if "period" in shown else ()),
        *({"covered"} & set(shown)),
    }
    chosen = {name: value for name, value in asked.items() if name in wanted}
    dropped = []
    for level in reversed(links.PLACES):
        code = chosen.get(level)
        if code and code not in set(places[f"{level}_code"]):
            dropped.append(chosen.pop(level))
        elif code:
            for parent, length in (("district", 4), ("province", 2)):
                if links.PLACES.index(parent) < links.PLACES.index(level):
                    chosen[parent] = code[:length]
    possible: dict[str, list[str]] = {name: _values(name) for name in ("facility_type", "category") if name in chosen}
    possible |= {"service": _services(None), "covered": ["yes", "no"], "from": _months(), "to": _months()}
    for name, values in possible.items():
        if name in chosen and chosen[name] not in values:
            dropped.append(chosen.pop(name))
    if chosen.get("from", "") > chosen.get("to", "9999"):
        dropped.append(chosen.pop("from"))
    if "service" in chosen and chosen["service"] not in _services(kind):
        chosen.pop("service")  # a service of another page: not wrong, only not meant here
    if dropped:
        problems.quiet_note(t("filter.dropped", value=", ".join(dropped)))
    return chosen


def _values(name: str) -> list[str]:
    """The values of a choice that needs no register of its own: the kinds of facility, the categories of criteria."""
    return ask.categories() if name == "category" else list(ask.FACILITY_TYPES)


def _services(kind: str | None) -> list[str]:
    table = ask.services()
    if kind:
        is_health = table["facility_type"] == "health_centre"
        table = table[is_health if kind == "health" else ~is_health]
    return list(table["service_code"])


def _months() -> list[str]:
    build = view.now().build
    last = build.data_to or build.built_at.date()
    return [
        f"{year}-{month:02d}"
        for year in range(last.year, _FIRST_YEAR - 1, -1)
        for month in range(12, 0, -1)
        if (year, month) <= (last.year, last.month)
    ]


def _places(chosen: dict[str, str]) -> None:
    """Province, then its districts, then their communes; a level appears when the one above is chosen."""
    table = ask.places_known()
    provinces = sorted(set(table["province_code"].dropna()))
    _choice("province", ["", *provinces], chosen, t("filter.all_provinces"), clears=("district", "commune"))
    if "province" in chosen:
        districts = sorted(set(table.loc[table["province_code"] == chosen["province"], "district_code"].dropna()))
        _choice("district", ["", *districts], chosen, t("filter.all_districts"), clears=("commune",))
    if "district" in chosen:
        inside = sorted(set(table.loc[table["district_code"] == chosen["district"], "commune_code"].dropna()))
        _choice("commune", ["", *inside], chosen, t("filter.all_communes"))


def _choice(
    name: str,
    options: list[str],
    chosen: dict[str, str],
    everything: str,
    clears: tuple[str, ...] = (),
    labels: dict[str, str] | None = None,
) -> None:
    key, known = f"choose {name}", labels or ask.names()
    st.session_state[key] = chosen.get(name, "")
    st.selectbox(
        t(f"filter.{name}"),
        options,
        key=key,
        format_func=lambda code: known.get(code, code) if code else everything,
        on_change=_changed,
        args=(name, clears),
    )


def _changed(name: str, clears: tuple[str, ...]) -> None:
    links.choose(**{name: st.session_state[f"choose {name}"] or None, **dict.fromkeys(clears)})


def _rest(chosen: dict[str, str], shown: Sequence[str]) -> None:
    if "period" in shown:
        months = {month: _month_words(month) for month in _months()}
        _choice("from", ["", *months], chosen, t("filter.all_months"), labels=months)
        _choice("to", ["", *months], chosen, t("filter.all_months"), labels=months)
    if "covered" in shown:
        _choice("covered", ["", "yes", "no"], chosen, t("covered.all"))


def _rest_in_words(chosen: dict[str, str], shown: Sequence[str]) -> str:
    """What the closed popover says: the choices in it, in words."""
    start, end = chosen.get("from"), chosen.get("to")
    months = (
        f"{_month_words(start)} – {_month_words(end)}"
        if start and end
        else t("scope.since", month=_month_words(start))
        if start
        else t("scope.until", month=_month_words(end))
        if end
        else t("filter.all_months")
    )
    covered = t(f"covered.{chosen['covered']}") if "covered" in chosen else t("covered.all")
    return " · ".join(([months] if "period" in shown else []) + ([covered] if "covered" in shown else []))


def _month_words(month: str) -> str:
    return month_text(date.fromisoformat(f"{month}-01"))
