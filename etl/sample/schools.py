"""What do primary schools report each month of the school year? Pupils enrolled and present, and the days of teachers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.sample import dirt
from etl.sample.files import EXCEL, OLD_WINDOWS, PLAIN, Table, day_text, moment_text, number_text, renamed
from etl.sample.parcels import Sent, province_slugs
from etl.sample.places import Places
from etl.sample.setting import DATA_TO, Setting
from etl.sample.truth import ramp

HOLIDAY_MONTHS = (9, 10)  # between two school years nothing is reported
PUPILS_PER_PERSON, PUPILS_PER_TEACHER = 0.112, 32
SCHOOL_DAYS = (21, 19, 21, 15, 19, 21, 21, 20, 0, 0, 17, 20)  # January to December; April: new year, November: water festival
FIELDS_NEED_HANDS = (0.0, 0.0, 0.0, 0.0, -0.02, -0.05, -0.03, 0.0, 0.0, 0.0, -0.03, -0.04)  # planting in June, harvest in December
PRESENCE_PER_VISIT = 0.3  # the planted effect on visits moves the presence of teachers: 1.3 times the visits, 9 points more presence
ATTENDANCE_PER_VISIT = 0.12

STYLES = {"07": EXCEL, "16": OLD_WINDOWS}
HEADERS = {  # what districts call the columns, by province
    "09": {"facility_id": "School code", "month": "Reporting month", "pupils_enrolled": "Total enrolment",
           "pupils_enrolled_female": "Girls enrolled", "pupils_enrolled_male": "Boys enrolled",
           "pupils_attended": "Average daily attendance", "pupils_attended_female": "Girls present", "pupils_attended_male": "Boys present",
           "teachers": "Number of teachers", "teacher_days_expected": "Teaching days due",
           "teacher_days_present": "Teaching days done", "reported_date": "Date reported"},
    "11": {"facility_id": "លេខកូដសាលា", "month": "ខែ",
           "pupils_enrolled_female": "សិស្សស្រីចុះឈ្មោះ", "pupils_enrolled_male": "សិស្សប្រុសចុះឈ្មោះ",
           "pupils_attended_female": "សិស្សស្រីមករៀន", "pupils_attended_male": "សិស្សប្រុសមករៀន", "teachers": "ចំនួនគ្រូ",
           "teacher_days_expected": "ថ្ងៃត្រូវបង្រៀន", "teacher_days_present": "ថ្ងៃគ្រូមកបង្រៀន", "reported_date": "ថ្ងៃរាយការណ៍"},
}  # fmt: skip
WITHOUT_TOTALS = "11"  # its sheet has girls and boys and no sum


def send_school_reports(sent: Sent, reports: pd.DataFrame, setting: Setting) -> None:
    """A file a province and year: headers in the district's own words, one sheet without totals, a few rows that no one can use."""
    year_of = reports["month"].dt.year
    for province, slug in province_slugs(setting).items():
        for year in setting.years:
            chosen = reports[(reports["province"] == province) & (year_of == year)]
            if chosen.empty:
                continue
            name = f"school_reports/{slug}_{year}.csv"
            style = STYLES.get(province, PLAIN)
            spoils = dirt.SCHOOL_SPOILS + (dirt.KHMER_SCHOOL_SPOILS if style is not OLD_WINDOWS else ())
            table, done = dirt.spoil(schools_table(chosen), spoils, setting.random(name), repeated=0.004)
            if province == WITHOUT_TOTALS:
                table = {column: values for column, values in table.items() if column not in ("pupils_enrolled", "pupils_attended")}
            sent.write(name, renamed(table, HEADERS.get(province, {})), style, done)


