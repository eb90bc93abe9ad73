"""Is the demonstration what it says: the same from one seed, as messy as real files, with the effects it planted?"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from etl.sample import dirt, make_sample, parcels
from etl.sample.cycles import invent_cycles
from etl.sample.dirt import use_old_codes, without_leading_zero
from etl.sample.files import Style, write_table
from etl.sample.places import invent_places
from etl.sample.scorecards import invent_meetings
from etl.sample.setting import read_setting
from etl.sample.truth import plant_effects

SMALL = {"communes": 16, "months": 54}
NAMED_IN_FILES = [
    *dirt.REQUEST_SPOILS, *dirt.KHMER_REQUEST_SPOILS, *dirt.USAGE_SPOILS, *dirt.FEEDBACK_SPOILS,
    *dirt.FACILITATOR_SPOILS, *dirt.ASSESSMENT_SPOILS, *dirt.OUTREACH_SPOILS,
    *dirt.POSTING_SPOILS, *dirt.MIXED_POSTING_SPOILS, *dirt.SCHOOL_SPOILS, *dirt.KHMER_SCHOOL_SPOILS,
]  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder, **SMALL)
    return folder


@pytest.fixture(scope="module")
def truth(sample: Path) -> pd.DataFrame:
    return pd.read_csv(sample / "truth" / "truth.csv", dtype={"commune_code": str}, parse_dates=["start_date"])


@pytest.fixture(scope="module")
def planted_dirt(sample: Path) -> pd.DataFrame:
    return pd.read_csv(sample / "truth" / "dirt.csv")


@pytest.fixture(scope="module")
def requests(sample: Path) -> pd.DataFrame:
    return pd.concat([read(path) for path in sorted((sample / "service_requests").iterdir())], ignore_index=True)


def read(path: Path) -> pd.DataFrame:
    """Any of the sample's files as text, with its own encoding, separator and line ends."""
    content = path.read_bytes()
    if content.startswith(b"\xff\xfe"):
        text = content.decode("utf-16")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252" if b"\n" in content else "mac_roman")
    header = text.splitlines()[0]
    separator = max(",;|\t", key=header.count)
    lines = list(csv.reader(io.StringIO("\n".join(line for line in text.splitlines() if line)), delimiter=separator))
    return pd.DataFrame(lines[1:], columns=lines[0])


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        make_sample(tmp_path / name, seed=seed, communes=4, months=24)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "again")
    assert fingerprint(tmp_path / "one") != fingerprint(tmp_path / "other")


def test_the_whole_demonstration_is_the_four_provinces_from_january_2021() -> None:
    setting = read_setting(seed=1)
    assert setting.communes["province_code"].value_counts().to_dict() == {"07": 93, "09": 29, "11": 21, "16": 50}
    assert (str(setting.months[0]), str(setting.months[-1])) == ("2021-01", "2026-10")


def test_every_source_has_its_folder(sample: Path) -> None:
    sources = {"service_requests", "service_usage", "feedback", "facilities", "partners", "coverage", "events", "population"}
    sources |= {"facilitators", "facilitator_assessments", "outreach", "scorecards", "action_plans", "cycles"}
    sources |= {"posted_standards", "school_reports", "indicator_values"}
    assert {path.name for path in sample.iterdir()} == sources | {"truth"}


@pytest.mark.parametrize("name", sorted({spoil.name for spoil in NAMED_IN_FILES}))
def test_every_kind_of_dirt_is_in_some_file(planted_dirt: pd.DataFrame, name: str) -> None:
    assert planted_dirt.loc[planted_dirt["dirt"] == name, "rows"].sum() > 0


def test_one_or_two_rows_in_a_hundred_are_beyond_use(requests: pd.DataFrame, planted_dirt: pd.DataFrame) -> None:
    bad = planted_dirt[planted_dirt["file_name"].str.startswith("service_requests/") & (planted_dirt["expected"] == "set aside")]
    assert 0.01 < bad["rows"].sum() / len(requests) < 0.02


def test_the_dirt_that_is_noted_is_the_dirt_in_the_files(requests: pd.DataFrame, planted_dirt: pd.DataFrame) -> None:
    noted = planted_dirt[planted_dirt["file_name"].str.startswith("service_requests/")].groupby("dirt")["rows"].sum()
    assert requests["submitted_date"].isin(["31/02/2024", "2023-02-30", "0000-00-00", "yesterday"]).sum() == noted["impossible date"]
    assert requests["submitted_date"].str.startswith("2031").sum() == noted["date in the future"]
    assert requests["fee_paid_riel"].str.startswith("-").sum() == noted["negative fee"]
    assert (requests["request_id"] == "").sum() == noted["missing key"]
    assert requests["commune_code"].str.startswith(" ").sum() == noted["spaces round values"]
    assert requests["visits_needed"].str.contains("[០-៩]").sum() == noted["Khmer digits"]
    backwards = (requests["completed_date"] < requests["submitted_date"]) & requests["completed_date"].str.match("20")
    readable = requests["submitted_date"].str.match(r"20[12]\d-\d\d-\d\d$") & ~requests["submitted_date"].str.contains("02-30")
    assert (backwards & readable).sum() == noted["completed before submitted"]


