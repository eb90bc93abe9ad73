"""`python -m reports send`: mail each recipient of an audience file the report that is theirs, once, through the server of the operator."""

from __future__ import annotations

import argparse
import hashlib
import os
import smtplib
import ssl
import sys
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import warehouse
from reports import audience, content, journal, make
from reports.audience import Recipient
from text import t
from warehouse import Build, Problem

NAME = "send"
HELP = "Mail the reports to those whom an audience file names, each once."
JOURNAL = "sent.jsonl"
_TYPES = {
    "pdf": ("application", "pdf"),
    "html": ("text", "html"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
_SECURITY = ("starttls", "ssl", "none")
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Server:
    """The mail server as the environment names it (COMMUNE_PULSE_SMTP_…); the password is never written anywhere."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str

    @classmethod
    def configured(cls) -> Server:
        """The server of the environment. Raises Problem with what is missing or wrong."""
        given = {name: os.environ.get(f"COMMUNE_PULSE_SMTP_{name}", "").strip() for name in ("HOST", "PORT", "SECURITY", "USER", "FROM")}
        security = given["SECURITY"].lower() or "starttls"
        faults = [f"COMMUNE_PULSE_SMTP_{name} is not set" for name in ("HOST", "FROM") if not given[name]]
        if security not in _SECURITY:
            faults.append(f"COMMUNE_PULSE_SMTP_SECURITY is '{security}'; it can be {', '.join(_SECURITY)}")
        if given["USER"] and security == "none" and given["HOST"] not in _THIS_MACHINE:
            faults.append("COMMUNE_PULSE_SMTP_SECURITY is 'none', which would send the password in the clear to another machine")
        if given["PORT"] and not given["PORT"].isdigit():
            faults.append(f"COMMUNE_PULSE_SMTP_PORT is '{given['PORT']}', which is no number")
        if faults:
            raise Problem(f"{'; '.join(faults)}.", "Nothing was sent.", "Set it in the environment; docs/reports.md names every setting.")
        port = int(given["PORT"] or {"starttls": 587, "ssl": 465, "none": 25}[security])
        password = os.environ.get("COMMUNE_PULSE_SMTP_PASSWORD", "")
        return cls(given["HOST"], port, security, given["USER"], password, given["FROM"])

    def connect(self) -> smtplib.SMTP:
        """A session with the server, encrypted unless the operator said otherwise. Raises Problem where it does not answer or refuses."""
        context = ssl.create_default_context(cafile=os.environ.get("COMMUNE_PULSE_SMTP_CA") or None)
        try:
            if self.security == "ssl":
                session: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=60, context=context)
            else:
                session = smtplib.SMTP(self.host, self.port, timeout=60)
                if self.security == "starttls":
                    session.starttls(context=context)
            if self.user:
                session.login(self.user, self.password)
            return session
        except (OSError, smtplib.SMTPException) as error:
            raise Problem(
                f"The mail server {self.host}:{self.port} could not be used: {error}",
                "What was not sent yet is not sent; run the same command again when it answers.",
                "Check the settings COMMUNE_PULSE_SMTP_… and whether this machine may reach the server.",
            ) from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The audience, and the build to send."""
    parser.add_argument("--audience", type=Path, required=True, help="CSV or TOML: address, place, language, formats, rhythm")
    parser.add_argument("--build", help="the build to send (default: the current one)")
    parser.add_argument("--dry-run", action="store_true", help="say who would get what, and send nothing")


def run(arguments: argparse.Namespace) -> int:
    """Send what was not sent yet; 1 where something could not be sent."""
    build = warehouse.build_or_current(arguments.build)
    recipients = audience.read(arguments.audience, build.build_id)
    written = journal.read(warehouse.data_folder() / JOURNAL)
    today = date.today()
    due = [each for each in recipients if key(each, today, build) not in written]
    for each in recipients:
        if each not in due:
            print(f"{each.address} {each.place} {each.language}: was sent already")
    if arguments.dry_run:
        for each in due:
            print(f"{each.address} {each.place} {each.language} {','.join(each.formats)}: would be sent")
        return 0
    if not due:
        return 0
    server = Server.configured()
    with warehouse.only_one("sending"):
        written = journal.read(warehouse.data_folder() / JOURNAL)  # another run may have sent some while this one waited
        return _send_all([each for each in due if key(each, today, build) not in written], build, today, server)


def key(recipient: Recipient, today: date, build: Build) -> str:
    """What is sent once only: this line of the audience for this build, or for this month, quarter or year."""
    parts = (recipient.address.lower(), recipient.place, recipient.language, *recipient.formats, recipient.period(today, build.build_id))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def _send_all(due: list[Recipient], build: Build, today: date, server: Server) -> int:
    """One session, one message a recipient; each is noted when the server took it. One that is refused does not stop the others."""
    path, refused = warehouse.data_folder() / JOURNAL, 0
    made: dict[tuple[str, str, tuple[str, ...]], EmailMessage] = {}
    session = server.connect()
    try:
        for each in sorted(due, key=lambda each: (each.place, each.language, each.formats)):
            asked = (each.place, each.language, each.formats)
            if asked not in made:
                made = {asked: _message(each, build, server.sender)}  # those who get the same stand together
            try:
                session = _sent(_addressed(made[asked], each.address), session, server)
            except (OSError, smtplib.SMTPException) as error:
                refused += 1
                print(f"{each.address} {each.place}: the server refused it: {error}", file=sys.stderr)
                continue
            about = {"address": each.address, "place": each.place, "build": build.build_id, "day": today.isoformat()}
            journal.add(path, {"key": key(each, today, build), **about})
            print(f"{each.address} {each.place} {each.language} {','.join(each.formats)}: sent")
    finally:
        session.close()
    return 1 if refused else 0


def _sent(message: EmailMessage, session: smtplib.SMTP, server: Server) -> smtplib.SMTP:
    """Send a message, over a new session where the server had closed the old one; gives the session that is open now."""
    try:
        session.send_message(message)
    except smtplib.SMTPServerDisconnected:
        session = server.connect()
        session.send_message(message)
    return session


def _message(recipient: Recipient, build: Build, sender: str) -> EmailMessage:
    """The findings in the words of the report, with its files."""
    where = content.filters_of(recipient.place)
    with content.looking(build, recipient.language):
        report = content.make(where, recipient.language, build.build_id)
        message = EmailMessage()
        invented = f"[{t('frame.demonstration')}] " if report.kind else ""
        message["Subject"] = f"{invented}{t('app.name')}: {report.place}"
        message["From"] = sender
        findings = "\n".join(f"- {finding.subject}: {finding.chip}. {finding.text}" for finding in report.findings)
        told = [report.lead, findings, f"{t('report.link')}:\n{report.link}", report.kind, dict(report.notes)[t("report.privacy")]]
        message.set_content("\n\n".join(filter(None, (part.replace("\u200b", "") for part in told))))
        for kind in recipient.formats:
            main, sub = _TYPES[kind]
            charset = {"charset": "utf-8"} if main == "text" else {}
            made = make.FORMATS[kind](report)
            message.add_attachment(made, maintype=main, subtype=sub, filename=f"{report.name}.{kind}", params=charset)
    return message


def _addressed(message: EmailMessage, address: str) -> EmailMessage:
    """The same message to one address: nobody sees who else gets it."""
    for name in ("To", "Date", "Message-ID"):
        del message[name]
    message["To"], message["Date"], message["Message-ID"] = address, formatdate(localtime=True), make_msgid(domain="commune-pulse.local")
    return message
