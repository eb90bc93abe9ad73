"""Does a report say in every format what the pages say, is it whole, light and readable by everybody, and does a set of them survive?"""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import lxml.html
import openpyxl
import pypdf
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from screen import data_of
from small_files import rows_of

import warehouse
from etl import sources
from etl.pipeline import build_warehouse
from metrics import compare, logframe, read_verdicts
from metrics.query import Filters
from reports import __main__ as cli
from reports import batch, content, html, journal, make, package, send, told
from text import number, set_language, t
from warehouse import Problem

HOUSE = Path(__file__).resolve().parents[1]
ANSWERS = "submission_id,submitted_at,province_code,district_code,facility_type,rating_speed,rating_friendliness,scale_min,scale_max\n"


@pytest.fixture(autouse=True)
def _demonstration(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    yield
    set_language("en")


@cache
def commune() -> str:
    """A commune of the demonstration in which something can be told."""
    found = read_verdicts.table()
    return str(found.loc[found["before"].notna() & (found["metric"] == "median_processing_days"), "place_code"].iloc[0])


@cache
def files(code: str, language: str = "en") -> dict[str, bytes]:
    """A report of the demonstration by ending."""
    made = make.files(content.filters_of(code), language, warehouse.build_or_current(None), make.FORMATS)
    return {name.rsplit(".", 1)[1]: inside for name, inside in made.items()}


def place(kind: str) -> str:
    return {"programme": "KH", "district": commune()[:4], "commune": commune()}[kind]


def plain(text: str) -> str:
    """A text without breaks, however it was set."""
    return re.sub(r"\s+", " ", text.replace("\u200b", "").replace("\u00a0", " "))


# --- PDF -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "language"), [("programme", "en"), ("commune", "km")])
def test_the_pdf_is_tagged_and_says_its_language_title_and_sections(kind: str, language: str) -> None:
    reader = pypdf.PdfReader(io.BytesIO(files(place(kind), language)["pdf"]))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/StructTreeRoot"]
    assert str(root["/Lang"]).split("-")[0] == language
    assert reader.metadata is not None and reader.metadata.author == "Commune Pulse"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    set_language(language)
    assert plain(t("question.overview")) in plain(str(reader.metadata.title))
    chapters = {plain(str(each.title)) for each in reader.outline if not isinstance(each, list)}
    expected = [t(f"report.{key}") for key in ("in_short", "framework", "arrived", "notes", "definitions")] + [t("question.processing")]
    assert {plain(title) for title in expected} <= chapters


def test_every_page_of_a_pdf_is_numbered_and_says_that_its_figures_are_invented() -> None:
    pages = pypdf.PdfReader(io.BytesIO(files("KH")["pdf"])).pages
    for n, page in enumerate(pages, 1):
        text = plain(page.extract_text())
        assert f"Page {n} of {len(pages)}" in text
        assert "Demonstration" in text
    assert len(pages) > 8


def test_charts_of_a_pdf_are_drawn_and_told_to_those_who_cannot_see_them() -> None:
    reader = pypdf.PdfReader(io.BytesIO(files(commune())["pdf"]))
    told_in_words = [str(each.get_object().get("/Alt", "")) for each in _elements(reader.trailer["/Root"]["/StructTreeRoot"])]
    with content.looking(warehouse.build_or_current(None), "en"):
        report = content.make(content.filters_of(commune()))
    charts = [figure.chart for section in report.sections for figure in section.figures]
    assert len(charts) > 5
    for chart in charts:
        assert plain(chart.alt) in {plain(words) for words in told_in_words}
    assert not any("/XObject" in page.get("/Resources", {}) for page in reader.pages[1:])  # no pictures: lines and words


def _elements(node: Any) -> Iterator[Any]:
    node = node.get_object()
    if isinstance(node, list):
        for each in node:
            yield from _elements(each)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node and not isinstance(node["/K"], int):
            yield from _elements(node["/K"])


# --- web page ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "language"), [("programme", "en"), ("district", "en"), ("commune", "en"), ("commune", "km")])
def test_the_web_page_is_light_whole_and_readable_without_eyes(kind: str, language: str) -> None:
    page = files(place(kind), language)["html"]
    assert len(page) <= html.LARGEST
    assert b"<script" not in page and b"http-equiv" not in page
    assert not re.search(rb'(src|href)="(?!#|http://localhost:8501/)', page)
    tree = lxml.html.fromstring(page)
    assert tree.get("lang") == language
    levels = [int(each.tag[1]) for each in tree.iter("h1", "h2", "h3")]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert [len(tree.xpath(f"//{landmark}")) for landmark in ("header", "main", "footer")] == [1, 1, 1]
    for table in tree.iter("table"):
        assert table.findtext("caption") and not table.xpath(".//th[not(@scope)]")
    drawings = [each for each in tree.iter("svg") if each.find("desc") is not None]
    assert drawings and all(each.get("role") == "img" and each.findtext("desc") for each in drawings)


# --- every format says the same ------------------------------------------------------------------------------------------------------


def sheets(code: str, language: str = "en") -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(files(code, language)["xlsx"]), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


@pytest.mark.parametrize("kind", ["programme", "district", "commune"])
def test_the_figures_of_the_findings_are_those_of_the_measures_in_every_format(kind: str) -> None:
    where = content.filters_of(place(kind))
    build = warehouse.current_build()
    assert build is not None
    tree = lxml.html.fromstring(files(place(kind))["html"])
    shown = [plain(each.text_content()) for each in tree.find_class("pair")]
    rows = [row for row in sheets(place(kind))["Findings"] if isinstance(row[3], int | float)]
    expected = []
    for promise in told.PROMISES:
        found, _ = read_verdicts.judged(compare.before_after(promise.metric, promise.where(where), build.build_id))
        if told.is_told(found):
            expected.append(found)
    assert expected and len(shown) == len(rows) == len(expected)
    text = plain(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files(place(kind))["pdf"])).pages))
    for found, words, row in zip(expected, shown, rows, strict=True):
        before, after = (number(value, found.metric.decimals) for value in (found.before, found.after))
        assert [part for part in words.split() if part[0].isdigit()] == [before, after]
        assert (row[3], row[4]) == pytest.approx((found.before, found.after))
        assert before in text and after in text


