"""Whose photograph it is, by the names of its folders and file."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from reepi.store.adding.words import parted, words_of

_PATIENT_WORDS: Final = frozenset(
    {
        *("patient", "patients", "patiente", "pat", "pt", "subject", "subj", "sujet", "proband", "probandin"),
        *("paciente", "paziente", "participant", "case", "cas", "fall", "caso", "id"),
    }
)
"""Words before a number that counts patients."""

_SOMEBODY: Final = " somebody "
"""What stands for a patient in a name: a word that tells nothing of view or day."""


@dataclass(frozen=True)
class PatientClue:
    """What names tell of the patient.

    Parameters
    ----------
    patient_id : str, optional
        The patient that is named nearest to the file.
    words : str
        What it rests on.
    doubt : str
        What speaks against it; empty where nothing does.
    unknown : str
        A name that looks like a patient's and is none of the study's.
    """

    patient_id: str | None = None
    words: str = ""
    doubt: str = ""
    unknown: str = ""


@dataclass(frozen=True)
class _Match:
    patient_id: str
    words: str
    exact: bool


def patient_clue(names: Sequence[str], patients: Collection[str]) -> PatientClue:
    """Return the patient whom the names tell.

    An identifier counts as a run of whole words of a name, without regard to case, separators and leading zeros; one
    that is a number or a single letter only as a whole name, or after a word such as "patient". As the whole name of a
    file it may count photographs: it is a guess, and none where a folder tells the patient.

    Parameters
    ----------
    names : sequence of str
        From the outermost folder to the file.
    patients : collection of str
        Identifiers of the study's patients.
    """
    *folders, file = [[*_matches(words_of(name), patients)] for name in names or ("",)]
    of_folders = [match for matches in reversed(folders) for match in matches]
    bare = bool(names) and _is_bare(words_of(names[-1]))
    found = of_folders if bare and of_folders else [*file, *of_folders]
    others = (match for name in reversed(names) for match in _like_patients(words_of(name), patients))
    unknown = next((match.patient_id for match in others), "")
    if not found:
        return PatientClue(unknown=unknown)
    nearest = found[0]
    if unknown:
        return PatientClue(nearest.patient_id, nearest.words, f"{unknown} is named too, and is not in the study")
    named = dict.fromkeys(match.patient_id for match in found)
    if len(named) > 1:
        return PatientClue(nearest.patient_id, nearest.words, f"the names tell {' and '.join(named)}")
    if bare and not of_folders:
        return PatientClue(nearest.patient_id, nearest.words, f"{nearest.words!r} alone may count photographs")
    doubt = "" if any(match.exact for match in found) else f"{nearest.words!r} is not spelt like {nearest.patient_id}"
    return PatientClue(nearest.patient_id, nearest.words, doubt)


def without_patients(name: str, patients: Collection[str]) -> str:
    """Return a name, plain, in which patients are no words any more: of L01 neither side nor day is told.

    Parameters
    ----------
    name : str
        Of a folder or a file.
    patients : collection of str
        Identifiers of the study's patients; others that are like them go too.
    """
    text, words = parted(name), words_of(name)
    for match in (*_matches(words, patients), *_like_patients(words, patients)):
        if re.search(r"[^\W\d_]", match.words):
            text = _whole_words(match.words.split()).sub(_SOMEBODY, text)
    return text


def _whole_words(run: list[str]) -> re.Pattern[str]:
    """Return what finds a run of words in a plain name, but not in longer words or numbers."""
    before, after = (r"\d" if word.isdecimal() else r"[^\W\d_]" for word in (run[0], run[-1]))
    words = r"[\W_]*".join(map(re.escape, run))
    return re.compile(rf"(?<!{before}){words}(?!{after})")


def _matches(words: list[str], patients: Collection[str]) -> Iterator[_Match]:
    """Yield the patients that a name tells; of two at the same place the longer identifier."""
    spelt = {patient_id: words_of(patient_id) for patient_id in patients}
    taken: set[int] = set()
    for patient_id, parts in sorted(spelt.items(), key=lambda item: -len(item[1])):
        for at in range(len(words) - len(parts) + 1):
            place = set(range(at, at + len(parts)))
            run = words[at : at + len(parts)]
            if taken & place or not _same(run, parts) or not _stands_out(words, at, parts):
                continue
            taken |= place
            alike = [each for each, other in spelt.items() if _same(run, other)]
            if len(alike) == 1 or run == parts:
                yield _Match(patient_id, " ".join(run), True)
    yield from _numbered(words, spelt, taken)


def _same(run: list[str], parts: list[str]) -> bool:
    """Say whether words are alike, numbers by their value."""
    return len(run) == len(parts) and all(
        one == other or (one.isdecimal() and other.isdecimal() and int(one) == int(other))
        for one, other in zip(run, parts, strict=True)
    )


def _stands_out(words: list[str], at: int, parts: list[str]) -> bool:
    """Say whether an identifier that could be anything stands alone or after a word that means a patient."""
    if not _is_bare(parts):
        return True
    return len(words) == len(parts) or (at > 0 and words[at - 1] in _PATIENT_WORDS)


def _is_bare(words: list[str]) -> bool:
    """Say whether words are nothing but numbers, or a single letter."""
    return all(word.isdecimal() for word in words) or sum(map(len, words)) == 1


def _numbered(words: list[str], spelt: dict[str, list[str]], taken: set[int]) -> Iterator[_Match]:
    """Yield patients whose identifier ends in the number that follows a word such as "patient"."""
    for at, (word, number) in enumerate(pairwise(words)):
        if word in _PATIENT_WORDS and number.isdecimal() and not taken & {at, at + 1}:
            alike = [each for each, parts in spelt.items() if parts[-1].isdecimal() and int(parts[-1]) == int(number)]
            if len(alike) == 1:
                yield _Match(alike[0], f"{word} {number}", False)


def _like_patients(words: list[str], patients: Collection[str]) -> Iterator[_Match]:
    """Yield what has the letters of the study's identifiers with a number that none of them has."""
    spelt = {patient_id: words_of(patient_id) for patient_id in patients}
    for patient_id, parts in spelt.items():
        if len(parts) < 2 or not parts[-1].isdecimal():
            continue
        for at in range(len(words) - len(parts) + 1):
            run = words[at : at + len(parts)]
            alike = run[:-1] == parts[:-1] and run[-1].isdecimal() and len(run[-1]) <= len(parts[-1])
            if alike and not any(_same(run, other) for other in spelt.values()):
                name = "".join(run).upper() if patient_id.isupper() else "".join(run)
                yield _Match(name, " ".join(run), False)
    ends = {int(parts[-1]) for parts in spelt.values() if parts[-1].isdecimal()}
    for word, number in pairwise(words):
        if word in _PATIENT_WORDS and number.isdecimal() and int(number) not in ends:
            yield _Match(f"{word} {number}", f"{word} {number}", False)
