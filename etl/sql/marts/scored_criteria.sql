-- one row = one cycle, facility and category of criteria: how low or high citizens scored it
-- For joining with what was agreed and done about it. A row itself is told only where is_shown (ten people or more in every meeting of its
-- cells: commune, quarter of `quarters`, facility type and category) and none of those cells is hidden (metrics/scored_rows.py). people is
-- never told.
-- Where the facility is unknown, facility_id is empty and the row is that of the commune and facility type.
with scores as (
    select
        *,
        cast(date_trunc('quarter', meeting_date) as date) as quarter,
        min(people) over (partition by commune_code, facility_type, category, date_trunc('quarter', meeting_date)) as fewest_in_cell
    from marts.fct_scorecards
    where side = 'citizen'
)
select
    cycle,
    commune_code,
    district_code,
    province_code,
    facility_id,
    facility_type,
    category,
    max(meeting_date) as scored_date,
    list_sort(list(distinct quarter)) as quarters,
    count(*) as meetings,
    sum(people) as people,
    median(score_pct) as score_pct,
    median(score_pct) < 50 as is_low,
    100.0 * count(*) filter (where score_pct >= 75) / count(*) as good_pct,
    100.0 * count(*) filter (where score_pct < 50) / count(*) as low_pct,
    min(fewest_in_cell) >= 10 as is_shown
from scores
group by all
