"""The folder of an export: what may lie there, and the words beside the tables."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from reepi.core.errors import Fault, InputError
from reepi.tabular.analysis import DATA_SETS
from reepi.tabular.redcap_forms import REPEATING

Form = Literal["csv", "redcap"]

MANIFEST: Final = "manifest.json"

_NOTICE: Final = "Research software, not a medical device. Numbers are estimates from photographs.\n"

_CSV_WORDS: Final = """\
Analysis data sets of a study scored with reepi.

adsl     one row a patient
adbsa    one row a patient, visit, region and tissue: areas [% BSA]
adchg    one row a patient, visit, region and kind of change of the followed skin
adeff    one row a patient, endpoint and day, with definition
adcoh    one row an endpoint of the cohort
adclin   one row a clinical observation
adphoto  one row a photograph

Each is there as CSV (UTF-8) and, where pyarrow is installed, as Parquet, whose fields carry label, unit and source.
A data set without rows is not written. variables.csv describes every variable, codelists.csv every word and PARAMCD.

Names follow CDISC ADaM where it has one for the same thing (STUDYID, USUBJID, PARAMCD, PARAM, AVAL, AVALC, ADT, ADY,
AVISIT, AVISITN). They are not validated against it, and there is no define.xml. ADAY counts day zero as 0, as the
trial does; ADY counts it as 1, as CDISC does. CILO and CIHI are the ends of an interval of the level CILEV: as a rule
90 % for patients, 95 % for the cohort. Where CILEV is empty they are bounds of another kind, such as the visits between
which skin healed; DEFN says which. AVALU is the unit of AVAL, CILO and CIHI. In CSV, a cell that a spreadsheet would
take for a formula begins with an apostrophe; in Parquet it does not.

manifest.json names the results that this was made of and every file here, each with its SHA-256.
"""

_REDCAP_WORDS: Final = f"""\
A study scored with reepi, for REDCap.

1. Make a project from redcap_data_dictionary.csv (Project Setup, Data Dictionary, Upload).
2. Enable the repeating instruments {", ".join(REPEATING)}
   (Project Setup, Repeating instruments).
3. Import redcap_import.csv (Data Import Tool; dates as Y-M-D; records named by their record_id).

Instances are numbered in the order of the results. After the study was scored again, delete the records before you
import them again: numbers may have moved, and what is no longer there would stay.

The dictionary is the same for every study. Endpoints are instances of the instrument endpoint, so that none is lost;
those that people look for stand in the instrument outcome too. The cohort's endpoints are no records: export to csv
for them.
"""


_WORDS: Final[dict[Form, str]] = {"csv": _CSV_WORDS, "redcap": _REDCAP_WORDS}


README: Final = "README.txt"

READMES: Final[dict[Form, str]] = {form: f"{_NOTICE}\n{words}" for form, words in _WORDS.items()}

OWN: Final[dict[Form, frozenset[str]]] = {
    "csv": frozenset(
        {README, MANIFEST, "variables.csv", "codelists.csv"}
        | {f"{name}.{ending}" for name in DATA_SETS for ending in ("csv", "parquet")}
    ),
    "redcap": frozenset({README, MANIFEST, "redcap_data_dictionary.csv", "redcap_import.csv"}),
}
"""Files that an export may write."""


def check_way(out: Path, form: Form, taken: Iterable[Path]) -> None:
    """Check that an export overwrites nothing but an earlier export of its own form."""
    if out.exists() and not out.is_dir():
        raise InputError([Fault(str(out), "it is a file", "Name a folder to write to.")])
    if out.resolve() in {path.resolve() for path in taken}:
        raise InputError([Fault(str(out), "it is the folder of the study or of its results", _ELSEWHERE)])
    there = sorted(name for name in OWN[form] if (out / name).exists())
    if there and not _is_ours(out / README, form):
        problem = f"{', '.join(there)} there would be overwritten, and no export to {form} has written it"
        raise InputError([Fault(str(out), problem, _ELSEWHERE)])


_ELSEWHERE: Final = "Name another folder with --out."


def _is_ours(readme: Path, form: Form) -> bool:
    """Return whether a file is what an export writes first, of this version or another."""
    try:
        return readme.read_text(encoding="utf-8").startswith(f"{_NOTICE}\n{_WORDS[form].splitlines()[0]}")
    except (OSError, ValueError):
        return False
