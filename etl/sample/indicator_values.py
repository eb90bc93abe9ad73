"""What did the programme enter for indicators that no register measures? A survey every second year, and people reached a fiscal year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from etl.sample.files import Table, from_frame
from etl.sample.places import Places
from etl.sample.setting import Setting

REGISTERED, REACHED = "IM1.2", "OP1.3"  # codes of the shipped example framework
SURVEYS = {"2024-06-30": 74, "2026-06-30": 78}  # the share of young children who are registered, in percent
YEAR_ENDS = {"2024-06-30": 95, "2025-06-30": 230, "2026-06-30": 375}  # people reached since the start, a commune of the programme
SHARES = {"f": 0.61, "youth": 0.24, "minority": 0.2, "disability": 0.019}
INDIRECTLY = 3.1  # members of the household for each person reached


def indicator_values_table(setting: Setting, places: Places) -> Table:
    """All of them, as the programme's own list keeps them."""
    covered = places.communes[places.communes["start_date"].notna()]
    by_province = {str(code): len(part) for code, part in covered.groupby("province_code")}
    rows = [*_surveys(setting, by_province), *_reached(setting, by_province)]
    table = pd.DataFrame(rows)
    table = table[table["value_date"] >= str(setting.first_day)]
    return from_frame(table.astype(str))


def _surveys(setting: Setting, by_province: dict[str, int]) -> Iterator[dict[str, Any]]:
    random = setting.random("survey of births")
    for day, share in SURVEYS.items():
        told = {"value_date": day, "evidence": "Household survey of the programme (invented)"}
        children = 14 * sum(by_province.values()) + 40
        yield _row(REGISTERED, indicator_value=share, people_asked=children, **told)
        for sex, points in (("f", -1), ("m", 1)):
            yield _row(REGISTERED, group_code=sex, indicator_value=share + points, people_asked=children // 2, **told)
        for province, communes in by_province.items():
            off = int(random.integers(-5, 5))
            yield _row(REGISTERED, province_code=province, indicator_value=share + off, people_asked=14 * communes + 10, **told)


def _reached(setting: Setting, by_province: dict[str, int]) -> Iterator[dict[str, Any]]:
    random = setting.random("people reached")
    for day, people in YEAR_ENDS.items():
        told = {"value_date": day, "evidence": "Count of the partners, persons counted once (invented)"}
        mine = {province: round(people * communes * random.uniform(0.9, 1.1)) for province, communes in by_province.items()}
        total = sum(mine.values())
        for reach, all_people in (("direct", total), ("indirect", round(INDIRECTLY * total))):
            women = round(SHARES["f"] * all_people) if reach == "direct" else round(0.49 * all_people)
            yield _row(REACHED, reach=reach, indicator_value=all_people, **told)
            yield _row(REACHED, reach=reach, group_code="f", indicator_value=women, **told)
            yield _row(REACHED, reach=reach, group_code="m", indicator_value=all_people - women, **told)
        for group in ("youth", "minority", "disability"):
            yield _row(REACHED, group_code=group, indicator_value=round(SHARES[group] * total), **told)
        for province, people_there in mine.items():
            yield _row(REACHED, province_code=province, indicator_value=people_there, **told)


def _row(indicator: str, **cells: Any) -> dict[str, Any]:
    empty = {"value_date": "", "province_code": "", "group_code": "total", "reach": "direct", "indicator_value": "", "people_asked": ""}
    return {"indicator_code": indicator, **empty, **cells}
