"""From the signs of a framing to what is likely wrong with it."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing_examples import FAR, WELL_FRAMED
from reepi.core.views import VIEWS
from reepi.mapping.framing_odds import GOOD, LEAST_GOOD, FramingOdds, framing_faults, shipped_odds, told_faults
from reepi.mapping.framing_signs import SIGNS, FramingSigns

FAULTS = {"too_far", "too_near", "view_incomplete"}
PARTS = sorted({view.part for view in VIEWS.values()})

any_signs = st.builds(
    FramingSigns, **{field.name: st.floats(-5, 5) for field in fields(FramingSigns)} | {"part": st.sampled_from(PARTS)}
)


@given(any_signs)
def test_probabilities_sum_to_one_and_faults_follow_from_them(some: FramingSigns) -> None:
    """Either a framing is good, or at least its likeliest fault is told."""
    likely = shipped_odds().likely(some)
    assert set(likely) == {GOOD, *FAULTS}
    assert sum(likely.values()) == pytest.approx(1)
    faults = framing_faults(some)
    assert (likely[GOOD] >= LEAST_GOOD) == (faults == ())
    assert set(faults) <= FAULTS
    assert list(faults) == sorted(faults, key=lambda name: -likely[name])


def test_the_likeliest_fault_is_told_and_another_that_explains_it_too() -> None:
    """One that hardly explains what is seen is not."""
    assert told_faults({GOOD: 0.5, "too_far": 0.5, "too_near": 0, "view_incomplete": 0}) == ()
    assert told_faults({GOOD: 0.3, "too_far": 0.1, "too_near": 0.4, "view_incomplete": 0.2}) == (
        "too_near",
        "view_incomplete",
    )


def test_the_shipped_weights_know_every_part_and_sign() -> None:
    """Each part of the body that a view frames, and an example of both."""
    odds = shipped_odds()
    assert set(odds.parts) == set(PARTS)
    assert odds.slopes.shape == (len(odds.framings), len(PARTS), len(SIGNS))
    assert framing_faults(WELL_FRAMED) == ()
    assert framing_faults(FAR)[0] == "too_far"


def test_a_model_survives_its_text() -> None:
    """To six digits, whatever the order of the signs in the file."""
    odds = shipped_odds()
    again = FramingOdds.of_text(odds.text())
    assert (again.framings, again.parts) == (odds.framings, odds.parts)
    for name in ("least", "most", "constants", "slopes", "bends"):
        np.testing.assert_allclose(getattr(again, name), getattr(odds, name), rtol=1e-5)
    content = json.loads(odds.text())
    content["ranges"] = dict(reversed(content["ranges"].items()))
    assert FramingOdds.of_text(json.dumps(content)).likely(FAR) == pytest.approx(odds.likely(FAR))


def test_weights_of_other_signs_are_refused() -> None:
    """Who changes the signs has to fit anew."""
    content = json.loads(shipped_odds().text())
    content["ranges"].pop("fill")
    with pytest.raises(ValueError, match="fit them anew"):
        FramingOdds.of_text(json.dumps(content))


def test_signs_beyond_all_that_was_learnt_from_count_as_the_last_known() -> None:
    """A bend would else turn back on the way."""
    odds = shipped_odds()
    beyond = replace(FAR, fill=float(odds.least[SIGNS.index("fill")]) - 3)
    at_end = replace(FAR, fill=float(odds.least[SIGNS.index("fill")]))
    assert odds.likely(beyond) == odds.likely(at_end)
