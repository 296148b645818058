"""Short codes of endpoints: eight characters for CDISC's PARAMCD, the same for the same name in every study."""

import hashlib
import re
import string
from collections.abc import Iterable
from typing import Final

CODES: Final = {
    "open_bsa": "OPENBSA",
    "max_open_bsa": "MAXOPEN",
    "severity_class": "SEVCLASS",
    "eligible": "ELIGIBLE",
    "reepithelialisation_rate": "REEPI",
    "reepithelialisation_rate_followed": "REEPIFOL",
    "reepithelialisation_rate_labelled": "REEPILAB",
    "reepithelialisation_rate_closed": "REEPICLO",
    "reepithelialisation_rate_as_known": "REEPIKNO",
    "responder": "RESP",
    "responder_rate": "RESPRATE",
    "time_to_50": "TT50",
    "time_to_90": "TT90",
    "time_to_100": "TT100",
    "new_detachment_bsa": "NEWDET",
    "healed_bsa": "HEALED",
    "relapse_bsa": "RELAPSE",
    "healing_front_mm_per_day": "FRONT",
    "scorten": "SCORTEN",
    "scorten_mortality": "SCOMORT",
    "scorten_mortality_table": "SCOMORTT",
    "scorten_mortality_logistic": "SCOMORTL",
    "hospital_stay_days": "STAY",
    "onset_to_admission_days": "ONSETADM",
    "infusion_delay_days": "INFDELAY",
    "mucosa_mouth_healing_days": "MUCMOUTH",
    "mucosa_nose_healing_days": "MUCNOSE",
    "mucosa_eyes_healing_days": "MUCEYES",
    "mucosa_genitals_healing_days": "MUCGENIT",
    "sepsis": "SEPSIS",
    "intensive_care": "ICU",
    "sequelae": "SEQUELAE",
    "adverse_event": "AEANY",
    "adverse_events": "AECOUNT",
    "death": "DEATH",
    "deaths_observed": "DTHOBS",
    "deaths_expected": "DTHEXP",
    "deaths_ratio": "DTHRATIO",
    "chimerism_percent": "CHIMER",
    "planned_visit": "PLANVIS",
    "reepithelialisation_rate_planned": "REEPIPLA",
    "responder_rate_missing_no": "RESPRMNO",
    "responder_rate_missing_yes": "RESPRMYE",
    "adverse_event_missing_no": "AEANYMNO",
    "adverse_event_missing_yes": "AEANYMYE",
    "sepsis_missing_no": "SEPSMNO",
    "sepsis_missing_yes": "SEPSMYE",
    "intensive_care_missing_no": "ICUMNO",
    "intensive_care_missing_yes": "ICUMYE",
    "sequelae_missing_no": "SEQUMNO",
    "sequelae_missing_yes": "SEQUMYE",
    "death_missing_no": "DEATHMNO",
    "death_missing_yes": "DEATHMYE",
    "scorten_age": "SCOAGE",
    "scorten_malignancy": "SCOMALIG",
    "scorten_heart_rate": "SCOHR",
    "scorten_initial_open_bsa": "SCOBSA",
    "scorten_urea": "SCOUREA",
    "scorten_glucose": "SCOGLUC",
    "scorten_bicarbonate": "SCOBICAR",
    "abcd10": "ABCD10",
    "abcd10_mortality": "ABCDMORT",
}
"""Codes of the endpoints that every trial has; all others get one of their own letters and a hash."""

_LETTERS: Final = 3
_DIGITS: Final = 5
"""Letters of the name and digits of its hash. Of 60 million hashes, a thousand names of the same letters hardly ever
share one (chance below 1 %)."""

_ALPHABET: Final = string.digits + string.ascii_uppercase


def parameter_code(name: str, attempt: int = 0) -> str:
    """Return the code of an endpoint: a known one, or its first letters and a hash of its whole name.

    Parameters
    ----------
    name : str
        Name of the endpoint.
    attempt : int
        Another code for each number, where the first is taken; a known endpoint has its known code at 0 alone.
    """
    if name in CODES and attempt == 0:
        return CODES[name]
    letters = re.sub(r"[^A-Z0-9]", "", name.upper())
    start = letters[:_LETTERS] if letters[:1].isalpha() else "P" + letters[: _LETTERS - 1]
    digest = hashlib.sha256((f"{name} {attempt}" if attempt else name).encode()).digest()
    return start + _in_digits(int.from_bytes(digest))


def _in_digits(number: int) -> str:
    """Return the last digits of a number to the base 36."""
    digits = []
    for _ in range(_DIGITS):
        number, last = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[last])
    return "".join(digits)


def parameter_codes(names: Iterable[str]) -> dict[str, str]:
    """Return the codes of endpoints, each name and each code once, in the order in which the names come.

    A name has the same code in every study, but where another endpoint of the study has it: of two such, the one that
    is known, else the first by the alphabet, keeps it. So codes do not depend on the order of rows.
    """
    wanted = list(dict.fromkeys(names))
    codes: dict[str, str] = {}
    taken: set[str] = set(CODES.values())
    for name in sorted(wanted):
        if name in CODES:
            codes[name] = CODES[name]
            continue
        attempt = 0
        while (code := parameter_code(name, attempt)) in taken:
            attempt += 1
        codes[name] = code
        taken.add(code)
    return {name: codes[name] for name in wanted}
