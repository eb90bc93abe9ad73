"""A build of a few rows written by hand, published as a real one, for tests that ask measures."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

import warehouse
from etl.marts import roll_ups
from metrics import indicators, verdicts

TABLES = {
    "marts.dim_commune": "commune_code text, commune_en text, commune_km text, unit_type text, district_code text, district_en text, "
    "district_km text, province_code text, province_en text, province_km text, successor_code text",
    "marts.dim_facility": "facility_id text, facility_en text, facility_km text, facility_type text, commune_code text, "
    "district_code text, "
    "province_code text, opened_date date, closed_date date",
    "marts.dim_service": "service_code text, service_en text, service_km text, facility_type text, sort_order int",
    "marts.dim_partner": "partner_id text, partner_en text, partner_km text",
    "marts.dim_coverage": "commune_code text, partner_id text, start_date date, end_date date, before_from date, "
    "before_to date, after_from date, "
    "after_to date",
    "marts.dim_population": "commune_code text, year int, population int, source text",
    "marts.agg_processing_days": "commune_code text, district_code text, province_code text, service_code text, month date, sex text, "
    'documents_complete boolean, days int, "end" text, standard_id text, requests bigint',
    "marts.agg_requests": "commune_code text, district_code text, province_code text, service_code text, month date, sex text, "
    "documents_complete boolean, requests bigint, completed bigint, ended bigint, open bigint, overdue bigint, due bigint, met bigint, "
    "fee_known bigint, fee_over bigint",
    "marts.agg_usage": "commune_code text, district_code text, province_code text, facility_id text, service_code text, month date, "
    "is_expected boolean, is_reported boolean, visits int, visits_female int, visits_male int, reported_date date",
    "marts.agg_promises": "commune_code text, district_code text, province_code text, service_code text, month date, requests bigint, "
    "posted bigint, due bigint, met bigint, fee_known bigint, fee_over bigint, visits_known bigint, one_visit bigint, referred bigint, "
    "referred_to_police bigint, delivered_known bigint, delivered_home bigint",
    "marts.agg_school_reports": "commune_code text, district_code text, province_code text, facility_type text, facility_id text, "
    "month date, is_expected boolean, is_reported boolean, pupils_enrolled int, pupils_enrolled_female int, pupils_enrolled_male int, "
    "teachers int, pupils_asked int, pupils_present int, pupils_present_female int, pupils_present_male int, teachers_asked int, "
    "teachers_present double, reported_date date",
    "marts.agg_feedback": "province_code text, district_code text, commune_code text, facility_type text, aspect text, "
    "month date, sex text, "
    "age_group text, channel text, rating_pct double, answers bigint",
    "marts.agg_unofficial_payment": "province_code text, district_code text, facility_type text, month date, answered bigint, asked bigint",
    "marts.agg_outreach": "province_code text, district_code text, commune_code text, session_topic text, month date, sessions bigint, "
    "participants bigint, participants_female bigint, participants_male bigint, participants_youth bigint, youth_known bigint, "
    "participants_minority bigint, minority_known bigint, participants_disability bigint, disability_known bigint",
    "marts.agg_outreach_sessions": "province_code text, district_code text, commune_code text, session_topic text, month date, "
    "planned bigint, planned_held bigint, planned_cancelled bigint, held bigint",
    "marts.agg_facilitator_network": "province_code text, district_code text, commune_code text, month date, is_operational boolean",
    "marts.agg_facilitators": "province_code text, month date, facilitators bigint",
    "marts.agg_facilitator_assessments": "province_code text, assessment_stage text, assessment_question text, month date, "
    "score_pct double, facilitators bigint",
    "marts.dim_covered_month": "province_code text, district_code text, commune_code text, month date",
    "marts.agg_scorecards": "province_code text, district_code text, commune_code text, facility_id text, facility_type text, "
    "category text, cycle int, month date, score_kind text, meetings bigint, people bigint, good bigint, low bigint, fifth_1 bigint, "
    "fifth_2 bigint, fifth_3 bigint, fifth_4 bigint, fifth_5 bigint",
    "marts.agg_scorecards_provider": "province_code text, district_code text, commune_code text, facility_id text, facility_type text, "
    "category text, cycle int, month date, meetings bigint, good bigint, low bigint, fifth_1 bigint, fifth_2 bigint, fifth_3 bigint, "
    "fifth_4 bigint, fifth_5 bigint",
    "marts.agg_scorecard_meetings": "province_code text, district_code text, commune_code text, facility_id text, facility_type text, "
    "cycle int, month date, meetings bigint, attendees bigint, attendees_female bigint, attendees_known bigint",
    "marts.dim_category": "category text, category_en text, category_km text, facility_types text, measure text, aspect text, "
    "service_code text, sort_order int",
    "marts.dim_service_standard": "service_code text, max_days int, valid_from date, valid_to date",
    "marts.dim_target": "target_id text, metric text, service_code text, place_code text, target double, valid_from date, valid_to date, "
    "source text",
    "marts.dim_action": "action_id text, province_code text, district_code text, commune_code text, partner_id text, facility_id text, "
    "facility_type text, category text, cycle int, action text, responsible text, agreed_date date, due_date date, status text, "
    "status_date date, done_date date, carried_from text, is_overdue boolean, days_late int",
    "marts.agg_actions": "province_code text, district_code text, commune_code text, facility_type text, category text, responsible text, "
    'partner_id text, cycle int, month date, status text, "end" text, days int, actions bigint, planned bigint, ongoing bigint, '
    "completed bigint, dropped bigint, carried_over bigint, open bigint, open_with_due_date bigint, overdue bigint, year_old bigint, "
    "done_within_year bigint, cost_riel bigint",
    "marts.dim_cycle": "commune_code text, district_code text, province_code text, cycle int, partner_id text, steps_done int, "
    "is_full boolean, next_step text, waits_since date, days_waiting int, is_stalled boolean, is_newest boolean",
    "marts.agg_cycles": "province_code text, district_code text, commune_code text, partner_id text, cycle int, month date, cycles bigint, "
    "full_cycles bigint, year_old bigint, full_year_old bigint, stalled bigint",
    "marts.agg_commune_cycles": "province_code text, district_code text, commune_code text, partner_id text, communes int, cycles bigint, "
    "full_cycles bigint, has_three_full int, is_stalled int",
    "marts.agg_cycle_standing": "province_code text, district_code text, commune_code text, month date, full_cycles bigint, "
    "has_three_full boolean",
    "marts.agg_indicator_values": "indicator_code text, value_date date, place_code text, group_code text, reach text, value double, "
    "people int, evidence text, is_hidden boolean",
    "marts.dim_indicator": ", ".join(f'"{name}" text' for name in (*indicators.COLUMNS, "is_example")),
    "marts.scored_criteria": "cycle int, commune_code text, district_code text, province_code text, facility_id text, facility_type text, "
    "category text, scored_date date, quarters date[], score_pct double, is_low boolean, is_shown boolean",
    "marts.dim_event": "event_id text, event_date date, event_type text, commune_code text, district_code text, title_en text, "
    "title_km text",
    "marts.dim_data_period": "data_from date, data_to date, first_incomplete_month date",
    "privacy.hidden_cells": "fact text, topic text, attribute text, place_level text, place_code text, period text, period_start date, "
    "service_code text, value text",
    "marts.dim_register": "office_id text, register_from date, register_to date, requests bigint",
    "quality.loads": "load_id int, source text, file_name text, sheet text, content_hash text, rows_read bigint, rows_loaded bigint, "
    "rows_set_aside bigint, rows_superseded bigint, rows_deleted bigint, status text",
    "quality.corrections": "source text, key text, column_name text, old_value text, new_value text, reason text, who text, "
    "corrected_on date, rows bigint",
    "quality.definitions": "kind text, name text, fingerprint text, said text, rests_on text[]",
    "quality.build": "build_id text, built_at timestamptz, is_demonstration boolean, data_to date, code_version text, "
    "inputs_fingerprint text",
}
COMMUNES = ("070101", "070102", "070201", "090101")


def publish(folder: Path, rows: dict[str, list[dict[str, Any]]], data_to: date = date(2024, 12, 31), is_demonstration: bool = False) -> str:
    """Publish a build whose tables hold these rows (columns left out are empty); place columns follow from the commune. Returns its id.

    The caller points COMMUNE_PULSE_DATA at `folder` first.
    """
    (folder / "warehouse").mkdir(parents=True, exist_ok=True)
    build_id, path = warehouse.start_build(date(2025, 1, 1))
    connection = duckdb.connect(str(path))
    for schema in ("marts", "privacy", "quality"):
        connection.execute(f"create schema {schema}")
    for table, columns in TABLES.items():
        connection.execute(f"create table {table} ({columns})")
    given = {"marts.dim_commune": [_commune(code) for code in COMMUNES], "marts.dim_service": _services(), **rows}
    given["quality.build"] = [{"build_id": build_id, "built_at": "2025-01-01", "is_demonstration": is_demonstration, "data_to": data_to}]
    for table, lines in given.items():
        alike: dict[tuple[str, ...], list[Any]] = {}
        for line in lines:
            if table.startswith("marts.agg_") and line.get("commune_code"):
                line = {"district_code": line["commune_code"][:4], "province_code": line["commune_code"][:2], **line}
            alike.setdefault(tuple(line), []).extend(line.values())
        for names, values in alike.items():
            row = f"({', '.join('?' * len(names))})"
            columns = ", ".join(f'"{name}"' for name in names)
            connection.execute(f"insert into {table} ({columns}) values {', '.join([row] * (len(values) // len(names)))}", values)
    for name, query in roll_ups().items():
        if f"marts.{name}" not in TABLES:
            connection.execute(f"create table marts.{name} as {query}")
    verdicts.decide(connection)
    connection.close()
    warehouse.publish_build(build_id)
    return build_id


def hidden(fact: str, place: str, period: str, start: date, **more: str) -> dict[str, Any]:
    """One hidden cell; the level follows from the place code ('KH', '07', '0701', '070101', '0701:yes')."""
    code, _, covered = place.partition(":")
    level = {"KH": "programme"}.get(code) or {2: "province", 4: "district", 6: "commune"}[len(code)]
    cell = {"topic": "", "attribute": "", "service_code": "*", "value": ""}
    return {
        **cell,
        "fact": fact,
        "place_level": f"{level}_covered" if covered else level,
        "place_code": place,
        "period": period,
        "period_start": start,
        **more,
    }


def days(commune: str, month: date, counts: dict[tuple[int, str], int], service: str = "birth", **more: Any) -> list[dict[str, Any]]:
    """Rows of agg_processing_days from {(days, end): requests}."""
    return [
        {"commune_code": commune, "service_code": service, "month": month, "days": day, "end": end, "requests": requests, **more}
        for (day, end), requests in counts.items()
    ]


def _commune(code: str) -> dict[str, Any]:
    return {
        "commune_code": code,
        "commune_en": f"Commune {code}",
        "commune_km": f"ឃុំ {code}",
        "unit_type": "commune",
        "district_code": code[:4],
        "district_en": f"District {code[:4]}",
        "district_km": f"ស្រុក {code[:4]}",
        "province_code": code[:2],
        "province_en": f"Province {code[:2]}",
        "province_km": f"ខេត្ត {code[:2]}",
    }


def _services() -> list[dict[str, Any]]:
    return [
        {"service_code": code, "service_en": code.title(), "service_km": code, "facility_type": kind, "sort_order": order}
        for order, (code, kind) in enumerate(
            (("birth", "commune_hall"), ("marriage", "commune_hall"), ("anc", "health_centre"), ("opd", "health_centre"))
        )
    ]