def invent_school_reports(setting: Setting, places: Places, effects: pd.DataFrame) -> pd.DataFrame:
    """Reports as numbers: province, facility_id, month, girls, boys, girls_present, boys_present, teachers, expected, present, reported."""
    random = setting.random("schools")
    months = setting.months[~np.isin(setting.months.astype(np.int64) % 12 + 1, HOLIDAY_MONTHS)]
    calendar, middle = months.astype(np.int64) % 12, months.astype("datetime64[D]") + 14
    count, length = len(places.communes), len(months)
    full = ramp(effects, np.repeat(np.arange(count), length), np.tile(middle, count)).reshape(count, length)
    planted = (effects["visits_ratio"].to_numpy()[:, None] - 1) * full

    people, growth = places.communes["population"].to_numpy()[:, None], places.communes["growth"].to_numpy()[:, None]
    year = (months.astype(np.int64) + 2) // 12 - (setting.months[0].astype(np.int64) + 2) // 12  # school years since the first
    since_november = (calendar + 2) % 12
    own = np.exp(random.normal(0, 0.16, (count, 1)))
    pupils = people * PUPILS_PER_PERSON * own * (1 + growth) ** year * (1 - 0.004 * since_november)
    girls = np.round(pupils * random.normal(0.485, 0.02, (count, 1))).astype(int)
    boys = np.round(pupils).astype(int) - girls
    comes = 0.86 + random.normal(0, 0.03, (count, 1)) + np.array(FIELDS_NEED_HANDS)[calendar] + planted * ATTENDANCE_PER_VISIT
    comes = (comes + random.normal(0, 0.012, (count, length))).clip(0.5, 0.985)
    teachers = np.maximum(3, np.round(people * PUPILS_PER_PERSON * own * (1 + growth) ** year / PUPILS_PER_TEACHER)).astype(int)
    expected = teachers * np.array(SCHOOL_DAYS)[calendar]
    presence = (0.8 + random.normal(0, 0.05, (count, 1)) + planted * PRESENCE_PER_VISIT).clip(0.4, 0.97)
    presence = (presence + random.normal(0, 0.02, (count, length))).clip(0.3, 0.99)
    came = _reports_that_came(count, length, random)
    school, month = np.nonzero(came)
    reported = (months[month] + 1).astype("datetime64[D]") + random.integers(1, 15, len(school))
    table = pd.DataFrame(
        {
            "province": places.communes["province_code"].to_numpy()[school],
            "facility_id": places.communes["primary_school"].to_numpy()[school],
            "month": months[month].astype("datetime64[s]"),
            "girls": girls[came],
            "boys": boys[came],
            "girls_present": random.binomial(girls[came], (comes + 0.01).clip(0, 0.99)[came]),
            "boys_present": random.binomial(boys[came], (comes - 0.01)[came]),
            "teachers": teachers[came],
            "expected": expected[came],
            "present": random.binomial(expected[came], presence[came]),
            "reported": reported.astype("datetime64[s]"),
        }
    )
    is_sent = np.asarray(reported <= DATA_TO + np.timedelta64(3, "D"))
    return table[is_sent].reset_index(drop=True)


def schools_table(reports: pd.DataFrame) -> Table:
    """These reports as a district would export them."""
    numbers = {
        "pupils_enrolled": reports["girls"] + reports["boys"],
        "pupils_enrolled_female": reports["girls"],
        "pupils_enrolled_male": reports["boys"],
        "pupils_attended": reports["girls_present"] + reports["boys_present"],
        "pupils_attended_female": reports["girls_present"],
        "pupils_attended_male": reports["boys_present"],
        "teachers": reports["teachers"],
        "teacher_days_expected": reports["expected"],
        "teacher_days_present": reports["present"],
    }
    reported = reports["reported"].to_numpy()
    return {
        "facility_id": reports["facility_id"].to_numpy(dtype=object),
        "month": day_text(reports["month"].to_numpy()),
        **{name: number_text(values.to_numpy()) for name, values in numbers.items()},
        "reported_date": day_text(reported),
        "updated_at": moment_text(reported, 480 + np.arange(len(reports)) % 540),
    }


def _reports_that_came(schools: int, months: int, random: np.random.Generator) -> np.ndarray:
    """Which reports came (schools, months): most, from some schools fewer, and a hole of some months in one of ten."""
    came = random.random((schools, months)) > random.beta(1.3, 18, schools)[:, None]
    for school in random.choice(schools, max(1, schools // 10), replace=False):
        hole = random.integers(0, max(1, months - 6))
        came[school, hole : hole + random.integers(2, 7)] = False
    return came
