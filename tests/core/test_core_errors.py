"""Names in a message: so many as can be read, and the number of the others."""

import pytest

from reepi.core.errors import first_of


@pytest.mark.parametrize(
    ("names", "told"),
    [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c"], "a, b and 1 more")],
)
def test_the_first_names_and_the_number_of_the_others(names: list[str], told: str) -> None:
    """Nothing is said of others where there are none."""
    assert first_of(names, 2) == told
