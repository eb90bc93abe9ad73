"""Which organisations carry the programme?"""

from etl.contract import Column, Source

SOURCE = Source(
    name="partners",
    question="The programme's register of partner organisations.",
    grain="one row = one partner",
    columns=(
        Column("partner_id", "The number of the partner", is_key=True, is_required=True),
        Column("partner_en", "The name in English"),
        Column("partner_km", "The name in Khmer"),
    ),
    example={"partner_id": "P-1", "partner_en": "Example partner", "partner_km": "ដៃគូ"},
)
