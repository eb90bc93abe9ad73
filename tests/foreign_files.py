"""Which files do offices have, and what would a careful colleague map and ask? Small and true in shape; bench uses them too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from etl.readers import TextTable
from etl.readers import csv as csv_reader


@dataclass(frozen=True)
class Case:
    """A file, the source it is (empty: nobody can know), column or place -> header, and parts of the keys of what must be asked."""

    name: str
    text: str
    source: str
    columns: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()


def table_of(case: Case, folder: Path) -> TextTable:
    """The case as a file, opened."""
    path = folder / f"{case.name.replace(' ', '_')}.csv"
    path.write_text(case.text, encoding="utf-8")
    return csv_reader.open_table(path, csv_reader.scan(path), folder / "tidy.csv")


REQUESTS = {"request_id": "request_id", "commune_code": "commune_code", "service_code": "service"}  # what is right where headers say so
DATED_REQUESTS = {**REQUESTS, "submitted_date": "date submitted"}


def _rows(header: str, *rows: str, times: int = 1) -> str:
    return "\n".join([header, *(rows * times)]) + "\n"


def _numbered(header: str, row: str, count: int = 12) -> str:
    """`row` once a number, which stands for {n}, with days 01 to 28 for {d}."""
    return _rows(header, *(row.format(n=n, d=f"{n % 28 + 1:02}", m=f"{n % 12 + 1:02}") for n in range(1, count + 1)))


KOBO_END = (
    '"_id";"_uuid";"_submission_time";"_validation_status";"_notes";'
    '"_status";"_submitted_by";"__version__";"_tags";"meta/rootUuid";"_index"'
)


def _kobo(header: str, *rows: str) -> str:
    """A KoboToolbox CSV: semicolons, everything quoted, its eleven columns at the end."""
    lines = [";".join(f'"{cell}"' for cell in header.split("|")) + ";" + KOBO_END]
    for number, row in enumerate(rows, 1):
        status = "validation_status_not_approved" if number == 2 else "validation_status_approved"
        end = [str(1000 + number), f"0000-{number}", f"2024-03-{number:02}T08:15:00", status, "", "submitted_via_web", "enum1", "v1", "",
               f"uuid:root-{number}", str(number)]  # fmt: skip
        lines.append(";".join(f'"{cell}"' for cell in [*row.split("|"), *end]))
    return "\r\n".join(lines) + "\r\n"


CASES = (
    Case(
        "city calls in american order",
        _rows(
            "Unique Key,Created Date,Closed Date,Agency,Complaint Type,Status,Borough,Caller",
            "1,03/01/2024 08:15:00 AM,03/04/2024 01:00:00 PM,DOC,Copy of Record,Closed,Northside,A",
            "2,03/13/2024 08:15:00 AM,,DOC,Lost book,In Progress,Southside,B",
            "3,04/01/2024 08:15:00 AM,04/05/2024 01:00:00 PM,DOC,Birth Certificate,Closed,Northside,A",
        ),
        "service_requests",
        {"request_id": "Unique Key", "submitted_date": "Created Date", "completed_date": "Closed Date", "outcome": "Status"},
        ("column:commune_code", "column:service_code"),
    ),
    Case(
        "cases opened and closed",
        _rows(
            "CaseID,Opened,Closed,Updated,Status,Status Notes,Agency,Category,Request Type,Neighborhood,Latitude,Longitude,Source",
            "101,07/01/2023 09:00:00 AM,07/03/2023 09:00:00 AM,07/03/2023 09:00:00 AM,Closed,done,DPW,Road,Cleaning,Mission,37.7,-122,Tel",
            "102,07/14/2023 10:00:00 AM,07/15/2023 09:00:00 AM,07/15/2023 09:00:00 AM,Closed,done,DPW,Road,Walk,SoMa,37.7,-122,Web",
            "103,07/21/2023 11:00:00 AM,,07/21/2023 09:00:00 AM,Open,,DPW,Graffiti,Wall,Castro,37.7,-122,Web",
        ),
        "service_requests",
        {
            "request_id": "CaseID",
            "submitted_date": "Opened",
            "completed_date": "Closed",
            "updated_at": "Updated",
            "outcome": "Status",
        },
        ("column:service_code", "column:commune_code"),
    ),
    Case(
        "requests in khmer",
        _rows(
            "លេខសំណើ,កូដឃុំ,ប្រភេទសេវា,ថ្ងៃដាក់ពាក្យ,ថ្ងៃចេញលិខិត,ភេទ,អាយុ,ស្ថានភាព",
            "ក-១,៧០១០១,សំបុត្រកំណើត,១៥ មករា ២០២៤,១៧ មករា ២០២៤,ស្រី,៣៤,រួចរាល់",
            "ក-២,៧០១០២,សៀវភៅគ្រួសារ,១៦ កុម្ភៈ ២០២៤,,ប្រុស,២២,កំពុងរង់ចាំ",
            "ក-៣,៧០៧០១,លិខិតបញ្ជាក់ពីឃុំសង្កាត់,ថ្ងៃទី២៥ ខែមីនា ឆ្នាំ២០២៤,,ស្រី,៦៧,កំពុងដំណើរការ",
        ),
        "service_requests",
        {
            "request_id": "លេខសំណើ",
            "commune_code": "កូដឃុំ",
            "service_code": "ប្រភេទសេវា",
            "submitted_date": "ថ្ងៃដាក់ពាក្យ",
            "completed_date": "ថ្ងៃចេញលិខិត",
            "sex": "ភេទ",
            "age_group": "អាយុ",
            "outcome": "ស្ថានភាព",
        },
    ),
    Case(
        "partner's list with names of places",
        _rows(
            "No.;Request No;Date received;Date issued;Type of service;Province;District;Commune;Gender;Fee paid",
            "1;A-1;25/03/2024;28/03/2024;Birth certificate;Kampot;Chhuk;Satv Pong;Female;0",
            "2;A-2;03/04/2024;;Family book;Kampot;Chhuk;Trapeang Reang;Male;5000",
            "3;A-3;04/04/2024;05/04/2024;Certified copy;Kampot;Chhuk;Satv Pong;F;0",
        ),
        "service_requests",
        {
            "request_id": "Request No",
            "submitted_date": "Date received",
            "completed_date": "Date issued",
            "service_code": "Type of service",
            "place:province": "Province",
            "place:district": "District",
            "place:commune": "Commune",
            "sex": "Gender",
            "fee_paid_riel": "Fee paid",
        },
    ),
    Case(
        "commune codes without their zero",
        _numbered("request_id,Adm3_PCODE,service,date submitted,status", "R{n},KH70101,birth_certificate,2024-03-{d},done"),
        "service_requests",
        {
            "request_id": "request_id",
            "commune_code": "Adm3_PCODE",
            "service_code": "service",
            "submitted_date": "date submitted",
            "outcome": "status",
        },
    ),
    Case(
        "two columns for the day it was handed in",
        _numbered(
            "request_id,commune_code,service,received date,application date",
            "R{n},70101,birth_certificate,2024-03-{d},2024-03-{d}",
        ),
        "service_requests",
        REQUESTS,
        ("column:submitted_date",),
    ),
    Case(
        "two nameless dates",
        _numbered("request_id,commune_code,service,Date 1,Date 2", "R{n},70101,birth_certificate,2024-03-{d},2024-04-{d}"),
        "service_requests",
        REQUESTS,
        ("column:submitted_date",),
    ),
    Case(
        "dates nobody can read",
        _rows(
            "request_id,commune_code,service,date submitted",
            "R1,70101,birth_certificate,01/02/03",
            "R2,70101,birth_certificate,04/05/06",
        ),
        "service_requests",
        REQUESTS,
        ("dates:submitted_date",),
    ),
    Case(
        "days up to twelve",
        _numbered("request_id,commune_code,service,date submitted", "R{n},70101,birth_certificate,{m}/05/2024"),
        "service_requests",
        REQUESTS,
        ("dates:submitted_date",),
    ),
    Case(
        "dates that contradict each other",
        _rows(
            "request_id,commune_code,service,date submitted",
            "R1,70101,birth_certificate,25/03/2024",
            "R2,70101,birth_certificate,03/25/2024",
            "R3,70101,birth_certificate,03/04/2024",
        ),
        "service_requests",
        REQUESTS,
        ("dates:submitted_date",),
    ),
    Case(
        "a spreadsheet turned half of the dates",
        _rows(
            "request_id,commune_code,service,date submitted",
            "R1,70101,birth_certificate,25/03/2024",
            "R2,70101,birth_certificate,2024-04-03",
            "R3,70101,birth_certificate,28/03/2024",
        ),
        "service_requests",
        REQUESTS,
        ("dates:submitted_date",),
    ),
    Case(
        "years of two figures",
        _rows(
            "request_id,commune_code,service,date submitted",
            "R1,70101,birth_certificate,25/03/24",
            "R2,70101,birth_certificate,31/01/24",
            "R3,70101,birth_certificate,03/04/24",
        ),
        "service_requests",
        DATED_REQUESTS,
    ),
    Case(
        "day numbers of a spreadsheet",
        _rows(
            "request_id,commune_code,service,date submitted",
            "R1,70101,birth_certificate,45385",
            "R2,70101,birth_certificate,45386.5",
        ),
        "service_requests",
        DATED_REQUESTS,
    ),
    Case(
        "a status of something else",
        _numbered("request_id,commune_code,service,date submitted,Status", "R{n},70101,birth_certificate,2024-03-{d},Married"),
        "service_requests",
        DATED_REQUESTS,
    ),
    Case(
        "sex in numbers",
        _rows(
            "request_id,commune_code,service,date submitted,sex",
            "R1,70101,birth_certificate,2024-03-01,1",
            "R2,70101,birth_certificate,2024-03-01,2",
        ),
        "service_requests",
        {
            "request_id": "request_id",
            "commune_code": "commune_code",
            "service_code": "service",
            "submitted_date": "date submitted",
            "sex": "sex",
        },
        ("value:sex:1", "value:sex:2"),
    ),
    Case(
        "sex in spanish letters",
        _rows(
            "request_id,commune_code,service,date submitted,sex",
            "R1,70101,birth_certificate,2024-03-01,H",
            "R2,70101,birth_certificate,2024-03-01,M",
        ),
        "service_requests",
        DATED_REQUESTS,
        ("value:sex:H", "value:sex:M"),
    ),
    Case(
        "yes and no as 1 and 2",
        _rows(
            "request_id,commune_code,service,date submitted,documents_complete",
            "R1,70101,birth_certificate,2024-03-01,1",
            "R2,70101,birth_certificate,2024-03-01,2",
        ),
        "service_requests",
        DATED_REQUESTS,
        ("documents_complete",),
    ),
    Case(
        "the sex of the child",
        _numbered(
            "request_id,commune_code,service,date submitted,child_sex,Sex of child",
            "R{n},70101,birth_certificate,2024-03-{d},f,m",
        ),
        "service_requests",
        DATED_REQUESTS,
    ),
    Case(
        "requests without a number",
        _numbered("Commune code,Service type,Date received,Date issued", "70101,birth certificate,2024-03-{d},2024-04-{d}"),
        "service_requests",
        {
            "service_code": "Service type",
            "submitted_date": "Date received",
            "completed_date": "Date issued",
            "commune_code": "Commune code",
        },
        ("column:request_id",),
    ),
    Case(
        "kobo feedback by names",
        _kobo(
            "visit/commune|visit/service|citizen/sex|citizen/age_group|ratings/rating_speed|ratings/rating_overall|scale_min|scale_max|paid/asked_unofficial_payment",
            "070101|outpatient|f|25_34|4|5|1|5|no",
            "070101|outpatient|m|25_34|3|5|1|5|no",
            "070102|immunisation|f|18_24|5|5|1|5|yes",
        ),
        "feedback",
        {
            "submission_id": "meta/rootUuid",
            "submitted_at": "_submission_time",
            "commune_code": "visit/commune",
            "service_code": "visit/service",
            "sex": "citizen/sex",
            "age_group": "citizen/age_group",
            "rating_speed": "ratings/rating_speed",
            "rating_overall": "ratings/rating_overall",
            "scale_min": "scale_min",
            "scale_max": "scale_max",
            "asked_unofficial_payment": "paid/asked_unofficial_payment",
        },
    ),
    Case(
        "kobo feedback by khmer labels",
        _kobo(
            "ឃុំ|សេវា|ភេទ|អាយុ|ល្បឿន (1-5)|ភាពរួសរាយ (1-5)|ការពេញចិត្ត (1-5)|ស្នើសុំប្រាក់ក្រៅផ្លូវការ|មតិយោបល់",
            "អង្គភ្នំតូច|ការពិគ្រោះជំងឺក្រៅ|ស្រី|34|4|5|5|ទេ|ល្អ",
            "អង្គភ្នំតូច|ការចាក់វ៉ាក់សាំង|ប្រុស|41|3|4|4|ទេ|",
            "អង្គភ្នំតូច|ការពិគ្រោះជំងឺក្រៅ|ស្រី|67|5|5|2|បាទ|ល្អ",
        ),
        "feedback",
        {
            "submission_id": "meta/rootUuid",
            "submitted_at": "_submission_time",
            "place:commune": "ឃុំ",
            "service_code": "សេវា",
            "sex": "ភេទ",
            "age_group": "អាយុ",
            "rating_speed": "ល្បឿន (1-5)",
            "rating_friendliness": "ភាពរួសរាយ (1-5)",
            "rating_overall": "ការពេញចិត្ត (1-5)",
            "asked_unofficial_payment": "ស្នើសុំប្រាក់ក្រៅផ្លូវការ",
            "comment": "មតិយោបល់",
        },
    ),
    Case(
        "kobo feedback in two languages",
        _kobo(
            "Sex / ភេទ|Service / សេវា|Overall satisfaction|How old are you?",
            "Female / ស្រី|Outpatient consultation|4|33",
            "Male / ប្រុស|Outpatient consultation|3|44",
            "Female / ស្រី|Immunisation|5|18",
        ),
        "feedback",
        {
            "submission_id": "meta/rootUuid",
            "submitted_at": "_submission_time",
            "sex": "Sex / ភេទ",
            "service_code": "Service / សេវា",
            "rating_overall": "Overall satisfaction",
        },
        ("scale",),
    ),
    Case(
        "ratings without a scale",
        _rows(
            "response id,submitted on,speed,friendliness,quality",
            "1,2024-03-01 10:00:00,4,5,3",
            "2,2024-03-02 10:00:00,1,2,3",
            "3,2024-03-03 10:00:00,5,5,5",
        ),
        "feedback",
        {
            "submission_id": "response id",
            "submitted_at": "submitted on",
            "rating_speed": "speed",
            "rating_friendliness": "friendliness",
            "rating_quality": "quality",
        },
        ("scale",),
    ),
    Case(
        "ratings up to a hundred",
        _rows(
            "response id,submitted on,overall satisfaction",
            "1,2024-03-01 10:00:00,0",
            "2,2024-03-02 10:00:00,55",
            "3,2024-03-03 10:00:00,100",
        ),
        "feedback",
        {"submission_id": "response id", "submitted_at": "submitted on", "rating_overall": "overall satisfaction"},
    ),
    Case(
        "odk central with groups",
        _rows(
            "SubmissionDate,meta-instanceID,visit-commune_code,citizen-sex,answers-rating_speed,answers-rating_quality,scale_min,scale_max,KEY,"
            "SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,ReviewState,DeviceID,Edits,FormVersion",
            "2024-03-01T08:15:00.000Z,uuid:a,070101,f,4,5,1,5,uuid:a,1,enum,0,0,,approved,d,0,1",
            "2024-03-02T08:15:00.000Z,uuid:b,070101,m,4,5,1,5,uuid:b,1,enum,0,0,,rejected,d,0,1",
            "2024-03-03T08:15:00.000Z,uuid:c,070102,f,2,3,1,5,uuid:c,1,enum,0,0,,,d,0,1",
        ),
        "feedback",
        {
            "submission_id": "meta-instanceID",
            "submitted_at": "SubmissionDate",
            "commune_code": "visit-commune_code",
            "sex": "citizen-sex",
            "rating_speed": "answers-rating_speed",
            "rating_quality": "answers-rating_quality",
            "scale_min": "scale_min",
            "scale_max": "scale_max",
        },
    ),
    Case(
        "several answers to one question",
        _kobo(
            "services|services/outpatient|services/sex|rating_overall|scale_min|scale_max",
            "outpatient|1|0|4|1|5",
            "outpatient sex|1|1|5|1|5",
            "sex|0|1|3|1|5",
        ),
        "feedback",
        {
            "submission_id": "meta/rootUuid",
            "submitted_at": "_submission_time",
            "rating_overall": "rating_overall",
            "scale_min": "scale_min",
            "scale_max": "scale_max",
        },
    ),
    Case(
        "dhis2 analytics",
        _rows(
            "Data,Period,Organisation unit,Value",
            "Outpatient consultations,202401,Chhuk health centre,120",
            "Outpatient consultations,202402,Chhuk health centre,131",
            "ANC 1st visit,202401,Chhuk health centre,22",
            "Immunization,202401,Chhuk health centre,40",
        ),
        "service_usage",
        {"month": "Period", "visits": "Value", "service_code": "Data", "place:facility": "Organisation unit"},
        ("register", "value:service_code:ANC 1st visit"),
    ),
    Case(
        "dhis2 with sexes apart",
        _rows(
            "dataelement,period,facility_id,categoryoptioncombo,value",
            "outpatient,202401,CH-1,Female,70",
            "outpatient,202401,CH-1,Male,50",
            "outpatient,202402,CH-1,Female,71",
            "outpatient,202402,CH-1,Male,51",
        ),
        "service_usage",
        {"service_code": "dataelement", "month": "period", "facility_id": "facility_id", "visits": "value"},
        ("keep:categoryoptioncombo",),
    ),
    Case(
        "months that stood across",
        _rows(
            "Health facility code,Service,period,value",
            "HC-1,OPD,Jan-24,120",
            "HC-1,OPD,Feb-24,99",
            "HC-1,ANC,Jan-24,20",
            "HC-2,OPD,Jan-24,64",
            "HC-2,ANC,Feb-24,8",
        ),
        "service_usage",
        {"facility_id": "Health facility code", "service_code": "Service", "month": "period", "visits": "value"},
    ),
    Case(
        "monthly visits in french",
        _rows(
            "facility code,service type,mois,nombre de visites",
            "HC-1,outpatient,Décembre 2023,1 796",
            "HC-1,outpatient,janvier 2024,1 902",
            "HC-2,outpatient,Decembre 2023,64",
        ),
        "service_usage",
        {"facility_id": "facility code", "service_code": "service type", "month": "mois", "visits": "nombre de visites"},
    ),
    Case(
        "attendances without a service",
        _rows("facility code,month,attendances", "HC-1,2024-01,120", "HC-1,2024-02,99", "HC-2,2024-01,64"),
        "service_usage",
        {"facility_id": "facility code", "month": "month", "visits": "attendances"},
        ("column:service_code",),
    ),
    Case(
        "people in communes",
        _rows("NCDD_CodeC,Year,Total population", "10201,2019,9500", "70101,2019,6100", "70102,2019,4200"),
        "population",
        {"commune_code": "NCDD_CodeC", "year": "Year", "population": "Total population"},
    ),
    Case(
        "a register of facilities",
        _rows(
            "facility_id,facility name,facility_type,district_code",
            "HC-1,Chhuk health centre,HC,0703",
            "CH-1,Satv Pong commune hall,commune,0703",
        ),
        "facilities",
        {
            "facility_id": "facility_id",
            "facility_en": "facility name",
            "facility_type": "facility_type",
            "district_code": "district_code",
        },
    ),
    Case(
        "a register of births in french",
        _rows(
            "N° dossier;Date de dépôt;Date de délivrance;Type d'acte;Sexe;Âge;Commune;Frais",
            "D-1;14/03/2024;20/03/2024;Acte de naissance;F;34;Andoung Khmer;0",
            "D-2;02/04/2024;;Copie certifiée;F;51;Andoung Khmer;5000",
        ),
        "service_requests",
        {
            "request_id": "N° dossier",
            "submitted_date": "Date de dépôt",
            "completed_date": "Date de délivrance",
            "sex": "Sexe",
            "age_group": "Âge",
            "place:commune": "Commune",
            "fee_paid_riel": "Frais",
        },
        ("column:service_code",),
    ),
    Case(
        "ratings in words",
        _rows(
            "Response ID,Submission date,Gender,Speed,Overall satisfaction",
            "1,2024-03-01,Female,Very satisfied,Very satisfied",
            "2,2024-03-02,Male,Neutral,Neutral",
            "3,2024-03-02,Male,Satisfied,Neutral",
        ),
        "feedback",
        {"submission_id": "Response ID", "submitted_at": "Submission date", "sex": "Gender"},
        ("column:rating_speed", "column:rating_overall", "scale"),
    ),
    Case(
        "a request system's open interface",
        _rows(
            "service_request_id,requested_datetime,expected_datetime,updated_datetime,closed_datetime,status,status_notes,service_name,zipcode",
            "1234,2024-01-02T10:00:00Z,2024-01-09T10:00:00Z,2024-01-05T10:00:00Z,2024-01-05T10:00:00Z,Closed,done,Pothole,19104",
            "1235,2024-01-03T10:00:00Z,2024-01-09T10:00:00Z,2024-01-05T10:00:00Z,,Open,,Graffiti,19104",
        ),
        "service_requests",
        {
            "request_id": "service_request_id",
            "submitted_date": "requested_datetime",
            "completed_date": "closed_datetime",
            "updated_at": "updated_datetime",
            "outcome": "status",
        },
        ("column:service_code", "column:commune_code"),
    ),
    Case(
        "a list with the plainest headers",
        _rows(
            "ID,Date,Commune,Service,Gender,Fee,Result",
            "1,2024-03-01,Andoung Khmer,Birth certificate,F,0,Pass",
            "2,2024-03-02,Andoung Khmer,Family book,M,5000,Fail",
        ),
        "service_requests",
        {"service_code": "Service", "fee_paid_riel": "Fee", "sex": "Gender", "place:commune": "Commune"},
        ("column:request_id", "column:submitted_date", "column:outcome"),
    ),
    Case(
        "births and their dates",
        _rows(
            "Registration number,Date of birth,Date registered,Sex of child,Mother's age,Commune of birth,Date certificate issued",
            "1,2024-01-01,2024-01-20,M,22,070101,2024-01-25",
            "2,2024-01-03,2024-01-22,F,31,070101,2024-01-26",
        ),
        "",
        {},
        ("source",),
    ),
    Case(
        "an action plan of a commune",
        _rows(
            "No,Commune code,Sector,Criteria,សកម្មភាព (Action),Responsible person,"
            "Date agreed,Deadline,Status,% done,Date done,Budget (riel),As of",
            'J-1,70101,Commune hall,Waiting time,បិទបញ្ជីឯកសារ,Commune council,'
            '10/01/2024,30/06/2024,Completed,100,20/05/2024,"200,000",30/06/2024',
            "J-2,70101,Health centre,Staff attitude,Agree on greetings,HC chief,10/01/2024,30/06/2024,On going,50,,0,30/06/2024",
            'J-3,70102,Primary school,Toilets,Repair the toilet,School director,12/01/2024,31/12/2024,មិនទាន់,0,,"1,500,000",30/06/2024',
            "J-4,70102,Commune hall,Fees,Hang the fees,Commune chief,12/01/2024,31/03/2024,Cancelled,0,,,30/06/2024",
        ),
        "action_plans",
        {
            "action_id": "No",
            "commune_code": "Commune code",
            "facility_type": "Sector",
            "category": "Criteria",
            "action": "សកម្មភាព (Action)",
            "responsible": "Responsible person",
            "agreed_date": "Date agreed",
            "due_date": "Deadline",
            "status": "Status",
            "progress_pct": "% done",
            "done_date": "Date done",
            "cost_riel": "Budget (riel)",
            "status_date": "As of",
        },
    ),
    Case(
        "a register of yearly cycles",
        _rows(
            "Commune code,JAAP year,Partner,Start date,I4C date,Scorecard date,Interface meeting,JAAP date,Review meeting",
            "70101,2024,P-1,08/01/2024,10/02/2024,04/05/2024,03/06/2024,20/06/2024,02/12/2024",
            "70102,2024,P-1,09/01/2024,11/02/2024,05/05/2024,,,",
            "70201,2024,P-1,09/01/2024,18/02/2024,,,,",
        ),
        "cycles",
        {
            "commune_code": "Commune code",
            "cycle": "JAAP year",
            "partner_id": "Partner",
            "start_date": "Start date",
            "information_date": "I4C date",
            "scorecards_date": "Scorecard date",
            "interface_date": "Interface meeting",
            "plan_date": "JAAP date",
            "review_date": "Review meeting",
        },
    ),
    Case(
        "scorecards of a partner",
        _rows(
            "No;Date;Province;District;Commune;Village;Sector;Service provider/Citizen;Criteria;Score;No. participants;No. of women;Reason",
            "1;05/03/2024;Kampot;Chhuk;Ba Niev;Prey Thom;Health center;Citizen;Waiting time;2;27;16;Staff come late",
            "2;05/03/2024;Kampot;Chhuk;Ba Niev;Prey Thom;Health center;Citizen;Medicines;5;27;16;",
            "3;14/03/2024;Kampot;Chhuk;Ba Niev;Trapeang Chrey;Health center;Citizen;Waiting time;1;31;18;",
            "4;14/03/2024;Kampot;Chhuk;Ba Niev;Trapeang Chrey;Health center;Citizen;Shade for those who wait;2;31;18;",
            "5;21/03/2024;Kampot;Chhuk;Ba Niev;;Health center;Service Provider;Waiting time;4;6;4;",
        ),
        "scorecards",
        {
            "meeting_date": "Date",
            "place:province": "Province",
            "place:district": "District",
            "place:commune": "Commune",
            "village": "Village",
            "facility_type": "Sector",
            "side": "Service provider/Citizen",
            "criterion": "Criteria",
            "score": "Score",
            "attendees": "No. participants",
            "attendees_female": "No. of women",
        },
        ("column:meeting_id", "scale"),
    ),
    Case(
        "votes of a scorecard meeting",
        _rows(
            "meeting code,date of meeting,commune code,facility code,scored by,indicator,score,no. of votes,lowest rating,highest rating",
            "M1,2024-03-05,070301,HC-1,users,waiting time,1,4,1,5",
            "M1,2024-03-05,070301,HC-1,users,waiting time,2,9,1,5",
            "M1,2024-03-05,070301,HC-1,users,waiting time,3,11,1,5",
            "M2,2024-03-19,070302,HC-1,users,waiting time,1,2,1,5",
        ),
        "scorecards",
        {
            "meeting_id": "meeting code",
            "meeting_date": "date of meeting",
            "commune_code": "commune code",
            "facility_id": "facility code",
            "side": "scored by",
            "criterion": "indicator",
            "score": "score",
            "votes": "no. of votes",
            "scale_min": "lowest rating",
            "scale_max": "highest rating",
        },
    ),
    Case(
        "the ratings of a shop",
        _rows("id,created_at,store,rating,review", "1,2024-03-01,A,5,good", "2,2024-03-02,B,1,bad"),
        "",
        {},
        ("source",),
    ),
    Case(
        "the staff of an office",
        _rows(
            "Employee number,Name,Sex,Age,Status,Office code,Phone",
            "1,Sok,F,34,Active,CH-1,012345678",
            "2,Dara,M,45,Retired,CH-2,012345679",
        ),
        "",
        {},
        ("source",),
    ),
    Case(
        "sessions as a partner keeps them",
        _rows(
            "Session No,Commune Code,Village,Topic of session,Date of meeting,Status of session,No. of women,No. of men,No. of youth,Note",
            "1,70101,Prey Thnang,health,13/01/2024,held,24,11,9,",
            "2,70102,Trapeang Thum,budget,25/01/2024,held,18,15,4,late start",
            "3,70103,Ou Romeas,rights,,planned,,,,",
        ),
        "outreach",
        {
            "session_id": "Session No",
            "commune_code": "Commune Code",
            "village": "Village",
            "session_topic": "Topic of session",
            "session_date": "Date of meeting",
            "session_status": "Status of session",
            "participants_female": "No. of women",
            "participants_male": "No. of men",
            "participants_youth": "No. of youth",
        },
    ),
    Case(
        "sessions in khmer",
        _rows(
            "លេខវេទិកា,កូដឃុំ,ឈ្មោះភូមិ,ប្រធានបទ,ថ្ងៃប្រជុំ,ស្ថានភាពវេទិកា,ចំនួនអ្នកចូលរួម,អ្នកចូលរួមស្រី,យុវជន",
            "១,៧០១០១,ភូមិថ្មី,សុខភាព,១៣/០១/២០២៤,បានធ្វើ,៣៥,២៤,៩",
            "២,៧០១០២,ភូមិព្រែក,ថវិកា,២៥/០១/២០២៤,បានធ្វើ,៣៣,១៨,៤",
            "៣,៧០១០៣,ភូមិថ្មី,សិទ្ធិ,,គ្រោង,,,",
        ),
        "outreach",
        {
            "session_id": "លេខវេទិកា",
            "commune_code": "កូដឃុំ",
            "village": "ឈ្មោះភូមិ",
            "session_topic": "ប្រធានបទ",
            "session_date": "ថ្ងៃប្រជុំ",
            "session_status": "ស្ថានភាពវេទិកា",
            "participants": "ចំនួនអ្នកចូលរួម",
            "participants_female": "អ្នកចូលរួមស្រី",
            "participants_youth": "យុវជន",
        },
    ),
    Case(
        "scores of facilitators",
        _rows(
            "CAF code,Stage,Round,Date of assessment,Knowledge,Confidence,Leadership,Lowest rating,Highest rating,Name of facilitator",
            "KP-01,pre-training,1,13/10/2023,2,2,3,1,5,A",
            "KP-01,post-training,1,25/11/2023,4,4,4,1,5,A",
            "KP-02,pre-training,1,13/10/2023,3,2,2,1,5,B",
        ),
        "facilitator_assessments",
        {
            "facilitator_id": "CAF code",
            "assessment_stage": "Stage",
            "round": "Round",
            "assessed_date": "Date of assessment",
            "score_knowledge": "Knowledge",
            "score_confidence": "Confidence",
            "score_leadership": "Leadership",
            "scale_min": "Lowest rating",
            "scale_max": "Highest rating",
            "facilitator_name": "Name of facilitator",
        },
    ),
    Case("a budget", _rows("Period,Department,Value", "2024-01,Roads,12000", "2024-02,Roads,9000"), "", {}, ("source",)),
    Case("a recipe", _rows("colour,taste,minutes", "red,sweet,5", "green,sour,8"), "", {}, ("source",)),
    Case("a register of what", _rows("id,name,date", "1,Sok,2024-01-01", "2,Dara,2024-01-02"), "", {}, ("source",)),
)
