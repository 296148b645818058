"""How one body differs from another of the same sex, age, height and weight: girths, lengths, and sizes of parts.

A patient's template knows height and weight and takes everything else as ordinary. A rendered patient has a physique of
his own, which the tool does not know; laying a photograph, it seeks the measures that the photograph tells, with
`SPREADS` as what is known of them before. The shapes are those of the body model (anny, from MakeHuman's measures).
"""

import warnings
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.cache import cache_folder, kept_or_made
from reepi.core.arrays import opened_arrays

Floats = npt.NDArray[np.float64]

LAYOUT: Final = 1
"""Raised when what is kept of the shapes changes."""

SHAPES: Final = {
    "neck": ("measure-neck-circ-incr",),
    "shoulders": ("measure-shoulder-dist-incr",),
    "chest": ("measure-bust-circ-incr",),
    "underbust": ("measure-underbust-circ-incr",),
    "waist": ("measure-waist-circ-incr",),
    "hips": ("measure-hips-circ-incr",),
    "upper_arm": ("measure-upperarm-circ-incr",),
    "wrist": ("measure-wrist-circ-incr",),
    "thigh": ("measure-thigh-circ-incr",),
    "knee": ("measure-knee-circ-incr",),
    "calf": ("measure-calf-circ-incr",),
    "ankle": ("measure-ankle-circ-incr",),
    "upper_arm_length": ("measure-upperarm-length-incr",),
    "forearm_length": ("measure-lowerarm-length-incr",),
    "thigh_length": ("measure-upperleg-height-incr",),
    "lower_leg_length": ("measure-lowerleg-height-incr",),
    "trunk_length": ("measure-napetowaist-dist-incr",),
    "waist_to_hip": ("measure-waisttohip-dist-incr",),
    "neck_length": ("measure-neck-height-incr",),
    "hands": ("l-hand-scale-incr", "r-hand-scale-incr"),
    "feet": ("l-foot-scale-incr", "r-foot-scale-incr"),
    "head_width": ("head-scale-horiz-incr",),
    "head_depth": ("head-scale-depth-incr",),
}
"""Shapes of the body model that each measure is; both sides alike."""


SPREADS: Final = {
    "neck": 0.25,
    "shoulders": 0.35,
    "chest": 0.15,
    "underbust": 0.25,
    "waist": 0.4,
    "hips": 0.18,
    "upper_arm": 0.17,
    "wrist": 0.15,
    "thigh": 0.23,
    "knee": 0.13,
    "calf": 0.14,
    "ankle": 0.13,
    "upper_arm_length": 0.18,
    "forearm_length": 0.18,
    "thigh_length": 0.15,
    "lower_leg_length": 0.17,
    "trunk_length": 0.2,
    "waist_to_hip": 0.16,
    "neck_length": 0.2,
    "hands": 0.13,
    "feet": 0.15,
    "head_width": 0.25,
    "head_depth": 0.25,
}
"""Standard deviation of each measure of a physique, on the body model's scale. Of one height and weight, girths
differ by 2 to 7 % and limb bones by 1 cm (``python benchmarks/body.py``). That is about half of the spread among all
adults (of soldiers: Gordon et al., 2012 Anthropometric Survey of U.S. Army Personnel, NATICK/TR-15/007); how much of it
height and weight tell is an estimate."""


@dataclass(frozen=True)
class Physique:
    """What of a body is not ordinary.

    Parameters
    ----------
    measures : tuple of float
        How far each of `SHAPES` is from the ordinary, on the body model's scale from -1 to 1.
    """

    measures: tuple[float, ...] = (0.0,) * len(SHAPES)

    def __post_init__(self) -> None:
        if len(self.measures) != len(SHAPES) or not np.isfinite(self.measures).all():
            raise ValueError(f"a physique has {len(SHAPES)} measures, not {self.measures}")


ORDINARY: Final = Physique()
"""Nothing differs: what is taken for granted of every patient."""


@dataclass(frozen=True)
class Differences:
    """By how much points of the body move as each measure goes to 1 and to -1.

    Parameters
    ----------
    surface : (2, K, V, 3) float32
        Of its vertices [m].
    joints : (2, K, J, 3) float32
        Of the centres of its joints [m].
    """

    surface: npt.NDArray[np.float32]
    joints: npt.NDArray[np.float32]

    def of(self, physique: Physique) -> tuple[Floats, Floats]:
        """Return how vertices (V, 3) and joints (J, 3) of a physique lie beside those of an ordinary body [m]."""
        values = np.array(physique.measures)
        shares = np.stack([np.maximum(values, 0), np.maximum(-values, 0)]).astype(np.float64)
        return np.tensordot(shares, self.surface, 2), np.tensordot(shares, self.joints, 2)


@cache
def differences() -> Differences:
    """Return the differences of all measures, from the cache or else from anny, which takes some seconds."""
    path = cache_folder("bodies") / f"anny-{version('anny')}-physique-{LAYOUT}.npz"
    return kept_or_made(path, _read, from_anny, lambda found: dict(vars(found)))


def from_anny() -> Differences:
    """Ask anny for the differences."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import anny
        import torch

        labels = [label for shapes in SHAPES.values() for label in shapes]
        model = anny.Anny(skinning_method="lbs", extrapolate_phenotypes=True, local_changes=labels)

    def body(change: dict[str, float]) -> tuple[Floats, Floats]:
        with torch.no_grad():
            shares = model.get_phenotype_blendshape_coefficients(local_changes=change)
            joints = model.get_rest_model(shares)["rest_bone_heads"]
            return model.get_rest_vertices(shares).numpy()[0], joints.numpy()[0]

    surface, joints = body({})
    moved = [[body(dict.fromkeys(shapes, sign)) for shapes in SHAPES.values()] for sign in (1.0, -1.0)]
    return Differences(
        np.array([[each[0] - surface for each in sign] for sign in moved], np.float32),
        np.array([[each[1] - joints for each in sign] for sign in moved], np.float32),
    )


def _read(path: Path) -> Differences:
    with opened_arrays(path) as kept:
        return Differences(**{name: kept[name] for name in Differences.__dataclass_fields__})