@pytest.mark.parametrize("kind", ["programme", "commune"])
def test_every_number_in_a_table_of_the_web_page_stands_in_the_workbook(kind: str) -> None:
    tree = lxml.html.fromstring(files(place(kind))["html"])
    told_numbers = {
        plain(cell.text_content()).split(" ")[0].removesuffix("%").strip()
        for cell in tree.xpath("//section[@aria-labelledby!='notes']//td[@class='n']")
    }
    known: set[str] = set()
    for rows in sheets(place(kind)).values():
        for value in (cell for row in rows for cell in row if isinstance(cell, int | float)):
            known |= {number(value, decimals, sign=sign) for decimals in (0, 1, 2) for sign in (False, True)}
        known |= {part for row in rows for cell in row if isinstance(cell, str) for part in plain(cell).split()}
    digits = {each for each in told_numbers if any(map(str.isdigit, each))}
    assert len(digits) > 10
    assert not digits - known


def test_the_results_framework_of_a_report_is_that_of_its_page() -> None:
    values = {each.indicator.code: each.current for each in logframe.framework()}
    rows = {row[0]: row for row in sheets("KH")["Results framework"] if row[0] in values}
    assert set(rows) == set(values)
    for code, value in values.items():
        if value.is_known:
            assert rows[code][4] == pytest.approx(value.value)


def test_a_period_is_named_and_cuts_the_charts() -> None:
    with content.looking(warehouse.build_or_current(None), "en"):
        whole, cut = (content.make(content.filters_of("KH", first, None)) for first in (None, "2025-06"))
    assert "Jun 2025" in cut.period and "2025-06" in cut.name
    first_days = [min(result.table["period_start"]) for result in cut.results if "period_start" in result.table]
    assert first_days and all(f"{day:%Y-%m}" >= "2025-01" for day in first_days)  # a year's figure begins in January
    assert whole.lead == cut.lead


# --- builds in which there is little to say ------------------------------------------------------------------------------------------


def built(folder: Path, monkeypatch: pytest.MonkeyPatch, **files_in: str) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(folder))
    for name, text in files_in.items():
        path = folder / "inbox" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    build_warehouse(folder / "inbox", False, lambda share, step: None)


