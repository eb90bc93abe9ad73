"""What else does the programme say of itself, and what do the records show? One line a claim that has no card, with the way to its page."""

from dataclasses import dataclass

import streamlit as st

from charts.theme import css
from charts.words import definition, label
from metrics import catalogue
from metrics.model import Sum
from metrics.query import Filters
from reports import ask, leads, told
from stats.verdict import Word
from text import t
from ui import blocks, cards, verdicts

_LINE = f'<div style="border-top:1px solid {css("border")};margin:.25rem 0"></div>'


@dataclass(frozen=True)
class Claim(told.Promise):
    """A claim of the programme's public description: its words stand at `claim.<key>`; the rest as with a promise."""


CLAIMS = (
    Claim("information", "participants", "outreach"),
    Claim("facilitators", "facilitators_strong_pct", "outreach"),
    Claim("feedback", "satisfied_pct", "feedback", aspect="quality"),
    Claim("scorecards", "good_score_pct", "scorecards"),
    Claim("documents", "documents_complete_pct", "processing"),
    Claim("fees", "over_fee_pct", "processing"),
    Claim("delivery", "delivered_home_pct", "promises"),
    Claim("schools", "teacher_presence_pct", "schools"),
)


def section(chosen: Filters) -> None:
    """Claim and verdict, the newest figure with what it rests on, and the way in; every line has all three, also where nothing is known."""
    blocks.heading(t("claim.title"), t("claim.text"))
    with st.container(border=True, gap="xxsmall", key="claims"):
        for place, claim in enumerate(CLAIMS):
            if place:
                st.html(_LINE)
            words, evidence, way = st.columns([3.4, 7.6, 1.2], gap="small", vertical_alignment="center")
            chip, finding, basis = _of_facilitators(chosen) if claim.key == "facilitators" else _of_records(claim, chosen)
            words.markdown(f"{t(f'claim.{claim.key}')}  \n{chip}")
            evidence.markdown(f"**{finding}**  \n:small[:gray[{basis}]]")
            with way:
                cards.details(claim.page)


def _of_records(claim: Claim, chosen: Filters) -> tuple[str, str, str]:
    """The chip, the newest whole year, and what it rests on with the change since the programme came."""
    found, verdict = ask.judged(claim.metric, claim.where(chosen))
    finding = told.newest_year(found) or t("claim.none", measure=label(found.metric))
    if not told.is_told(found):
        chip = verdicts.chip(verdict.word, "" if claim.has_before else t("promise.no_before_chip"))
        is_count = isinstance(found.metric.kind, Sum)  # a count rests on itself
        return chip, finding, definition(found.metric) if is_count and told.newest_year(found) else told.basis(found)
    rests = told.rests_on(found)
    if verdict.word != Word.CANNOT_TELL:
        rests.append(t("claim.change", change=told.change(found)))
    return verdicts.chip(verdict.word), finding, " · ".join(rests)


def _of_facilitators(chosen: Filters) -> tuple[str, str, str]:
    """Whether trained facilitators score higher: of the province or the whole programme, for ten of them or more."""
    chip = verdicts.chip(Word.CANNOT_TELL, t("promise.no_before_chip"))
    finding, basis = leads.grown_in_words(chosen) if ask.has_data("facilitators_assessed") else ("", "")
    measure = label(catalogue()["facilitators_strong_pct"])
    return chip, finding.rstrip(".។") or t("claim.none", measure=measure), basis or t("promise.nothing_arrived")
