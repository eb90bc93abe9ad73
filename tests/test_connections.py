"""Does a pull bring everything once, whole, and without ever letting the token out?"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from small_files import ask
from small_server import SURVEY, TOKEN, Answer, Server, running, submission, value

from etl import folder as files_of
from etl import pipeline
from etl.__main__ import main
from etl.connections import http, kobo
from etl.connections.declared import read_connections, secrets_file, token_of
from etl.connections.pull import Pulled, pull
from warehouse import REPOSITORY, Problem

JUNE = datetime(2024, 6, 1, 8, 0, tzinfo=UTC)
JULY = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, in seconds, noted instead of slept."""
    noted: list[float] = []
    monkeypatch.setattr(http, "pause", noted.append)
    return noted


@pytest.fixture
def server(data: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A running server, declared as the connections `answers` (KoboToolbox) and `clinics` (DHIS2)."""
    monkeypatch.setenv("PULL_TOKEN", TOKEN)
    monkeypatch.setenv("COMMUNE_PULSE_SECRETS", str(data / "nothing.toml"))
    with running() as served:
        declare(
            data,
            f"""
            [answers]
            kind = "kobo"
            url = "{served.url}"
            form = "aForm"
            token = "PULL_TOKEN"

            [clinics]
            kind = "dhis2"
            url = "{served.url}/dhis"
            data_set = "pBOMPrpg1QX"
            org_unit = ["ImspTQPwCqd"]
            start = 2023-02-01
            token = "PULL_TOKEN"
            """,
        )
        yield served


def declare(data: Path, text: str) -> None:
    (data / "connections.toml").write_text(text, encoding="utf-8")


def rows(data: Path, one: Pulled) -> list[dict[str, str]]:
    """The rows of the CSV files that a pull left."""
    texts = [(data / "inbox" / name).read_text(encoding="utf-8") for name in one.files]
    return [row for text in texts for row in csv.DictReader(io.StringIO(text), delimiter=";")]


def answers(now: datetime = JUNE, **options: bool) -> Pulled:
    (one,) = pull(["answers"], now=now, **options)
    return one


def clinics(now: datetime = JUNE, **options: bool) -> Pulled:
    (one,) = pull(["clinics"], now=now, **options)
    return one


# -- KoboToolbox -------------------------------------------------------------------------------------------------------------


def test_all_pages_become_one_file_in_the_order_of_submission(data: Path, server: Server) -> None:
    server.submissions = [submission(number) for number in (5, 3, 4, 1, 2)]
    server.largest_page = 2
    one = answers()
    assert (one.records, one.files, one.problem) == (5, ("answers/2024-06-01T080000.csv",), None)
    assert [row["_id"] for row in rows(data, one)] == ["1", "2", "3", "4", "5"]
    assert [asked["start"] for path, asked, _ in server.asked if path.endswith("data.json")] == [["0"], ["2"], ["4"]]


def test_the_file_is_shaped_like_kobotoolboxs_own_export(data: Path, server: Server) -> None:
    server.survey = SURVEY
    status = {"uid": "validation_status_approved", "label": "Approved"}
    server.submissions = [submission(1, _validation_status=status, children=[{"children/child": "x"}], **{"visit/said": 'a "word";\nb'})]
    one = answers()
    text = (data / "inbox" / one.files[0]).read_bytes()
    header = '"submitted_at";"visit/service_code";"visit/rating_speed";"comment";"visit/said";"_id";"_uuid";"_submission_time"'
    assert text.startswith(header.encode()) and text.endswith(b'\r\n')
    (row,) = rows(data, one)
    assert (row["_validation_status"], row["visit/said"], row["comment"], row["_index"]) == (
        "validation_status_approved", 'a "word";\nb', "", "1",
    )  # fmt: skip
    assert not [name for name in row if name.startswith("children") or name in ("_tags", "_attachments", "formhub/uuid")]


def test_only_new_submissions_are_asked_for_the_next_time(data: Path, server: Server) -> None:
    server.submissions = [submission(1), submission(2)]
    answers()
    server.submissions.append(submission(3))
    later = answers(JULY)
    assert [row["_id"] for row in rows(data, later)] == ["3"]
    assert answers(JULY).files == ()
    assert len(list((data / "inbox" / "answers").iterdir())) == 2


def test_pulling_everything_replaces_what_was_there(data: Path, server: Server) -> None:
    server.submissions = [submission(1), submission(2)]
    answers()
    server.submissions = [submission(2, **{"visit/rating_speed": "1"})]
    one = answers(JULY, everything=True)
    assert [path.name for path in (data / "inbox" / "answers").iterdir()] == ["2024-07-01T080000.csv"]
    assert [(row["_id"], row["visit/rating_speed"]) for row in rows(data, one)] == [("2", "1")]


def test_an_emptied_inbox_or_another_form_is_pulled_from_the_beginning(data: Path, server: Server) -> None:
    server.submissions = [submission(1)]
    (data / "inbox" / answers().files[0]).unlink()
    assert answers(JULY).records == 1
    (data / "connections.toml").write_text((data / "connections.toml").read_text().replace('"aForm"', '"aForm2"'))
    assert answers(JULY).problem is not None
    assert server.asked[-1][1].get("query") is None


def test_a_submission_deleted_between_two_pages_makes_us_lose_no_other(data: Path, server: Server) -> None:
    server.submissions = [submission(number) for number in range(1, 6)]
    server.largest_page = 2

    def delete_the_first(one: Server, start: int) -> None:
        if start == 2 and one.submissions[0]["_id"] == 1:
            del one.submissions[0]

    server.before_page = delete_the_first
    assert [row["_id"] for row in rows(data, answers())] == ["2", "3", "4", "5"]


def test_the_link_to_the_next_page_is_not_followed_to_another_host(data: Path, server: Server) -> None:
    server.submissions = [submission(1), submission(2)]
    server.largest_page = 1
    with running() as other:
        server.next_host = other.url
        assert answers().records == 2
        assert other.asked == []


def test_answers_that_look_like_formulas_are_written_as_texts() -> None:
    written = kobo.to_csv([submission(1, said="=1+1", minus="-5")]).decode()
    assert '"\'=1+1"' in written and '"-5"' in written


@pytest.mark.usefixtures("nothing_hidden")
def test_what_was_pulled_loads(data: Path, server: Server) -> None:
    flat = {"service_code": "outpatient", "rating_speed": "4", "scale_min": "1", "scale_max": "5", "sex": "f"}
    server.submissions = [submission(number, **flat) for number in (1, 2)]
    answers()
    (load,) = pipeline.build_warehouse(data / "inbox", False).loads
    assert (load.source, load.rows_loaded, load.rows_set_aside) == ("feedback", 2, 0)
    assert ask("select rating_speed, submitted_at::varchar from staging.feedback limit 1") == [(4.0, "2024-03-04 02:00:00")]


# -- DHIS2 -------------------------------------------------------------------------------------------------------------------


def test_values_come_as_they_are_a_file_a_year_and_then_only_what_was_updated(data: Path, server: Server) -> None:
    server.values = [value("a", "202304", 5), value("a", "202404", 7)]
    one = clinics()
    assert one.files == ("clinics/2024-06-01T080000-2023.json", "clinics/2024-06-01T080000-2024.json")
    assert json.loads((data / "inbox" / one.files[0]).read_bytes()) == {"dataValues": [server.values[0]]}
    path, asked, _ = server.asked[0]
    assert (path, asked["startDate"], asked["endDate"]) == ("/dhis/api/dataValueSets.json", ["2023-02-01"], ["2023-12-31"])
    assert (asked["dataSet"], asked["orgUnit"], asked["children"]) == (["pBOMPrpg1QX"], ["ImspTQPwCqd"], ["true"])
    server.values.append(value("b", "202405", 1, updated="2024-06-20T00:00:00.000+0000"))
    later = clinics(JULY)
    assert server.asked[-1][1]["lastUpdated"] == ["2024-04-01T10:00:00"]
    assert (later.records, later.files) == (3, ("clinics/2024-07-01T080000.json",))
    assert clinics(JULY).records == 1  # within the day before the newest update
    assert clinics(JULY).files == ()


def test_a_year_without_values_leaves_no_file(server: Server) -> None:
    server.values = [value("a", "202404", 7)]
    assert clinics().files == ("clinics/2024-06-01T080000-2024.json",)


def test_analytics_are_pulled_whole_and_kept_once(data: Path, server: Server) -> None:
    declare(data, f'[a]\nkind = "dhis2"\nurl = "{server.url}/dhis"\ndimension = ["dx:a;b", "pe:2024", "ou:o"]\ntoken = "PULL_TOKEN"\n')
    ((first,), (second,)) = pull(now=JUNE), pull(now=JULY)
    assert (first.files, second.files) == (("a/2024-06-01T080000.json",), ())
    assert server.asked[0][1]["dimension"] == ["dx:a;b", "pe:2024", "ou:o"]


# -- when the line or the server is bad --------------------------------------------------------------------------------------


def test_a_busy_server_is_asked_again_when_it_says(server: Server, waits: list[float]) -> None:
    server.submissions = [submission(1)]
    server.faults = [Answer(429, headers={"Retry-After": "7"}), Answer(503)]
    assert answers().records == 1
    assert waits == [7.0, 4.0]


def test_a_retry_after_may_be_a_date_and_one_far_off_is_left_for_later(server: Server, waits: list[float]) -> None:
    at = datetime.fromtimestamp(datetime.now(UTC).timestamp() + 3600, UTC)
    server.faults = [Answer(429, headers={"Retry-After": format_datetime(at, usegmt=True)})]
    problem = answers().problem
    assert problem is not None and "asks to wait 3," in problem.what
    assert waits == []


def test_a_server_that_is_down_for_good_is_given_up_after_a_few_tries(data: Path, server: Server, waits: list[float]) -> None:
    server.faults = [Answer(500)] * 100
    problem = answers().problem
    assert problem is not None and problem.what.endswith("gave no usable answer in 5 tries: status 500.")
    assert waits == [2.0, 4.0, 8.0, 16.0]
    assert files_of.data_files(data / "inbox") == []


@pytest.mark.parametrize(
    "fault", [Answer(body=b'{"count": 1, "results": [{"_id":'), Answer(body=b'{"count": 0, "next": null, "results": []}', cut=9)]
)
def test_a_broken_or_cut_answer_is_asked_for_again(server: Server, waits: list[float], fault: Answer) -> None:
    server.submissions = [submission(1)]
    server.faults = [fault, fault]
    assert answers().records == 1
    assert waits == [2.0, 4.0]


@pytest.mark.parametrize("body", [b"[]", b'{"results": 5}', b'{"detail": "hello"}', b'{"results": [{"x": 1}], "next": null}', b"null"])
def test_an_answer_of_another_kind_is_refused_and_leaves_nothing(data: Path, server: Server, body: bytes) -> None:
    server.faults = [Answer(body=body)]
    assert answers().problem is not None
    server.faults = [Answer(body=body)] * 2
    one = clinics()
    assert one.problem is not None or one.files == ()
    assert files_of.data_files(data / "inbox") == []


def test_a_failed_pull_keeps_what_was_there_and_the_next_goes_on(data: Path, server: Server) -> None:
    server.submissions = [submission(1)]
    answers()
    server.submissions.append(submission(2))
    server.faults = [Answer(500)] * 5
    assert answers(JULY).problem is not None
    assert [row["_id"] for row in rows(data, answers(JULY))] == ["2"]


def test_a_full_disk_leaves_no_file_that_a_build_would_read(data: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.submissions = [submission(1)]

    def out_of_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", out_of_space)
        problem = answers().problem
        assert problem is not None and "The disk is full" in problem.what
    assert files_of.data_files(data / "inbox") == []
    assert answers(JULY).records == 1
    assert len(list((data / "inbox" / "answers").iterdir())) == 1


# -- the token ---------------------------------------------------------------------------------------------------------------


def test_the_token_does_not_follow_a_redirect_to_another_host(server: Server) -> None:
    with running() as other:
        server.faults = [Answer(302, headers={"Location": f"{other.url}/api/v2/assets/aForm/data.json"})]
        problem = answers().problem
        assert problem is not None and "sends us on to another host" in problem.what
        assert other.asked == []


def test_a_redirect_on_the_same_host_is_followed_and_a_circle_is_not(server: Server) -> None:
    server.submissions = [submission(1)]
    server.faults = [Answer(301, headers={"Location": "/api/v2/assets/aForm/data.json?limit=1&start=0"})]
    assert answers().records == 1
    server.faults = [Answer(301, headers={"Location": "/round"})] * 20
    problem = answers(JULY).problem
    assert problem is not None and "circle" in problem.what


def test_the_token_stands_in_no_file_message_or_log(
    data: Path, server: Server, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    server.submissions = [submission(1)]
    server.values = [value("a", "202404", 7)]
    assert main(["pull"]) == 0
    for fault in (Answer(401), Answer(404), Answer(500), Answer(302, headers={"Location": "http://example.org/"}), Answer(body=b"{")):
        server.faults = [fault] * 20
        assert main(["pull", "--all"]) == 2
    server.faults = [Answer(body=f'{{"results": [], "you": "{TOKEN}"}}'.encode())] * 4
    assert main(["pull", "--all"]) == 2
    monkeypatch.setenv("PULL_TOKEN", f"{TOKEN}\nX-Other: 1")
    assert main(["pull"]) == 2
    shown = capsys.readouterr()
    assert TOKEN not in shown.out + shown.err + caplog.text
    left = [path for path in data.rglob("*") if path.is_file()]
    assert len(left) >= 4
    assert not [path for path in left if TOKEN.encode() in path.read_bytes() or TOKEN in path.name]


def test_a_traceback_does_not_show_the_token_either(server: Server) -> None:
    server.faults = [Answer(body=b"{", cut=1)] * 20
    client = http.Client("answers", server.url, TOKEN, "Token")
    with pytest.raises(Problem) as raised:
        client.get("/api/v2/assets/aForm/data.json")
    assert TOKEN not in "".join(traceback.format_exception(raised.value)) + repr(client.__dict__["_session"].auth)


def test_a_netrc_does_not_replace_the_token(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    answers()
    assert {token for _, _, token in server.asked} == {f"Token {TOKEN}"}


def test_a_token_may_stand_in_a_secrets_file_that_only_its_owner_reads(
    data: Path, server: Server, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULL_TOKEN")
    secrets = tmp_path_factory.mktemp("home") / "secrets.toml"
    monkeypatch.setenv("COMMUNE_PULSE_SECRETS", str(secrets))
    assert secrets_file() == secrets
    with pytest.raises(Problem, match="no usable token"):
        token_of(read_connections()[0])
    secrets.write_text(f'PULL_TOKEN = "{TOKEN}"\n')
    secrets.chmod(0o644)
    with pytest.raises(Problem, match="can be read by others"):
        token_of(read_connections()[0])
    secrets.chmod(0o600)
    assert token_of(read_connections()[0]) == TOKEN
    secrets.write_text(f"PULL_TOKEN = {TOKEN}\n")
    with pytest.raises(Problem, match="not valid TOML") as raised:
        token_of(read_connections()[0])
    assert TOKEN not in "".join(traceback.format_exception(raised.value))


def test_a_secrets_file_inside_the_house_is_refused(data: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULL_TOKEN")
    inside = data / "secrets.toml"
    inside.write_text(f'PULL_TOKEN = "{TOKEN}"\n')
    inside.chmod(0o600)
    monkeypatch.setenv("COMMUNE_PULSE_SECRETS", str(inside))
    with pytest.raises(Problem, match="lies in the repository or the data folder"):
        token_of(read_connections()[0])
    monkeypatch.setenv("COMMUNE_PULSE_SECRETS", str(REPOSITORY / "pyproject.toml"))
    with pytest.raises(Problem, match="lies in the repository"):
        token_of(read_connections()[0])


# -- the list of connections -------------------------------------------------------------------------------------------------

GOOD = '[a]\nkind = "kobo"\nurl = "https://kf.example.org"\nform = "aForm"\ntoken = "T"\n'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://", "http://", "unencrypted"),
        ("https://", "ftp://", "no address"),
        ("https://", "https://me:pass@", "more in its address"),
        ('"T"', f'"{TOKEN}"', "does not name the variable"),
        ('"T"', '"d2pat_abcdef"', "does not name the variable"),
        ('"kobo"', '"odk"', "has no kind"),
        ("form =", "from =", "unknown entry 'from'"),
        ('"aForm"', '"../x"', "which form"),
        ("[a]", '["../a"]', "cannot be the name of a folder"),
        ('token = "T"', 'token = "T"\nsource = "feedbak"', "unknown source"),
        ('token = "T"', 'token = "T"\nscheme = "A: b"', "not one word"),
        ('"T"', "T", "not valid TOML"),
    ],
)
def test_a_connection_that_is_not_understood_is_refused_with_a_sentence(data: Path, old: str, new: str, said: str) -> None:
    declare(data, GOOD.replace(old, new))
    with pytest.raises(Problem, match=said) as raised:
        read_connections()
    assert TOKEN not in str(raised.value) and "d2pat_abcdef" not in str(raised.value) and "pass@" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://localhost:8080/x", "http://127.0.0.1", "https://kf.example.org"])
def test_addresses_at_home_or_encrypted_are_fine(data: Path, url: str) -> None:
    declare(data, GOOD.replace("https://kf.example.org", url))
    assert read_connections()[0].url == url


def test_unencrypted_is_possible_when_it_is_said(data: Path) -> None:
    declare(data, GOOD.replace("https://", "http://") + "allow_http = true\n")
    assert read_connections()[0].url == "http://kf.example.org"


def test_cron_gets_0_1_or_2(data: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.submissions = [submission(1)]
    assert main(["pull", "answers"]) == 0
    assert "answers     kobo        1  answers/" in capsys.readouterr().out
    assert main(["pull", "answers"]) == 0
    assert "nothing new" in capsys.readouterr().out
    server.faults = [Answer(404)]
    assert main(["pull"]) == 1
    assert main(["pull", "anwers"]) == 2
    assert "Declared are: answers, clinics." in capsys.readouterr().err
    (data / "connections.toml").unlink()
    assert main(["pull"]) == 2
