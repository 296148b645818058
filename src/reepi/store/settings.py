"""``study.toml``: what a study decided before looking."""

import difflib
import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

from reepi.core.capture import CaptureProtocol
from reepi.core.errors import Fault
from reepi.core.findings import REMEDIES
from reepi.core.reading import checked_reader
from reepi.core.study import Protocol, ReadingProtocol
from reepi.core.views import VIEW_NAMES
from reepi.store.cells import suggestion

SETTINGS_FILE: Final = "study.toml"

DayZero = Literal["infusion", "index", "admission"]

MAX_SETTINGS_BYTES: Final = 1024 * 1024
"""A larger file holds no settings."""


@dataclass(frozen=True)
class Settings:
    """What ``study.toml`` says; see `reepi.core.study.Study`."""

    name: str
    day_zero: DayZero
    visit_days: tuple[int, ...]
    protocol: Protocol
    reading: ReadingProtocol = field(default_factory=ReadingProtocol)
    capture: CaptureProtocol = field(default_factory=CaptureProtocol)


def _word(*allowed: str) -> Callable[[object], str | None]:
    def problem(value: object) -> str | None:
        if isinstance(value, str) and value in allowed:
            return None
        return suggestion(str(value), allowed).strip()

    return problem


def _number(low: float, high: float) -> Callable[[object], str | None]:
    def problem(value: object) -> str | None:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return None
        return f"Give a number from {low:g} to {high:g}, without quotes."

    return problem


def _reached(value: object) -> str | None:
    """Return what is wrong with a percentage that healing reaches: of 1 and less, a share of 1 was meant."""
    problem = _number(0, 100)(value)
    if problem is None and isinstance(value, int | float) and value <= 1:
        return "It is a percentage: write 90 for nine tenths."
    return problem


