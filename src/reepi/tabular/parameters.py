"""Short codes of endpoints: eight characters for CDISC's PARAMCD, the same for the same name in every study."""

import hashlib
import re
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
}
"""Codes of the endpoints that every trial has; all others get one of their own letters and a hash."""

_LENGTH: Final = 8
_HASHED: Final = 3


def parameter_code(name: str) -> str:
    """Return the code of an endpoint: a known one, or its first letters and three of a hash of its whole name.

    The code follows from the name alone, so a name has the same code in every study and version.
    """
    if name in CODES:
        return CODES[name]
    letters = re.sub(r"[^A-Z0-9]", "", name.upper())
    digest = hashlib.sha256(name.encode()).hexdigest().upper()
    start = letters[: _LENGTH - _HASHED] if letters[:1].isalpha() else "P" + letters[: _LENGTH - _HASHED - 1]
    return start + digest[:_HASHED]


def parameter_codes(names: Iterable[str]) -> dict[str, str]:
    """Return the codes of endpoints, each once, in the order in which they come.

    Raises
    ------
    ValueError
        Two endpoints have the same code; names both.
    """
    codes = {name: parameter_code(name) for name in names}
    owners: dict[str, str] = {}
    for name, code in codes.items():
        if owners.setdefault(code, name) != name:
            raise ValueError(f"the endpoints {owners[code]} and {name} have the same code {code}; rename one")
    return codes
