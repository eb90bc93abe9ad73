"""Result -> one plain description of a chart -> a renderer: `plotly_figure` for the screen, another for paper later."""

from charts.actions import action_status, cycle_steps, followed
from charts.aligned import aligned
from charts.control import control
from charts.event_study import event_study
from charts.funnel import funnel
from charts.growth import growth
from charts.lanes import lanes
from charts.progress import progress
from charts.rows import beside, dumbbells, levels, rows, waiting
from charts.sides import higher, sides
from charts.steps import steps
from charts.timeline import timeline
from charts.trend import FULLY_REPORTED_PCT, headline, trend

__all__ = [
    "FULLY_REPORTED_PCT", "action_status", "aligned", "beside", "control", "cycle_steps", "dumbbells", "event_study", "followed",
    "funnel", "growth", "headline", "higher", "lanes", "levels", "progress", "rows", "sides", "steps", "timeline", "trend", "waiting",
]  # fmt: skip
