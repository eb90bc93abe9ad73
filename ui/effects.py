"""How is it told what the programme's communes did beyond those not yet covered, and how it was worked out? Never as proof of cause."""

import pandas as pd
import streamlit as st

import charts
from charts.event_study import change, likely
from charts.plotly_figure import figure
from charts.words import is_known, label
from metrics import catalogue, contribution
from metrics.contribution import OUTCOMES, Claim, Contribution
from metrics.query import Filters
from reports import ask, view
from text import date_text, number, quarter_text, t
from ui import blocks

_NO_FIGURES = (Claim.TOO_SPARSE, Claim.TOO_FEW, Claim.NO_STARTS)


def words() -> dict[str, str]:
    """The outcomes that can be followed, with what they are called. Raises Nothing where none has arrived, or no start is known."""
    if not ask.knows_coverage():
        raise blocks.Nothing("no_starts", icon="flag")
    known = [outcome.metric for outcome in OUTCOMES if ask.has_data(outcome.metric)]
    if not known:
        raise blocks.Nothing("not_arrived.requests", icon="inbox")
    return {name: label(catalogue()[name]) for name in known}


def found(metric: str) -> Contribution:
    """What came out for one outcome, over the whole programme."""
    return contribution.contribution(metric, view.now().build.build_id)


def lead(told: Contribution) -> str:
    """The finding in a sentence, or that no claim is made and why; always that it is not proof of cause."""
    subject = t(f"page.contribution.subject.{told.outcome.metric}")
    is_clear = told.claim in (Claim.MORE, Claim.LESS)
    sentence = t(
        f"page.contribution.lead.{told.claim}",
        subject=subject,
        effect=change(told, told.effect, signed=not is_clear),
        likely=likely(told, told.low, told.high, signed=not is_clear) if is_known(told.low) else "",
        drift=change(told, told.drift),
        share=number(100 * told.density) if is_known(told.density) else "",
        fewest=number(contribution.FEWEST_COMMUNES),
    )
    has_small_drift = is_clear and told.is_drift_clear
    drifted = t("page.contribution.small_drift", carried=change(told, told.carried_on, signed=False)) if has_small_drift else ""
    end = t("page.contribution.not_proof" if is_clear or told.claim == Claim.UNCLEAR else "page.contribution.not_proof_seen")
    return " ".join(filter(None, (sentence, drifted, end)))


def rests_on(told: Contribution) -> None:
    """On how many communes the sentence rests, and with how many they are compared."""
    if told.claim not in _NO_FIGURES:
        counts = {name: number(getattr(told, name)) for name in ("communes", "covered", "controls", "never")}
        blocks.small(t("page.contribution.rests_on", **counts, first=quarter_text(told.first), last=quarter_text(told.last)))


def picture(told: Contribution) -> None:
    """The quarters before and after the start, with their table and numbers to take away."""
    if not told.is_told:
        return
    made = charts.event_study(told, ask.around())
    blocks.show(made, figure(made, view.now().theme), ())
    blocks.own_proof(_table(told), t("page.contribution.caveat"), made.key, catalogue()[told.outcome.metric], made=made)


def what_else() -> None:
    """What else happened to the whole country meanwhile: it touches both sides, and may touch them unequally."""
    events = ask.events_of(Filters())
    events = events[events["commune_code"].isna() & events["district_code"].isna() & (events["event_type"] != "coverage_start")]
    blocks.heading(t("page.contribution.else"), t("page.contribution.else_text"))
    language = view.now().language
    for event in events.to_dict("records"):
        name = event[f"title_{language}"] or event["title_en"] or t(f"event_type.{event['event_type']}")
        st.markdown(f"{date_text(event['event_date'])}: {name}")
    if events.empty:
        st.markdown(t("page.contribution.else_none"))


def how(told: Contribution) -> None:
    """For analysts: the method, its source, and every number behind the sentence."""
    with st.popover(t("page.contribution.how"), icon=":material/calculate:", width="content"):
        st.markdown(t("page.contribution.method"))
        st.markdown(t("page.contribution.outcome_share" if told.outcome.is_share else "page.contribution.outcome_count"))
        if told.claim not in _NO_FIGURES:
            st.markdown("\n".join(f"- {t(f'page.contribution.number.{name}')}: {words}" for name, words in _numbers(told).items()))
        st.markdown(t("page.contribution.sources"))
        st.code(told.sql, language="sql", wrap_lines=True)


def _numbers(told: Contribution) -> dict[str, str]:
    return {
        "effect": f"{change(told, told.effect)}, {likely(told, told.low, told.high)}",
        "communes": t("page.contribution.of", n=number(told.communes), all=number(told.covered)),
        "controls": number(told.controls),
        "never": number(told.never),
        "groups": number(told.groups),
        "clusters": f"{number(told.clusters)} ({t(f'place_level.{told.clustered_by}')})",
        "quarters": f"{quarter_text(told.first)} – {quarter_text(told.last)}",
        "density": f"{number(100 * told.density)} %",
        "drift": f"{change(told, told.drift)}, {likely(told, told.drift_low, told.drift_high)}" if is_known(told.drift) else number(None),
        "carried_on": change(told, told.carried_on),
        "joint": f"{number(told.joint, 2)} / {number(told.joint_critical, 2)} ({number(told.together)})",
    }


def _table(told: Contribution) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                t("page.contribution.quarter"): number(row["quarter"], sign=True),
                t("page.contribution.difference"): change(told, row["effect"]),
                t("table.likely_alone"): likely(told, row["low"], row["high"]),
                t("page.contribution.number.communes"): number(row["communes"]),
                t("page.contribution.number.controls"): number(row["controls"]),
            }
            for row in told.events.to_dict("records")
        ]
    )