def test_files_come_in_many_encodings_separators_and_line_ends(sample: Path) -> None:
    contents = [path.read_bytes() for path in (sample / "service_requests").iterdir()]
    assert any(content.startswith(b"\xef\xbb\xbf") for content in contents)
    assert any(content.startswith(b"\xff\xfe") for content in contents)
    old_mac = [content for content in contents if b"\r" in content and b"\n" not in content]
    assert old_mac and all("périmée" in content.decode("mac_roman") for content in old_mac)
    assert any("périmée".encode("cp1252") in content for content in contents)
    assert {separator for content in contents for separator in b",;|" if content.split(b"\n")[0].count(separator) > 5} == set(b",;|")
    assert any(content.count(b"\t") > 100 and not content.startswith(b"\xff\xfe") for content in contents)
    assert any(b"\n\n" in content for content in contents)


def test_a_cell_that_holds_the_separator_or_a_quote_is_quoted(tmp_path: Path) -> None:
    table = {"a": np.array(["1;2", 'say "hi"', "plain"], dtype=object), "b": np.array(["", "x", "y"], dtype=object)}
    write_table(tmp_path / "a.csv", table, Style(separator=";", line_end="\r\n"))
    assert (tmp_path / "a.csv").read_bytes() == b'a;b\r\n"1;2";\r\n"say ""hi""";x\r\nplain;y\r\n'


def test_a_spreadsheet_drops_leading_zeros() -> None:
    assert without_leading_zero(np.array(["070101", "110203"], dtype=object)).tolist() == ["70101", "110203"]


def test_some_offices_still_use_the_code_of_before() -> None:
    table = {"commune_code": np.array(["070901"] * 50 + ["070101"] * 50, dtype=object)}
    assert use_old_codes(table, {"070901": "070701"}, np.random.default_rng(1)) == (table["commune_code"] == "070701").sum() > 0
    assert read_setting(seed=1).old_codes["070901"] == "070701"


def test_a_row_sent_again_is_newer_than_the_one_it_replaces(sample: Path) -> None:
    early = read(sample / "service_requests" / "koh_kong_2024.csv").drop_duplicates("request_id")
    update = read(sample / "service_requests" / "koh_kong_2024_update.csv")
    both = early.merge(update, on="request_id", suffixes=("", "_later"))
    assert len(update) > 0 and len(both) >= 0.95 * len(update)
    assert (both["updated_at_later"] >= both["updated_at"]).all()
    assert (both["outcome"].str.lower() == "open").mean() > 0.9


def test_some_requests_are_open_and_some_registers_stopped(requests: pd.DataFrame) -> None:
    assert (requests["outcome"] == "open").sum() > 50
    assert requests.groupby("facility_id")["register_to_date"].max().lt("2026-10-31").any()


def test_people_in_the_files_are_invented(sample: Path) -> None:
    people = [read(path) for path in [*(sample / "service_requests").glob("mondulkiri_2025.csv"), *(sample / "feedback").glob("coast*")]]
    names = pd.concat([frame[column] for frame in people for column in ("citizen_name", "respondent_name") if column in frame])
    phones = pd.concat([frame["phone"] for frame in people])
    assert len(names) > 100
    assert all(re.fullmatch(r"(Neak Saklbong|អ្នកសាកល្បង) \d{4}", name) for name in names)
    assert all(phone.startswith("000 ") for phone in phones)


def test_scales_differ_and_are_stored_with_the_ratings(sample: Path) -> None:
    scales = {path.name[:5]: set(read(path)["scale_min"]) - {""} for path in (sample / "feedback").iterdir()}
    assert scales["highl"] == {"0"} and scales["lotus"] == {"1"}


def test_truth_names_improvement_none_harm_and_never(truth: pd.DataFrame) -> None:
    assert set(truth["planted"]) == {"improvement", "none", "harm", "never covered"}
    untouched = truth[truth["planted"].isin(["none", "never covered"])]
    assert (untouched.filter(like="_ratio") == 1).all(axis=None) and (untouched.filter(like="_difference") == 0).all(axis=None)
    assert (truth["start_date"].isna() == (truth["planted"] == "never covered")).all()


