"""What would a first-time visitor see? One commune's invented story in five steps, each on its live page with the figures of the build."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from charts.words import amount
from metrics import catalogue, story
from metrics.query import Filters, Query
from metrics.read_verdicts import Verdict
from reports import ask, view
from text import month_text, number, percent, t
from ui import links

_STEP = "tour"  # in the address, so that a step can be sent to somebody


@dataclass(frozen=True)
class Step:
    """One stop: its name in the texts, its page, the choices on it, and the figures that its words need (None: not told in this build)."""

    name: str
    page: str
    service: str | None
    figures: Callable[[str], dict[str, str] | None]
    is_since: bool = False  # the page shows the whole years since the programme came


def _facilitator(commune: str) -> dict[str, str] | None:
    """Her confidence before training, after it and at last."""
    found = story.facilitator_scores(view.now().build.build_id)
    found = found[found["assessment_question"] == "confidence"]
    if len(found) < 2:
        return None
    scores = [number(score) for score in found["score"]]
    return {"before": scores[0], "after": scores[1], "last": scores[-1], "most": number(found["scale_max"].iloc[-1])}


def _certificate(commune: str) -> dict[str, str] | None:
    """Sessions held, and how long a birth certificate took and takes."""
    held = ask.result(Query(("sessions_held",), where=Filters(commune=commune))).table
    pair = _pair("median_processing_days", Filters(commune=commune, service="birth_certificate"))
    return {"sessions": number(held["sessions_held"].iloc[0]), **pair} if pair and len(held) else None


def _family_book(commune: str) -> dict[str, str] | None:
    """How many of those who asked were sent on to the police, and how long the family book took and takes."""
    where = Filters(commune=commune, service="family_book")
    sent = ask.result(Query(("referred_to_police_pct",), where=where)).table
    pair = _pair("median_processing_days", where)
    is_told = len(sent) and sent["referred_to_police_pct_status"].iloc[0] == "shown"
    return {"share": percent(sent["referred_to_police_pct"].iloc[0]), **pair} if pair and is_told else None


def _visits(commune: str) -> dict[str, str] | None:
    return _pair("visits_per_facility_month", Filters(commune=commune, facility_type="health_centre"))


def _pair(metric: str, where: Filters) -> dict[str, str] | None:
    """Before and after with the word of the verdict, as the page itself tells them."""
    verdict: Verdict = ask.judged(metric, where)[1]
    if verdict.since is None or verdict.before != verdict.before:
        return None
    told = catalogue()[metric]
    return {
        "before": amount(told, verdict.before),
        "now": amount(told, verdict.after),
        "word": t(f"verdict.{verdict.word}"),
        "since": month_text(verdict.since),
    }


STEPS = (
    Step("facilitator", "outreach", None, _facilitator),
    Step("certificate", "processing", "birth_certificate", _certificate),
    Step("family_book", "promises", "family_book", _family_book, is_since=True),
    Step("visits", "service_use", None, _visits),
    Step("together", "commune", None, lambda commune: {}),
)


def invitation() -> None:
    """On the front page of the demonstration: the way into the tour."""
    if story.commune(view.now().build.build_id) and not _at():
        st.button(t("tour.start"), icon=":material/directions_walk:", type="tertiary", on_click=_go_to, args=(1,))
    _follow()


def panel() -> None:
    """On a page of the tour: where we are, what to look at, and the way on. Nothing outside the tour or in a real build."""
    number_of_step = _at()
    if not number_of_step or view.now().page != STEPS[number_of_step - 1].page:
        return
    step, commune = STEPS[number_of_step - 1], story.commune(view.now().build.build_id)
    if not commune:
        return
    name = ask.names().get(commune, commune)
    figures = step.figures(commune)
    with st.container(border=True, key="tour"):
        st.markdown(
            f":violet-badge[:material/directions_walk: {t('tour.step', step=number(number_of_step), all=number(len(STEPS)))}] "
            f"**{t(f'tour.{step.name}.title', place=name)}**  \n"
            + (t(f"tour.{step.name}.text", place=name, **figures) if figures is not None else t("tour.not_told"))
            + f"  \n:small[:gray[{t('tour.invented')}]]"
        )
        with st.container(horizontal=True, gap="small"):
            if number_of_step > 1:
                st.button(t("tour.back"), icon=":material/arrow_back:", on_click=_go_to, args=(number_of_step - 1,))
            if number_of_step < len(STEPS):
                st.button(t("tour.next"), icon=":material/arrow_forward:", type="primary", on_click=_go_to, args=(number_of_step + 1,))
            st.button(t("tour.end"), type="tertiary", on_click=_go_to, args=(0,))
    _follow()


def _at() -> int:
    """The step that the address names; 0 for none."""
    asked = st.query_params.get(_STEP, "")
    return int(asked) if asked.isdigit() and 1 <= int(asked) <= len(STEPS) else 0


def _go_to(number_of_step: int) -> None:
    """Remember where a button leads; pages cannot be changed before the run that follows."""
    st.session_state["tour leads to"] = number_of_step


def _follow() -> None:
    """Open the page that a button of the tour led to, with its choices; step 0 is the front page without them."""
    wanted = st.session_state.pop("tour leads to", None)
    if wanted is None:
        return
    commune = story.commune(view.now().build.build_id)
    none = dict.fromkeys(links.filters())
    if wanted == 0 or not commune:
        st.switch_page("pages/overview.py", query_params=links.query(**none))
    step = STEPS[wanted - 1]
    chosen: dict[str, str | None] = {**none, **links.place(commune), "service": step.service}
    if step.is_since:
        table = ask.communes()
        start = table.loc[table["commune_code"] == commune, "start_date"].iloc[0]
        chosen["from"] = f"{start.year + 1}-01"
    st.switch_page(f"pages/{step.page}.py", query_params={**links.query(**chosen), _STEP: str(wanted)})
