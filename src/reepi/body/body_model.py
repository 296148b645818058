"""The body model as plain arrays: bodies where all scales of the phenotype stand on anchors, and what bodies share.

anny sums shapes, each weighted by a product of hat functions, one for every scale of the phenotype. Such a sum is
linear along each scale between two anchors, and goes on so beyond the last: it is known everywhere once it is known
where all scales stand on anchors. Those bodies are asked of anny once and kept in the user's cache, since reading torch
and anny costs a hundred times more than a patient's body. anny is built on MakeHuman's base mesh; only its own freely
licensed topology is used.
"""

import warnings
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reepi.body.cache import cache_folder, kept_or_made
from reepi.core.arrays import opened_arrays

Floats = npt.NDArray[np.float64]

SCALES: Final = ("male", "age", "muscle", "weight", "height")
"""Scales of the phenotype, in the order of the arrays' axes; everything else stays in the middle."""

PARTS: Final = ("body", "head", "hand.L", "hand.R", "foot.L", "foot.R")
"""Parts whose faces the body model names."""

LAYOUT: Final = 1
"""Raised when what is kept of the body model changes."""


@dataclass(frozen=True)
class Topology:
    """What all bodies share.

    Parameters
    ----------
    faces : (F, 3) int32
        Triangles, counter-clockwise from outside.
    joint_names : tuple of str
        Names of the J joints.
    joint_parents : (J,) int32
        Index of each joint's parent, -1 for the root.
    skin_joints : (V, K) int32
        Joints that move each vertex.
    skin_weights : (V, K) float64
        By how much; rows sum to 1.
    skin : (F,) bool
        Faces that are skin; the others are eyes and the inside of the mouth.
    """

    faces: npt.NDArray[np.int32]
    joint_names: tuple[str, ...]
    joint_parents: npt.NDArray[np.int32]
    skin_joints: npt.NDArray[np.int32]
    skin_weights: Floats
    skin: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """Points of bodies at all combinations of anchors, and so of all bodies.

    Parameters
    ----------
    anchors : tuple of (n,) float64
        Anchors of each scale that is still open, rising.
    points : (n, ..., N, 3) float64
        Points [m], an axis for each open scale before those of the points.
    """

    anchors: tuple[Floats, ...]
    points: Floats

    def at(self, *values: float) -> "Grid":
        """Return the grid with its first scales set to values; beyond the anchors it goes on as between the last."""
        points = self.points
        for anchors, value in zip(self.anchors, values, strict=False):
            before = int(np.clip(np.searchsorted(anchors, value) - 1, 0, len(anchors) - 2))
            share = (value - anchors[before]) / (anchors[before + 1] - anchors[before])
            points = np.asarray((1 - share) * points[before] + share * points[before + 1], np.float64)
        return Grid(self.anchors[len(values) :], points)


@dataclass(frozen=True)
class BodyModel:
    """All bodies of the model in their neutral pose.

    Parameters
    ----------
    surface : Grid
        Their V vertices: x to the left, y to the back, z up [m].
    joints : Grid
        Centres of their J joints [m].
    topology : Topology
        What they share.
    """

    surface: Grid
    joints: Grid
    topology: Topology


@cache
def body_model() -> BodyModel:
    """Return the body model, from the cache or else from anny, which takes some seconds."""
    path = cache_folder("bodies") / f"anny-{version('anny')}-{LAYOUT}.npz"
    return kept_or_made(path, _read, from_anny, _arrays)


def from_anny() -> BodyModel:
    """Ask anny for the bodies at its anchors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import anny
        import torch
        from anny.face_segmentation import get_face_segmentation_mask

        model = anny.Anny(skinning_method="lbs", extrapolate_phenotypes=True)
    # anny counts from man to woman, between the same two anchors.
    anchors = [model.anchors["gender" if scale == "male" else scale].numpy().astype(np.float64) for scale in SCALES]
    phenotypes = torch.tensor(list(product(*anchors)), dtype=torch.float64)
    told = {scale: phenotypes[:, place] for place, scale in enumerate(SCALES)}
    told["gender"] = 1 - told.pop("male")
    with torch.no_grad():
        shares = model.get_phenotype_blendshape_coefficients(**told)
        surface = model.get_rest_vertices(shares).numpy()
        joints = model.get_rest_model(shares)["rest_bone_heads"].numpy()
    axes = tuple(len(each) for each in anchors)
    faces = np.logical_or.reduce([get_face_segmentation_mask(model, [part]).numpy() for part in PARTS])
    return BodyModel(
        Grid(tuple(anchors), surface.reshape(*axes, *surface.shape[1:])),
        Grid(tuple(anchors), joints.reshape(*axes, *joints.shape[1:])),
        Topology(
            model.faces.numpy().astype(np.int32),
            tuple(model.bone_labels),
            np.array(model.bone_parents, np.int32),
            model.vertex_bone_indices.numpy().astype(np.int32),
            model.vertex_bone_weights.numpy().astype(np.float64),
            faces,
        ),
    )


def _arrays(model: BodyModel) -> dict[str, Any]:
    anchors = {f"anchors_{scale}": each for scale, each in zip(SCALES, model.surface.anchors, strict=True)}
    points = {"surface": model.surface.points, "joints": model.joints.points}
    return {**vars(model.topology), **anchors, **points}


def _read(path: Path) -> BodyModel:
    with opened_arrays(path) as kept:
        anchors = tuple(kept[f"anchors_{scale}"] for scale in SCALES)
        shared = {name: kept[name] for name in Topology.__dataclass_fields__}
        shared["joint_names"] = tuple(map(str, shared["joint_names"]))
        return BodyModel(Grid(anchors, kept["surface"]), Grid(anchors, kept["joints"]), Topology(**shared))
