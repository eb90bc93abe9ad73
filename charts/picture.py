"""How does a chart look as a picture that may travel alone? With its finding, measure, source, data date, n and build inside it.

The whole picture is one typst document, so SVG and PNG are the same picture: text is broken into lines and Khmer is shaped by typst with
the two Noto fonts that come as packages. In the SVG letters are outlines: it looks the same where no Noto is installed.
"""

import re
from html import escape

from charts import typeset
from charts.model import Chart
from charts.outlines import compact
from charts.paper import laid_out
from charts.theme import LIGHT
from charts.typeset import PT, prose, quoted
from charts.words import base, is_known
from metrics.query import Result
from text import date_text, language, t
from warehouse import Build

WIDTH_PX = 720
_SIDE_PX = 20
_ALL = "overall"  # an aspect that is the sum of the others


def picture_svg(chart: Chart, build: Build, *, width_px: int = WIDTH_PX, n: str = "") -> str:
    """A whole picture as SVG without text: letters are outlines. In the language that is set, which should be the chart's; `n` is what the
    figures rest on, in words (`rests_on`).
    """
    drawn = compact(typeset.compiled(document(chart, build, width_px, n), "svg").decode())
    told = f"<title>{escape(chart.title)}</title><desc>{escape(' '.join(filter(None, (chart.subtitle, chart.alt, chart.source))))}</desc>"
    return re.sub(r"<svg ([^>]*)>", lambda found: f'<svg role="img" {found[1]}>{told}', drawn, count=1)


def picture_png(chart: Chart, build: Build, *, width_px: int = WIDTH_PX, scale: float = 2.0, n: str = "") -> bytes:
    """The same picture as PNG, `width_px * scale` pixels wide."""
    return typeset.compiled(document(chart, build, width_px, n), "png", ppi=96 * scale)


def rests_on(result: Result) -> str:
    """What the shown figures of an answer's first measure rest on, all together: "152,340 requests"; empty where that is not known."""
    metric, table = result.metrics[0], result.table
    counted = f"{metric.name}_n"
    if counted not in table:
        return ""
    shown = table[table[f"{metric.name}_status"] == "shown"]
    if "aspect" in shown:
        shown = shown[shown["aspect"] != _ALL] if (shown["aspect"] != _ALL).any() else shown
    total = float(shown[counted].sum())
    return base(metric, total) if is_known(total) and total > 0 else ""


def document(chart: Chart, build: Build, width_px: int, n: str) -> str:
    """The picture as a typst document of one page, as high as it needs."""
    inner = width_px - 2 * _SIDE_PX
    is_khmer = language() == "km"
    invented = (
        f"#block(below: 9pt, box(fill: rgb({quoted(LIGHT['demonstration'])}), radius: 2pt, inset: (x: 5pt, y: 0pt), outset: (y: 3pt), "
        f"text(9pt, white, weight: 600, {quoted(t('frame.demonstration'))})) + h(5pt) + "
        f"text(9pt, rgb({quoted(LIGHT['demonstration'])}), {prose(t('frame.demonstration_text'))}))"
        if build.is_demonstration
        else ""
    )
    below = " ".join(filter(None, (chart.source, chart.caveat)))
    facts = [
        t("frame.data_to", date=date_text(build.data_to)) if build.data_to and not chart.source else "",
        t("picture.n", base=n) if n else "",
        *chart.facts,
    ]
    foot = " · ".join(filter(None, (*facts, t("frame.build", build=build.build_id), t("app.name"))))
    return "\n".join(
        (
            f"#set page(width: {width_px * PT}pt, height: auto, margin: (x: {_SIDE_PX * PT}pt, top: 15pt, bottom: 12pt), fill: white)",
            typeset.preamble(),
            f"#set par(leading: {'0.85em' if is_khmer else '0.55em'}, spacing: 7pt, justify: false)",
            invented,
            f"#block(below: {'9pt' if is_khmer else '7pt'}, text(13.5pt, ink, weight: 700, {prose(chart.title)}))",
            f"#block(below: 12pt, text(9pt, {prose(chart.subtitle)}))" if chart.subtitle else "",
            typeset.sheet(laid_out(chart, inner)),
            f"#block(above: 10pt, below: 5pt, text(9pt, {prose(below)}))" if below else "",
            f"#block(above: 6pt, text(9pt, {prose(foot)}))",
        )
    )