def test_a_build_without_a_usable_row_makes_a_report_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(tmp_path, monkeypatch, feedback=ANSWERS + "A1,2024-01-11 09:00:00,07,0704,health_centre,99,1,1,5\n")
    made = make.files(Filters(), "en", warehouse.build_or_current(None), make.FORMATS)
    page = next(inside.decode() for name, inside in made.items() if name.endswith("html"))
    assert t("page.overview.nothing") in page and "Demonstration" not in page
    assert all(len(inside) > 1000 for inside in made.values())


@pytest.mark.parametrize("language", ["en", "km"])
def test_feedback_alone_makes_a_report(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    made = make.files(content.filters_of("0704"), language, warehouse.build_or_current(None), make.FORMATS)
    assert len(made) == 3


def test_a_commune_of_which_everything_is_hidden_gives_away_no_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [(f"2024-0{1 + i}-03", f"2024-0{1 + i}-10") for i in range(7)]
    seven = [{"request_id": f"R-{i}", "submitted_date": first, "completed_date": last} for i, (first, last) in enumerate(days)]
    examples = {name: rows_of(sources.source(name), {}) for name in ("facilities", "partners", "coverage")}
    built(tmp_path, monkeypatch, **examples, service_requests=rows_of(sources.source("service_requests"), *seven))
    with content.looking(warehouse.build_or_current(None), "en"):
        report = content.make(content.filters_of("070101"))
    assert not any(finding.is_told for finding in report.findings)
    assert not [figure for section in report.sections for figure in section.figures]
    made = make.files(content.filters_of("070101"), "en", warehouse.build_or_current(None), ("html", "xlsx"))
    page = next(inside.decode() for name, inside in made.items() if name.endswith("html"))
    assert t("empty.hidden.what") in page
    assert not re.search(r"\b7 (requests|days)\b", page)


def test_a_place_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match="not the code of a place"):
        content.filters_of("Kampot")
    with pytest.raises(Problem, match="knows no commune 999999"):
        make.files(content.filters_of("999999"), "en", warehouse.build_or_current(None), ("html",))
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    with pytest.raises(Problem, match="no data yet"):
        warehouse.build_or_current(None)


# --- whole sets ----------------------------------------------------------------------------------------------------------------------


