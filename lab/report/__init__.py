"""Turn one saved result into report.html and report.md. Nothing is computed here beyond rounding and layout."""

from lab.report.read import read_answers, read_result
from lab.report.write import write_report

__all__ = ["read_answers", "read_result", "write_report"]
