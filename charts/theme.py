"""Which colours does Commune Pulse use, what do they mean, and how does every plotly figure look?"""

from types import MappingProxyType
from typing import Any, Literal

Theme = Literal["light", "dark"]
FONT = "Pulse Sans, sans-serif"
TICK_PX = 13  # size of the words along an axis

LIGHT = MappingProxyType(
    {
        "page": "#FFFFFF",
        "panel": "#F3F5F8",
        "ink": "#14212E",
        "soft": "#4D5B69",
        "line": "#75828F",
        "border": "#D3DAE1",
        "grid": "#E6EAEE",
        "band": "#E9EDF1",
        "primary": "#1F3A5F",
        "improvement": "#0A66C2",
        "concern": "#B34700",
        "demonstration": "#6B3FA0",
        "step_1": "#D7E1EE",
        "step_2": "#AFC3DB",
        "step_3": "#7F9CC0",
        "step_4": "#4C6F9C",
        "step_5": "#1F3A5F",
    }
)
DARK = MappingProxyType(
    {
        "page": "#0F1720",
        "panel": "#17212C",
        "ink": "#E9EEF3",
        "soft": "#AAB7C4",
        "line": "#7D8B99",
        "border": "#32404E",
        "grid": "#232F3B",
        "band": "#1C2732",
        "primary": "#9DC1EA",
        "improvement": "#62B5FF",
        "concern": "#FF9D57",
        "demonstration": "#C7A6F5",
        "step_1": "#22344A",
        "step_2": "#34506F",
        "step_3": "#527599",
        "step_4": "#769EC8",
        "step_5": "#9DC1EA",
    }
)
# `improvement` and `concern` belong to verdicts, `demonstration` to invented data; a series without a verdict is `ink` or `primary`.


def colours(theme: Theme) -> MappingProxyType[str, str]:
    """The palette of one theme, by the meaning of each colour."""
    return DARK if theme == "dark" else LIGHT


def css(name: str) -> str:
    """A colour for inline SVG and HTML that follows the reader's theme without another run."""
    return f"light-dark({LIGHT[name]},{DARK[name]})"


def dressed(layout: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """A layout in a quiet frame with readable text; no legend, because series are named where they end.

    Written into the layout, not into a template of plotly's: it takes two templates for different whatever they say, and Streamlit
    hands it every figure twice, so each would be drawn twice.
    """
    c = colours(theme)
    font = {"family": FONT, "size": 13, "color": c["ink"]}
    axis = {"showline": False, "zeroline": False, "ticks": "", "fixedrange": True, "automargin": True}
    axis["tickfont"] = {"size": TICK_PX, "color": c["soft"]}
    upright = {**axis, "showgrid": True, "gridcolor": c["grid"], "gridwidth": 1}
    level = {**axis, "showgrid": False, "ticks": "outside", "ticklen": 5, "tickcolor": c["line"], "showline": True, "linecolor": c["line"]}
    axes = {
        name: {**(level if name.startswith("xaxis") else upright), **own}
        for name, own in layout.items()
        if name.startswith(("xaxis", "yaxis"))
    }
    return {
        "template": "none",
        "font": font,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": c["panel"], "bordercolor": c["border"], "font": font, "align": "left"},
        "uniformtext": {"minsize": 12, "mode": "show"},
        **layout,
        **axes,
        "annotations": [{"showarrow": False, **words} for words in layout["annotations"]],
    }


# No tool bar, no zoom, no drag: a thumb must be able to scroll the page.
CONFIG = {"displayModeBar": False, "showSendToCloud": False, "responsive": True}
