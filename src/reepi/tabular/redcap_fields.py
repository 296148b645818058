"""Fields of a REDCap project, and its data dictionary in the columns that REDCap reads."""

import re
from dataclasses import dataclass
from typing import Final, Literal

FieldType = Literal["text", "notes", "radio", "yesno"]
Validation = Literal["", "number", "integer", "date_ymd"]

MAX_NAME: Final = 26
"""Characters of a field's name that REDCap recommends at the most, so that other programs can read them."""

RECORD_ID: Final = "record_id"
REPEAT_COLUMNS: Final = ("redcap_repeat_instrument", "redcap_repeat_instance")

DICTIONARY_COLUMNS: Final = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
"""The eighteen columns of REDCap's data dictionary, in its order."""


@dataclass(frozen=True)
class Field:
    """A field of an instrument.

    Parameters
    ----------
    name : str
        Small letters, digits and _, beginning with a letter.
    form : str
        Its instrument.
    label : str
        In words.
    type : FieldType
        How REDCap shows it.
    validation : Validation
        What a text field may hold.
    choices : tuple of (str, str)
        Code and label of each choice of a radio field.
    low, high : str
        Least and largest value.
    note : str
        Unit or remark below the field.
    identifier : bool
        Whether it tells who the patient is.
    annotation : str
        Where it comes from.

    Raises
    ------
    ValueError
        REDCap would refuse the field.
    """

    name: str
    form: str
    label: str
    type: FieldType = "text"
    validation: Validation = ""
    choices: tuple[tuple[str, str], ...] = ()
    low: str = ""
    high: str = ""
    note: str = ""
    identifier: bool = False
    annotation: str = ""

    def __post_init__(self) -> None:
        for name in (self.name, self.form):
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > MAX_NAME or "__" in name:
                raise ValueError(f"REDCap takes no field or form of the name {name!r}")
        if (self.type == "radio") != bool(self.choices):
            raise ValueError(f"{self.name}: choices belong to radio fields, and to all of them")
        if any("|" in text for choice in self.choices for text in choice):
            raise ValueError(f"{self.name}: a choice holds a |, which parts choices")

    @property
    def row(self) -> tuple[str, ...]:
        """Its line of the data dictionary, in the order of `DICTIONARY_COLUMNS`."""
        choices = " | ".join(f"{code}, {label}" for code, label in self.choices)
        return (
            self.name,
            self.form,
            "",
            self.type,
            self.label,
            choices,
            self.note,
            self.validation,
            self.low,
            self.high,
            "y" if self.identifier else "",
            *("",) * 6,
            self.annotation,
        )


def number(name: str, form: str, label: str, unit: str = "", source: str = "", low: str = "", high: str = "") -> Field:
    """Return a field that holds a number."""
    return Field(name, form, label, validation="number", note=unit, low=low, high=high, annotation=source)


def percent(name: str, form: str, label: str, unit: str = "% BSA", source: str = "") -> Field:
    """Return a field that holds a part of the body surface, or another percentage."""
    return number(name, form, label, unit, source, "0", "100")


def integer(name: str, form: str, label: str, unit: str = "", source: str = "") -> Field:
    """Return a field that holds a whole number."""
    return Field(name, form, label, validation="integer", note=unit, annotation=source)


def day(name: str, form: str, label: str, source: str = "") -> Field:
    """Return a field that holds a date."""
    return Field(name, form, label, validation="date_ymd", annotation=source)


def yes_no(name: str, form: str, label: str, source: str = "") -> Field:
    """Return a field that holds yes or no."""
    return Field(name, form, label, "yesno", annotation=source)


def choice(name: str, form: str, label: str, terms: tuple[tuple[str, str], ...], source: str = "") -> Field:
    """Return a field that holds one of some terms, coded 1, 2, ... or by the codes given."""
    return Field(name, form, label, "radio", choices=terms, annotation=source)
