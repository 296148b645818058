"""A statistic: a value of several patients with its 95 % interval, or why there is none."""

from dataclasses import dataclass
from typing import Final

TAIL: Final = 0.025
"""Either tail that a 95 % interval leaves out."""

LEAST_PATIENTS: Final = 5
"""A bootstrap over fewer patients gives no interval worth the name."""


@dataclass(frozen=True)
class Statistic:
    """A statistic with its 95 % interval, as far as it can be computed.

    Parameters
    ----------
    value : float or None
        None where it is not defined.
    low, high : float or None
        95 % interval, where there is one.
    remark : str
        Why there is no value or no interval; nothing where both are there.

    Raises
    ------
    ValueError
        Something is missing, and nothing says why.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    remark: str = ""

    def __post_init__(self) -> None:
        if (self.value is None or self.low is None or self.high is None) and not self.remark:
            raise ValueError("a statistic without value or interval must say why")
