"""Times that tests of several estimators share: published ones, drawn ones, and what hypothesis may draw."""

from math import inf

import numpy as np
from hypothesis import strategies as st

from reepi.scoring.time_to_event import Followed, Outcome

REMISSION = (
    *[Followed("reached", day) for day in (6, 6, 6, 7, 10, 13, 16, 22, 23)],
    *[Followed("unknown", day) for day in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)],
)
"""Weeks of remission under 6-mercaptopurine, 21 patients: Freireich et al., Blood 1963;21:699-716."""

OUTCOMES: tuple[Outcome, ...] = ("unknown", "reached", "died")


def drawn(n: int, seed: int, *, tied: bool) -> tuple[list[Followed], np.ndarray, np.ndarray]:
    """Return drawn times, and the same as arrays of days and of outcomes (0 unknown, 1 reached, 2 died)."""
    rng = np.random.default_rng(seed)
    days = rng.integers(1, 20, n).astype(float) if tied else rng.permutation(np.arange(1.0, n + 1))
    outcomes = rng.choice(3, n, p=[0.25, 0.5, 0.25])
    return [Followed(OUTCOMES[k], day) for day, k in zip(days, outcomes, strict=True)], days, outcomes


def _followed(outcome: Outcome, day: int, before: int) -> Followed:
    after = float(day - before) if outcome == "reached" and before else -inf
    return Followed(outcome, float(day), after, float(day + before) if outcome == "unknown" else -inf)


PATIENTS = st.lists(
    st.builds(_followed, st.sampled_from(OUTCOMES), st.integers(0, 30), st.integers(0, 6)), min_size=1, max_size=16
)
"""Patients with whole days, some of them tied."""
