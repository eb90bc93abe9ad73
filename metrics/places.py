"""What are places, services, facilities and partners called, and which places are in the data?"""

from __future__ import annotations

import pandas as pd

from metrics.memory import remembered
from warehouse import has_table, read

LANGUAGES = ("en", "km")
_TREE = ("province_code", "district_code", "commune_code")
CODE_LENGTH = {"province": 2, "district": 4, "commune": 6}
_NAMED = (
    ("marts.dim_commune", "province_code", "province"),
    ("marts.dim_commune", "district_code", "district"),
    ("marts.dim_commune", "commune_code", "commune"),
    ("marts.dim_service", "service_code", "service"),
    ("marts.dim_facility", "facility_id", "facility"),
    ("marts.dim_partner", "partner_id", "partner"),
    ("marts.dim_category", "category", "category"),
)


def levels(code: str) -> dict[str, str]:
    """The places that a code stands for and lies in, widest first: "070602" -> province 07, district 0706, commune 070602."""
    return {level: code[:length] for level, length in CODE_LENGTH.items() if length <= len(code)}


@remembered
def names(build_id: str | None = None, language: str = "en") -> dict[str, str]:
    """Code -> name of every province, district, commune, service, facility, partner and category; English where there is no other."""
    column = language if language in LANGUAGES else "en"
    selects = [
        f"select distinct {code} as code, coalesce(nullif({name}_{column}, ''), {name}_en, {code}) as name "
        f"from {table} where {code} is not null"
        for table, code, name in _NAMED
        if has_table(table, build_id)
    ]
    table = read("\nunion all\n".join(selects), build_id=build_id)
    return dict(zip(table["code"], table["name"], strict=True))


@remembered
def tree(build_id: str | None = None) -> pd.DataFrame:
    """Every commune that has a record or is covered, with its district and province.

    Codes and names (`commune_en`, `commune_km`, ...), sorted by code. Districts known only from feedback have a row without a commune.
    """
    return read(
        """
        with seen as (
            select * from marts.dim_known_place where commune_code is not null
        ),
        places as (
            select * from seen
            union
            select * from marts.dim_known_place
            where commune_code is null and district_code not in (select district_code from seen)
        ),
        districts as (
            select distinct district_code, district_en, district_km, province_en, province_km from marts.dim_commune
        )
        select
            places.province_code,
            districts.province_en,
            districts.province_km,
            places.district_code,
            districts.district_en,
            districts.district_km,
            places.commune_code,
            communes.commune_en,
            communes.commune_km
        from places
        left join marts.dim_commune as communes on communes.commune_code = places.commune_code
        left join districts on districts.district_code = places.district_code
        order by all
        """,
        build_id=build_id,
    )


def with_names(table: pd.DataFrame, build_id: str | None = None, language: str = "en") -> pd.DataFrame:
    """The table with a column of names right after every column of codes (`province_code` -> `province`)."""
    coded = [column for column in (*_TREE, "service_code", "facility_id", "partner_id") if column in table.columns]
    if not coded:
        return table
    known = names(build_id, language)
    named = table.copy()
    for column in coded:
        name = column.removesuffix("_code").removesuffix("_id")
        named.insert(list(named.columns).index(column) + 1, name, named[column].map(lambda code: known.get(code, code)))
    return named
