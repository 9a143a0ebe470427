"""Charts as SVG, made on the server once for screen and paper.

Each chart is a frozen value that holds what it shows (title, text alternative, numbers)
and draws itself with `svg(medium)`: classes and design tokens on screen, presentation
attributes in grey on paper, from the same drawing. It knows no framework, no database and
no measure: what a number means is said by whoever builds the chart. Unknown is a gap,
never a zero.
"""

from app.base.charts.axis import Unit
from app.base.charts.bars import Bar, BarChart
from app.base.charts.columns import ColumnChart
from app.base.charts.histogram import DayHistogram, Mark
from app.base.charts.layers import Box, LayerChart
from app.base.charts.line import LineChart
from app.base.charts.risk_grid import GridCell, RiskGrid
from app.base.charts.score_trend import ScorePoint, ScoreTrend
from app.base.charts.small import IntervalStrip, Meter, Sparkline
from app.base.charts.staircase import Staircase, Step
from app.base.charts.svg import Medium, Svg
from app.base.charts.waterfall import Waterfall
from app.base.charts.world_map import EUROPE, WORLD, MapCountry, MapDot, View, WorldMap

__all__ = [
    "EUROPE",
    "WORLD",
    "Bar",
    "BarChart",
    "Box",
    "ColumnChart",
    "DayHistogram",
    "GridCell",
    "IntervalStrip",
    "LayerChart",
    "LineChart",
    "MapCountry",
    "MapDot",
    "Mark",
    "Medium",
    "Meter",
    "RiskGrid",
    "ScorePoint",
    "ScoreTrend",
    "Sparkline",
    "Staircase",
    "Step",
    "Svg",
    "Unit",
    "View",
    "Waterfall",
    "WorldMap",
]