def test_days_fall_where_a_fall_was_planted_and_nowhere_else(requests: pd.DataFrame, truth: pd.DataFrame) -> None:
    days = clean_days(requests).merge(truth, on="commune_code")
    after = days["submitted"] >= days["start_date"] + pd.to_timedelta(days["ramp_months"] * 31, "D")
    before = days["submitted"] < days["start_date"]
    means = pd.DataFrame(
        {"before": days[before].groupby("commune_code")["days"].mean(), "after": days[after].groupby("commune_code")["days"].mean()}
    )
    seen = (means["after"] / means["before"]).rename("seen")
    checked = truth.set_index("commune_code").join(seen).dropna(subset=["seen"])
    big = checked[checked["days_ratio"] < 0.65]
    assert len(big) and (big["seen"] < 0.8).all()
    assert checked.loc[checked["planted"] == "none", "seen"].between(0.8, 1.25).all()
    assert (checked.loc[checked["planted"] == "harm", "seen"] > 1.05).all()


def test_truth_tells_the_median_the_register_shows(requests: pd.DataFrame, truth: pd.DataFrame) -> None:
    big = truth.loc[truth["median_days_with"].sub(truth["median_days_without"]).idxmin()]
    days = clean_days(requests)
    after = days[
        (days["commune_code"] == big.commune_code) & (days["submitted"] > big.start_date + pd.Timedelta(days=31 * big.ramp_months))
    ]
    assert abs(after["days"].median() - big.median_days_with) <= 1
    assert big.median_days_with < 0.8 * big.median_days_without


def test_visits_rise_where_a_rise_was_planted(sample: Path, truth: pd.DataFrame) -> None:
    usage = pd.concat([read(path) for path in (sample / "service_usage").glob("*_20*.csv")])
    usage = usage[
        (usage["service_code"] == "outpatient")
        & usage["visits"].str.fullmatch(r"[0-9]+")
        & usage["month"].str.match("20..-(0[1-9]|1[012])")
    ]
    usage = usage.assign(
        commune_code=usage["facility_id"].str[2:], month=pd.to_datetime(usage["month"]), visits=usage["visits"].astype(int)
    )
    usage = usage.merge(truth[truth["visits_ratio"] > 1.15], on="commune_code")
    since = (usage["month"].dt.year - usage["start_date"].dt.year) * 12 + usage["month"].dt.month - usage["start_date"].dt.month
    before, after = (usage[side].groupby("commune_code")["visits"].mean() for side in (since.between(-12, -1), since.between(6, 17)))
    both = pd.concat([before, after], axis=1).dropna()
    assert len(both) and (both.iloc[:, 1] / both.iloc[:, 0]).median() > 1.1


def test_progress_is_told_from_start_to_end(tmp_path: Path) -> None:
    told: list[float] = []
    make_sample(tmp_path, communes=4, months=24, progress=lambda share, what: told.append(share))
    assert told == sorted(told) and (told[0], told[-1]) == (0.0, 1.0)


def test_every_file_style_is_used_by_a_province_of_the_programme() -> None:
    assert {province for province, _ in parcels.REQUEST_STYLES} <= set(parcels.WORDS)


def clean_days(requests: pd.DataFrame) -> pd.DataFrame:
    """Completed requests whose cells are readable as they stand: commune, day handed in, days."""
    rows = requests[requests["outcome"].isin(["completed"]) & requests["commune_code"].str.match(r"\d{5,6}$")]
    submitted = pd.to_datetime(rows["submitted_date"], format="%Y-%m-%d", errors="coerce")
    completed = pd.to_datetime(rows["completed_date"], format="%Y-%m-%d", errors="coerce")
    days = pd.DataFrame(
        {"commune_code": rows["commune_code"].str.zfill(6), "submitted": submitted, "days": (completed - submitted).dt.days}
    ).dropna()
    return days[days["days"] >= 0]


def test_the_story_begins_with_low_scores_for_time_that_the_hall_does_not_share() -> None:
    setting = read_setting(20261031)
    places = invent_places(setting)
    meetings = invent_meetings(setting, invent_cycles(setting, places, plant_effects(setting, places)))
    told = meetings[(meetings["facility_id"] == "CH070602") & (meetings["category"] == "time")]
    opinion = told.groupby(["side", "cycle"])["opinion"].median()
    assert opinion["citizen", 2023] < 50 < 60 < opinion["citizen", 2024]
    assert opinion["provider", 2023] > 60
    assert told.loc[told["side"] == "citizen", "attendees"].min() >= 10  # of fewer no score would be told
    days = told.loc[(told["side"] == "citizen") & (told["cycle"] == 2023), "date"]
    assert days.min() >= pd.Timestamp("2023-12-01") and days.max() < pd.Timestamp("2024-04-01")  # some months after the programme came
