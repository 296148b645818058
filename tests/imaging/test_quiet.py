"""Warnings are kept back while somebody reads, in whatever order threads come and go."""

import threading
import warnings

import pytest

from reepi.imaging.quiet import without_warnings


def is_told() -> bool:
    with pytest.warns(UserWarning, match="heard") as told:
        warnings.warn("heard", UserWarning, stacklevel=1)
    return len(told) == 1


def test_nothing_is_told_inside_and_everything_afterwards(recwarn: pytest.WarningsRecorder) -> None:
    before = list(warnings.filters)
    with without_warnings():
        warnings.warn("unheard", UserWarning, stacklevel=1)
    assert [str(each.message) for each in recwarn] == []
    assert warnings.filters == before
    assert is_told()


def test_an_error_inside_brings_them_back() -> None:
    with pytest.raises(OSError, match="damaged"), without_warnings():
        raise OSError("damaged")
    assert is_told()


def test_the_first_to_come_may_be_the_first_to_go(recwarn: pytest.WarningsRecorder) -> None:
    """`warnings.catch_warnings` alone would bring them back while the second is still inside, or never."""
    before = list(warnings.filters)
    inside, may_go = threading.Event(), threading.Event()

    def second() -> None:
        with without_warnings():
            inside.set()
            may_go.wait(30)
            warnings.warn("unheard", UserWarning, stacklevel=1)

    thread = threading.Thread(target=second)
    with without_warnings():
        thread.start()
        inside.wait(30)
    assert warnings.filters != before
    may_go.set()
    thread.join()
    assert [str(each.message) for each in recwarn] == []
    assert warnings.filters == before
