"""The report's charts: one file a chart, each a function of the result that is None where there is nothing to draw.

axis        scales, ticks and grids        styles     the colour, mark and dash of each method
placement   labels that cover nothing      sketch     widths, and the chart drawn at two of them

quality  forest  plane  volume  break_even  heat  training  retrieval  calibration  causes  seeds  sensitivity
"""

from lab.report.charts.break_even import break_even_chart
from lab.report.charts.calibration import reliability_chart, risk_coverage_chart
from lab.report.charts.causes import causes_chart
from lab.report.charts.forest import forest_chart
from lab.report.charts.heat import slices_chart
from lab.report.charts.plane import plane_chart
from lab.report.charts.quality import quality_chart
from lab.report.charts.retrieval import recall_chart
from lab.report.charts.seeds import seeds_chart
from lab.report.charts.sensitivity import tornado_chart
from lab.report.charts.training import training_charts
from lab.report.charts.volume import volume_chart

__all__ = [
    "break_even_chart",
    "causes_chart",
    "forest_chart",
    "plane_chart",
    "quality_chart",
    "recall_chart",
    "reliability_chart",
    "risk_coverage_chart",
    "seeds_chart",
    "slices_chart",
    "tornado_chart",
    "training_charts",
    "volume_chart",
]