def test_a_set_that_was_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    wanted = batch.codes("commune", commune()[:2], warehouse.build_or_current(None).build_id)
    assert len(wanted) > 2
    command = [sys.executable, "-m", "reports", "batch", "--level", "commune", "--within", commune()[:2], "--format", "html"]
    running = subprocess.Popen([*command, "--out", str(tmp_path)], cwd=HOUSE, env=dict(os.environ), stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not journal.read(tmp_path / batch.JOURNAL) and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = journal.read(tmp_path / batch.JOURNAL)
    assert 0 < len(before) < len(wanted)
    with (tmp_path / batch.JOURNAL).open("ab") as file:
        file.write(b'{"key": "cut o')  # as if the machine had stopped in the middle of a line
    done = subprocess.run([*command, "--out", str(tmp_path)], cwd=HOUSE, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{len(wanted) - len(before)} written, {len(before)} were there already, 0 failed" in done.stdout
    after = journal.read(tmp_path / batch.JOURNAL)
    assert {entry["place"] for entry in after.values()} == set(wanted)
    for entry in after.values():
        for name, told_sum in entry["files"].items():
            assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == told_sum
    assert not list(tmp_path.glob(".part-*"))
    with (tmp_path / batch.BOOKS).open(encoding="utf-8-sig", newline="") as file:
        assert [row["place"] for row in csv.DictReader(file)] == wanted


def test_one_report_that_fails_does_not_stop_the_others_and_a_lost_file_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = batch.codes("commune", commune()[:2], warehouse.build_or_current(None).build_id)
    real = make.files

    def files_or_not(where: Filters, *rest: Any) -> dict[str, bytes]:
        if where.place == wanted[0]:
            raise ValueError("no room on the paper")
        return {f"{where.place}.html": b"x"} if where.place != wanted[1] else real(where, *rest)

    monkeypatch.setattr(make, "files", files_or_not)
    asked = ["batch", "--level", "commune", "--within", commune()[:2], "--format", "html", "--out", str(tmp_path)]
    assert cli.main(asked) == 1
    assert f"{len(wanted) - 1} written, 0 were there already, 1 failed" in capsys.readouterr().out
    assert "no room on the paper" in (tmp_path / batch.BOOKS).read_text(encoding="utf-8-sig")
    (tmp_path / f"{wanted[2]}.html").unlink()
    monkeypatch.setattr(make, "files", lambda where, *rest: {f"{where.place}.html": b"x"})
    assert cli.main(asked) == 0
    assert f"2 written, {len(wanted) - 2} were there already, 0 failed" in capsys.readouterr().out


def test_another_build_or_period_is_another_report() -> None:
    build = warehouse.build_or_current(None)
    keys = {batch.Task(content.filters_of("07", month), language, kinds, build).key
            for month in (None, "2025-01") for language in ("en", "km") for kinds in (("pdf",), ("pdf", "html"))}  # fmt: skip
    assert len(keys) == 8


def test_another_programme_file_is_another_report_and_another_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = batch.Task(content.filters_of("07", None), "en", ("pdf",), warehouse.build_or_current(None))
    key, kept = task.key, package.kept(task.build)
    assert (task.key, package.kept(task.build)) == (key, kept)
    own = tmp_path / "programme.toml"
    own.write_bytes((warehouse.reference_folder() / "programme.toml").read_bytes() + b"# ours")
    monkeypatch.setattr("reports.files.programme_file", lambda: own)
    assert task.key != key and package.kept(task.build) != kept


# --- mail ----------------------------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Postbox:
    """What a real mail server took; it refuses one address."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []
        self.refused = "gone@example.org"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        from email import message_from_bytes, policy

        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken += [(address, message) for address in envelope.rcpt_tos]  # type: ignore[list-item, misc]
        return "250 OK"


@pytest.fixture
def postbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    box = Postbox()
    port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        settings = {"HOST": "127.0.0.1", "PORT": str(port), "SECURITY": "none", "FROM": "reports@example.org"}
        for name, value in settings.items():
            monkeypatch.setenv(f"COMMUNE_PULSE_SMTP_{name}", value)
        yield box
    finally:
        server.stop()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the journal of what was sent lies in a test."""
    path = tmp_path / "sent.jsonl"
    monkeypatch.setattr(send, "JOURNAL", str(path))
    return path


def test_each_gets_what_is_theirs_once(postbox: Postbox, sent: Path, tmp_path: Path) -> None:
    audience = tmp_path / "audience.csv"
    audience.write_text(
        f"address,place,language,formats,rhythm\na@example.org,KH,en,html xlsx,\ngone@example.org,KH,en,html xlsx,\n"
        f"b@example.org,{commune()},km,html,month\n",
        encoding="utf-8",
    )
    asked = ["send", "--audience", str(audience)]
    assert cli.main(asked) == 1  # one was refused
    by_address = dict(postbox.taken)
    assert set(by_address) == {"a@example.org", "b@example.org"}
    message = by_address["a@example.org"]
    assert message["To"] == "a@example.org" and "[Demonstration]" in message["Subject"]
    names = [part.get_filename() for part in message.iter_attachments()]
    assert [str(name).rsplit(".", 1)[1] for name in names] == ["html", "xlsx"]
    assert next(message.iter_attachments()).get_content().encode() == files("KH")["html"]
    body = message.get_body(("plain",))
    assert body is not None and "Half of all requests were ready in" in body.get_content()
    in_khmer = by_address["b@example.org"].get_body(("plain",))
    set_language("km")
    assert in_khmer is not None and plain(t("report.privacy_text")) in plain(in_khmer.get_content())
    postbox.taken.clear()
    postbox.refused = ""
    assert cli.main(asked) == 0
    assert [address for address, _ in postbox.taken] == ["gone@example.org"]
    postbox.taken.clear()
    assert cli.main(asked) == 0 and not postbox.taken
    assert "password" not in sent.read_text(encoding="utf-8").lower()


def test_a_line_of_the_audience_that_is_wrong_is_named_and_nothing_is_sent(
    postbox: Postbox, sent: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audience = tmp_path / "audience.csv"
    audience.write_text(
        "address,place,language,formats,rhythm\na@example.org,KH,,,\nnobody,KH,fr,pdf,\nb@example.org,70401,en,docx,daily\n",
        encoding="utf-8",
    )
    assert cli.main(["send", "--audience", str(audience)]) == 1
    said = capsys.readouterr().err
    for fault in ("line 3: 'nobody' is not an e-mail", "line 3: 'fr' is not a language", "line 4: '70401' is no place",
                  "line 4: 'docx' is not a format", "line 4: 'daily' is not a rhythm"):  # fmt: skip
        assert fault in said
    assert not postbox.taken and not sent.exists()


def test_an_audience_in_toml_says_the_same(tmp_path: Path) -> None:
    from reports import audience

    build_id = warehouse.build_or_current(None).build_id
    one = '[[recipient]]\naddress = "a@example.org"\nplace = "KH"\nformats = ["pdf", "html"]\n'
    (tmp_path / "a.toml").write_text(one, encoding="utf-8")
    (tmp_path / "a.csv").write_text("address,place,formats\na@example.org,KH,pdf html\n", encoding="utf-8")
    assert audience.read(tmp_path / "a.toml", build_id) == audience.read(tmp_path / "a.csv", build_id)


def test_a_server_that_does_not_answer_or_is_not_set_is_told(
    sent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("address,place,formats\na@example.org,KH,html\n", encoding="utf-8")
    asked = ["send", "--audience", str(tmp_path / "a.csv")]
    for name in ("HOST", "FROM"):
        monkeypatch.delenv(f"COMMUNE_PULSE_SMTP_{name}", raising=False)
    assert cli.main(asked) == 1 and "COMMUNE_PULSE_SMTP_HOST is not set" in capsys.readouterr().err
    for name, value in {"HOST": "127.0.0.1", "PORT": "1", "SECURITY": "none", "FROM": "r@example.org"}.items():
        monkeypatch.setenv(f"COMMUNE_PULSE_SMTP_{name}", value)
    assert cli.main(asked) == 1 and "could not be used" in capsys.readouterr().err
    assert not sent.exists()


@pytest.mark.skipif(not shutil.which("openssl"), reason="a certificate for the test is made by openssl")
def test_a_session_is_encrypted_and_logs_in(sent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files_of = [tmp_path / name for name in ("key.pem", "certificate.pem")]
    asked = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", str(files_of[0]), "-out", str(files_of[1])]  # fmt: skip
    subprocess.run(asked, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files_of[1], files_of[0])
    logins: list[bytes] = []

    def login(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        logins.append(given.login)
        return AuthResult(success=given.password == b"secret")

    box = Postbox()
    port = free_port()
    secured = {"tls_context": context, "require_starttls": True, "authenticator": login, "auth_required": True}
    server = Controller(box, hostname="localhost", port=port, **secured)
    server.start()
    try:
        login_as = {"USER": "pulse", "PASSWORD": "secret", "CA": str(files_of[1])}
        settings = {"HOST": "localhost", "PORT": str(port), "FROM": "r@example.org", **login_as}
        for name, value in settings.items():
            monkeypatch.setenv(f"COMMUNE_PULSE_SMTP_{name}", value)
        (tmp_path / "a.csv").write_text("address,place,formats\na@example.org,KH,html\n", encoding="utf-8")
        assert cli.main(["send", "--audience", str(tmp_path / "a.csv")]) == 0
        assert [address for address, _ in box.taken] == ["a@example.org"] and logins == [b"pulse"]
        monkeypatch.setenv("COMMUNE_PULSE_SMTP_PASSWORD", "wrong")
        with pytest.raises(Problem, match="could not be used"):
            send.Server.configured().connect()
    finally:
        server.stop()


def test_the_journal_is_read_past_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal.add(path, {"key": "a", "n": 1})
    with path.open("ab") as file:
        file.write(json.dumps({"key": "b"}).encode()[:5])
    journal.add(path, {"key": "c", "n": 2})
    assert {key: entry["n"] for key, entry in journal.read(path).items()} == {"a": 1, "c": 2}
