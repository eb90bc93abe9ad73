-- a school has more pupils or teachers present than it has, or a month without a report has numbers
select facility_id, month, pupils_asked, pupils_present, teachers_asked, teachers_present
from marts.agg_school_reports
where
    pupils_present > pupils_asked
    or teachers_present > teachers_asked
    or pupils_present < 0
    or teachers_present < 0
    or (not is_reported and coalesce(pupils_enrolled, teachers) is not null)
    or (not is_reported and not is_expected)
