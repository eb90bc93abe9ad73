"""How many people live in a commune?"""

from etl.contract import Column, Rule, Source

SOURCE = Source(
    name="population",
    question="People per commune and year, with where the number comes from.",
    grain="one row = one commune and year",
    columns=(
        Column("commune_code", "The commune", reference="communes", is_key=True, is_required=True),
        Column("year", "The year", "integer", is_key=True, is_required=True),
        Column("population", "The number of people", "integer", is_required=True),
        Column("source", "Where the number comes from"),
    ),
    example={"commune_code": "070101", "year": "2024", "population": "6500", "source": "commune database"},
    own_rules=(
        Rule("year_plausible", "year between 1990 and 2100", "The year is not between 1990 and 2100. Check it.", {"year": "24"}),
        Rule(
            "population_positive",
            "population > 0",
            "The number of people is not above zero. Correct it, or leave the row out.",
            {"population": "0"},
        ),
    ),
)
