"""``[capture]`` of study.toml: every limit of the protocol is a key, and a key that is wrong is told with its line."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from reepi.core.capture import CaptureProtocol
from reepi.core.errors import InputError
from reepi.store.settings import _CAPTURE
from reepi.store.study import read_study

Write = Callable[..., Path]

SETTINGS = '[study]\nname = "Two patients"\nday_zero = "infusion"\n'


def test_every_limit_is_a_key() -> None:
    """Nothing that decides over a photograph is hidden from the protocol, and no key is without its meaning."""
    assert set(_CAPTURE) == {field.name for field in fields(CaptureProtocol)}


def test_the_defaults_are_allowed_values() -> None:
    """Writing a default down changes nothing."""
    for key, check in _CAPTURE.items():
        default = getattr(CaptureProtocol(), key)
        assert check(list(default) if isinstance(default, tuple) else default) is None, key


def test_limits_and_refusals_are_read(study_folder: Write) -> None:
    """A study sets its own."""
    text = "\n[capture]\nblur_px = 2.5\nrefuse = ['blurred', 'repeated']\nface = 'covered'\nvisit_window_days = 0\n"
    capture = read_study(study_folder(settings=SETTINGS + text)).capture
    assert (capture.blur_px, capture.refuse, capture.face) == (2.5, ("blurred", "repeated"), "covered")
    assert capture.visit_window_days == 0
    assert capture.glare_percent == CaptureProtocol().glare_percent


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("refuse = ['blured']", "Did you mean"),
        ("refuse = 'blurred'", "refuse cannot be"),
        ("blur_px = 0", "Give a number from 0.5 to 20"),
        ("glare_percent = '3'", "Give a number from 0 to 100"),
        ("glare_percents = 3", "Did you mean glare_percent?"),
        ("least_side_px = 0", "whole number"),
        ("visit_window_days = -1", "whole number of days"),
        ("least_fill_percent = 130", "least_fill_percent lies above most_fill_percent"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(study_folder: Write, line: str, told: str) -> None:
    """A misspelt limit must not fall back to its default."""
    text = SETTINGS + "\n[capture]\n" + line + "\n"
    with pytest.raises(InputError) as error:
        read_study(study_folder(settings=text))
    (fault,) = error.value.faults
    assert told in str(fault)
    assert fault.line == len(text.splitlines())
