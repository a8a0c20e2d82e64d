"""Requirements that a finished run must meet: `lab gate`, for continuous integration.

language.py   what a requirement consists of
parser.py     its words -> what is measured, how it is compared, with what
read.py       requirements of the command line and of files
values.py     what is measured -> its value in a result, with the reason where there is none
check.py      requirements and a result -> what holds, what does not, and by how much
show.py       the outcome as a table, as sentences, as JSON
"""

from lab.gate.check import Outcome, Verdict, check
from lab.gate.language import Names, Requirement
from lab.gate.parser import parse
from lab.gate.read import read_requirements

__all__ = ["Names", "Outcome", "Requirement", "Verdict", "check", "parse", "read_requirements"]
