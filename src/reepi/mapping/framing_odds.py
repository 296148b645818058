"""How likely a photograph is framed well, too far, too near or cut off, by the signs of its framing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.mapping.framing_signs import SIGNS, FramingSigns

Floats = npt.NDArray[np.float64]

GOOD: Final = "good"
"""Name of what is framed as it should be, beside the codes of findings."""

WEIGHTS_FILE: Final = "framing_odds.json"
"""The shipped weights, beside this file, as ``python benchmarks/framing.py --fit FILE`` writes them: from 412 rendered
photographs of all views, each also too far, too near and cut off, and 143 of them with a cloth over the face. No other
benchmark shares them."""

LEAST_GOOD: Final = 0.4
"""Probability of a good framing from which a photograph counts as well framed."""

LEAST_TOLD: Final = 0.15
"""Probability from which a fault of the framing is told: several may be, where each explains what is seen."""


@dataclass(frozen=True)
class FramingOdds:
    """A multinomial logistic model of the framing.

    The logarithm of a framing's odds is a sum over the signs, each with a slope of its own in every part of the body,
    and with a bend that all parts share: both too little and too much of a sign may tell of a fault. A sign beyond all
    that the model learnt from counts as the last one that it knew.

    Parameters
    ----------
    framings : tuple of str
        K names: `GOOD` and the codes of findings.
    parts : tuple of str
        P parts of the body, as views have them.
    least, most : (S,) float64
        Range of each of `SIGNS`.
    constants : (K, P) float64
        Of each framing in each part.
    slopes : (K, P, S) float64
        Of each sign.
    bends : (K, S) float64
        Of its square.
    """

    framings: tuple[str, ...]
    parts: tuple[str, ...]
    least: Floats
    most: Floats
    constants: Floats
    slopes: Floats
    bends: Floats

    def likely(self, signs: FramingSigns) -> dict[str, float]:
        """Return the probability of each framing, which sum to 1."""
        seen = np.clip([getattr(signs, sign) for sign in SIGNS], self.least, self.most)
        part = self.parts.index(signs.part)
        odds = self.constants[:, part] + self.slopes[:, part] @ seen + self.bends @ seen**2
        shares = np.exp(odds - odds.max())
        return dict(zip(self.framings, map(float, shares / shares.sum()), strict=True))

    def text(self) -> str:
        """Return the model as JSON, six digits of each number."""
        ranges = {
            sign: _short(both) for sign, both in zip(SIGNS, np.stack([self.least, self.most], axis=1), strict=True)
        }
        weights = {
            framing: {
                "constants": dict(zip(self.parts, _short(constants), strict=True)),
                "slopes": {
                    part: dict(zip(SIGNS, _short(each), strict=True))
                    for part, each in zip(self.parts, slopes, strict=True)
                },
                "bends": dict(zip(SIGNS, _short(bends), strict=True)),
            }
            for framing, constants, slopes, bends in zip(
                self.framings, self.constants, self.slopes, self.bends, strict=True
            )
        }
        return json.dumps({"ranges": ranges, "weights": weights}, indent=1) + "\n"

    @classmethod
    def of_text(cls, text: str) -> "FramingOdds":
        """Return the model of a text that `text` wrote.

        Raises
        ------
        ValueError
            It weighs other signs than there are.
        """
        content = json.loads(text)
        weights = content["weights"]
        framings, parts = tuple(weights), tuple(next(iter(weights.values()))["constants"])
        if set(content["ranges"]) != set(SIGNS):
            raise ValueError(f"the weights are of other signs than {', '.join(SIGNS)}; fit them anew")
        ranges = np.array([content["ranges"][sign] for sign in SIGNS])
        return cls(
            framings,
            parts,
            ranges[:, 0],
            ranges[:, 1],
            np.array([_picked(weights[framing]["constants"], parts) for framing in framings]),
            np.array([[_picked(weights[framing]["slopes"][part], SIGNS) for part in parts] for framing in framings]),
            np.array([_picked(weights[framing]["bends"], SIGNS) for framing in framings]),
        )


@cache
def shipped_odds() -> FramingOdds:
    """Return the shipped model."""
    return FramingOdds.of_text((files("reepi.mapping") / WEIGHTS_FILE).read_text(encoding="utf-8"))


def framing_faults(signs: FramingSigns) -> tuple[str, ...]:
    """Return the codes of what is likely wrong with a framing, the likeliest first; nothing where it is likely good."""
    return told_faults(shipped_odds().likely(signs))


def told_faults(likely: Mapping[str, float]) -> tuple[str, ...]:
    """Return the faults that are told of a framing whose probabilities are known; see `framing_faults`."""
    if likely[GOOD] >= LEAST_GOOD:
        return ()
    faults = sorted((name for name in likely if name != GOOD), key=lambda name: -likely[name])
    return tuple(name for name in faults if name == faults[0] or likely[name] >= LEAST_TOLD)


def _picked(numbers: Mapping[str, float], names: Sequence[str]) -> list[float]:
    return [float(numbers[name]) for name in names]


def _short(numbers: Floats) -> list[float]:
    return [float(f"{number:.6g}") for number in numbers.tolist()]