def _whole_number(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return None
    return "Give a whole number of days, without quotes."


def _days(value: object) -> str | None:
    if isinstance(value, list) and all(isinstance(day, int) and not isinstance(day, bool) for day in value):
        return None
    return "Give a list of whole days, such as [0, 3, 7]."


def _yes_or_no(value: object) -> str | None:
    return None if isinstance(value, bool) else "Write true or false, without quotes."


def _count(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return None
    return "Give a whole number of at least 1, without quotes."


def _readers(value: object) -> str | None:
    try:
        if isinstance(value, list) and len({checked_reader(name) for name in value}) == len(value):
            return None
    except (ValueError, TypeError, AttributeError):
        pass
    return 'Give a list of names, each once, such as ["Ada", "Ben"].'


def _views(value: object) -> str | None:
    if (
        isinstance(value, list)
        and len(set(map(str, value))) == len(value)
        and all(name in VIEW_NAMES for name in value)
    ):
        return None
    return f"Give a list of views, each once, such as ['trunk_anterior']; there are {', '.join(VIEW_NAMES)}."


def _name(value: object) -> str | None:
    return None if isinstance(value, str) and value.strip() else "Give the study's name in quotes."


def _codes(value: object) -> str | None:
    # A list in the list cannot be looked up.
    unknown = [code for code in map(str, value) if code not in REMEDIES] if isinstance(value, list) else [value]
    return suggestion(str(unknown[0]), REMEDIES).strip() if unknown else None


_STUDY: Final = {"name": _name, "day_zero": _word(*get_args(DayZero)), "visit_days": _days}

_PROTOCOL: Final = {
    "body_surface": _word("patient", "lund-browder"),
    "denominator": _word("peak", "ever"),
    "numerator": _word("followed", "labelled", "closed"),
    "almost_complete_percent": _reached,
    "complete_percent": _reached,
    "eligibility_percent": _number(0, 100),
    "eligibility_days": _whole_number,
    "unassessed": _word("as_region", "as_unaffected"),
    "window_days": _whole_number,
    "missing_responder": _word("left_out", "non_responder"),
    "severity_rule": _word("bastuji-garin", "pnds"),
    "scorten_boundaries": _word("above", "reached"),
    "scorten_mortality": _word("table", "logistic"),
    "death_days": _whole_number,
    "adverse_event_days": _whole_number,
    "infusion_within_days": _whole_number,
    "abcd10": _yes_or_no,
}
"""What each key must hold: a check returns None, or how to mend it."""

_READING: Final = {
    "blind_to_day": _yes_or_no,
    "blind_to_patient": _yes_or_no,
    "readers": _count,
    "repeats_percent": _number(0, 100),
    "adjudicators": _readers,
    "differ_percent": _number(0, 100),
}

_CAPTURE: Final = {
    "card": _word("none", "optional", "required"),
    "views": _views,
    "standardise": _word("never", "card", "always"),
    "face": _word("allowed", "covered"),
    "refuse": _codes,
    "blur_px": _number(0.5, 20),
    "least_lightness": _number(0, 100),
    "clipped_percent": _number(0, 100),
    "glare_percent": _number(0, 100),
    "cast_stops": _number(0, 5),
    "least_side_px": _count,
    "least_skin_percent": _number(0, 100),
    "least_inside_percent": _number(0, 100),
    "aside_percent": _number(0, 100),
    "least_fill_percent": _number(0, 500),
    "most_fill_percent": _number(0, 500),
    "bare_face_percent": _number(0, 100),
    "scale_percent": _number(0, 100),
    "visit_window_days": _whole_number,
    "chart": _yes_or_no,
    "mask_eyes": _yes_or_no,
}

_FILL_DEFAULTS: Final = {key: getattr(CaptureProtocol, key) for key in ("least_fill_percent", "most_fill_percent")}

_SECTIONS: Final = {"study": _STUDY, "protocol": _PROTOCOL, "reading": _READING, "capture": _CAPTURE}

ALIKE: Final = 0.8
"""Likeness from which a word is a known one misspelt, whatever else is given."""

PERHAPS_ALIKE: Final = 0.6
"""Likeness from which a word is taken for a known one that is not given."""

LEAST_START: Final = 3
"""Letters of a word that is taken for the start of a known one."""


def read_settings(path: Path) -> tuple[Settings | None, list[Fault]]:
    """Read ``study.toml``.

    A key that is not known is left out, for later versions, unless it looks like a known one misspelt: a threshold
    must not fall back to its default because of a typing error, nor because it stands in a wrong section. What is
    left out is told by `unknown_settings`.

    Returns
    -------
    tuple
        The settings, or None where there are faults; and the faults.
    """
    try:
        if path.stat().st_size > MAX_SETTINGS_BYTES:
            return None, [Fault(path.name, "it is too large for settings", "Keep only settings in it.")]
        text = path.read_bytes().decode("utf-8-sig")
        document = tomllib.loads(text)
    except FileNotFoundError:
        return None, [Fault(path.name, "the file is missing", "Add it, with [study] and its name and day_zero.")]
    except UnicodeDecodeError:
        return None, [Fault(path.name, "it is not in UTF-8", "Save it as UTF-8 text.")]
    except tomllib.TOMLDecodeError as error:
        return None, [Fault(path.name, f"it is no TOML: {error}", "Mend that line.", _line_of(error))]
    except OSError as error:
        return None, [Fault(path.name, f"it cannot be read ({error.strerror})", "Check the file and its rights.")]
    return _settings(path.name, text, document)


def _settings(file: str, text: str, document: dict[str, object]) -> tuple[Settings | None, list[Fault]]:
    sections = {name: document.get(name, {}) for name in _SECTIONS}
    tables: dict[str, dict[str, Any]] = {name: each for name, each in sections.items() if isinstance(each, dict)}
    if "study" not in document:
        return None, [Fault(file, "the section [study] is missing", "Add it, with name and day_zero.")]
    if wrong := [name for name in _SECTIONS if name not in tables]:
        return None, [
            Fault(file, f"{name} is no section", f"Write [{name}], and its keys below it.", _line(text, "", name))
            for name in wrong
        ]
    faults = [fault for name, table in tables.items() for fault in _section_faults(file, text, name, table)]
    faults += _misspelt_sections(file, document) + _before_sections(file, text, document)
    study, protocol = tables["study"], tables["protocol"]
    faults += [
        Fault(file, f"{key} is missing in [study]", "Add it.") for key in ("name", "day_zero") if key not in study
    ]
    if not faults and protocol.get("almost_complete_percent", 0) > protocol.get("complete_percent", 100):
        problem = "almost_complete_percent lies above complete_percent"
        faults.append(Fault(file, problem, "Correct one.", _line(text, "protocol", "almost_complete_percent")))
    least, most = (tables["capture"].get(key, default) for key, default in _FILL_DEFAULTS.items())
    if not faults and least > most:
        problem = "least_fill_percent lies above most_fill_percent"
        faults.append(Fault(file, problem, "Correct one.", _line(text, "capture", "least_fill_percent")))
    if faults:
        return None, faults
    return Settings(
        study["name"].strip(),
        study["day_zero"],
        tuple(study.get("visit_days", ())),
        Protocol(**_known("protocol", protocol)),
        ReadingProtocol(**_known("reading", tables["reading"])),
        CaptureProtocol(**_known("capture", tables["capture"])),
    ), []


def _known(section: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the keys that there are, lists as tuples."""
    known = {key: value for key, value in values.items() if key in _SECTIONS[section]}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in known.items()}


def unknown_settings(path: Path) -> list[str]:
    """Return the sections and keys of a ``study.toml`` that are not known and so are left out.

    A section is named as ``[section]``, a key of a known section with that section.
    """
    document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    names = []
    for name, values in document.items():
        if name not in _SECTIONS:
            names.append(f"[{name}]" if isinstance(values, dict) else name)
        elif isinstance(values, dict):
            names += [f"{key} in [{name}]" for key in values if key not in _SECTIONS[name]]
    return names


def _misspelt_sections(file: str, document: dict[str, object]) -> list[Fault]:
    """Tell sections that look like a known one: blinding must not be off because of a typing error."""
    near = {name: _meant(name, _SECTIONS, document) for name in document if name not in _SECTIONS}
    return [Fault(file, f"[{name}] is not known", f"Did you mean [{like}]?") for name, like in near.items() if like]


def _before_sections(file: str, text: str, document: dict[str, object]) -> list[Fault]:
    """Tell keys of a section that stand above all of them."""
    homes = {name: _home(name) for name, value in document.items() if not isinstance(value, dict)}
    return [
        Fault(file, f"{name} stands outside of all sections", f"It belongs in [{home}].", _line(text, "", name))
        for name, home in homes.items()
        if home is not None
    ]


def _home(key: str) -> str | None:
    """Return the section that knows a key, or None."""
    return next((section for section, checks in _SECTIONS.items() if key in checks), None)


def _meant(word: str, known: Collection[str], given: Collection[str]) -> str | None:
    """Return the known name that a word stands for, or None.

    What is given as well was not misspelt, so a word must be very much like it to be taken for it.
    """
    missing = [name for name in known if name not in given]
    begun = [name for name in missing if len(word) >= LEAST_START and name.startswith(word)]
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=ALIKE)
    return next(iter(near or begun or difflib.get_close_matches(word, missing, n=1, cutoff=PERHAPS_ALIKE)), None)


def _section_faults(
    file: str,
    text: str,
    section: str,
    values: dict[str, Any],
) -> list[Fault]:
    checks: dict[str, Callable[[object], str | None]] = _SECTIONS[section]
    faults = []
    for key, value in values.items():
        if key in checks:
            remedy = checks[key](value)
            if remedy:
                faults.append(Fault(file, f"{key} cannot be {value!r}", remedy, _line(text, section, key)))
        elif home := _home(key):
            problem = f"{key} is no key of [{section}]"
            faults.append(Fault(file, problem, f"It belongs in [{home}].", _line(text, section, key)))
        elif meant := _meant(key, checks, values):
            faults.append(Fault(file, f"{key} is not known", f"Did you mean {meant}?", _line(text, section, key)))
    return faults


def _line(text: str, section: str, key: str) -> int | None:
    """Return the line of a key, counted from 1: the first after its section's head, or above all where it has none."""
    inside = not section
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = bool(re.match(rf"\s*\[\s*{section}\s*\]", line))
        if inside and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return None


def _line_of(error: tomllib.TOMLDecodeError) -> int | None:
    found = re.search(r"at line (\d+)", str(error))
    return int(found.group(1)) if found else None
