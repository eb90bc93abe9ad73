"""Are services used more, and can the reports be relied on?"""

from metrics.model import Fact, Metric, PerThousandPeople, Ratio, Sum

VISITS_BY_SEX = (
    "(select * exclude (visits_female, visits_male) replace (visits_female as visits), 'f' as sex from marts.agg_usage"
    " union all select * exclude (visits_female, visits_male) replace (visits_male as visits), 'm' as sex from marts.agg_usage)"
)
USAGE = Fact(
    name="usage",
    table="marts.agg_usage",
    label="Visits reported by facilities",
    places=("province", "district", "commune"),
    service_column="service_code",
    attributes=("sex",),
    hidden_as="usage",
    counted="visits",
    sources=(("sex", VISITS_BY_SEX),),
    rollups=("marts.agg_usage_aligned",),
)
REPORTS = Fact(
    name="reports",
    table="marts.agg_usage",
    label="Monthly reports expected from facilities",
    places=("province", "district", "commune"),
    service_column="service_code",
    rollups=("marts.agg_usage_aligned",),
)

METRICS = (
    Metric(
        name="visits",
        fact=USAGE,
        kind=Sum("visits"),
        label="Visits",
        unit="visits",
        better="higher",
        definition="Contacts of citizens with a facility, as reported by the facility for each service and month. "
        "One person may come more than once.",
        caveat="A month without a report is missing, not zero.",
    ),
    Metric(
        name="visits_per_facility_month",
        fact=USAGE,
        kind=Ratio("sum(visits)", "count(distinct (facility_id, month)) filter (is_reported)", is_share=False),
        label="Visits per reporting facility and month",
        unit="visits",
        decimals=0,
        better="higher",
        definition="Visits divided by the number of facilities times months for which a report came. A facility counts once a month: "
        "for one service if a service is chosen, else for all its services together.",
        caveat="Not affected by reports that did not come.",
    ),
    Metric(
        name="visits_per_1000_people",
        fact=USAGE,
        kind=PerThousandPeople("visits"),
        label="Visits a month per 1,000 people",
        unit="visits",
        decimals=1,
        better="higher",
        definition="Visits divided by the people living in the commune, for every 1,000 people and month, "
        "over the communes and months with a report. "
        "The population is that of the year, or of the nearest earlier year known.",
        caveat="Only communes with a population figure.",
    ),
    Metric(
        name="reporting_completeness_pct",
        fact=REPORTS,
        kind=Ratio("count(*) filter (is_reported and is_expected)", "count(*) filter (is_expected)"),
        label="Reporting completeness",
        unit="%",
        better="higher",
        definition="Monthly reports received, out of the reports expected from facilities that were open, one for each of their services.",
        caveat="Says how far the other figures on use can be relied on.",
    ),
)
