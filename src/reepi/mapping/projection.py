"""Lays a photograph's tissue map on the body: each face asks the photograph what it shows of it.

Areas are counted on the body surface. Every face carries a few sample points of equal area; a sample that the camera
sees takes the tissue of its pixel, and its probabilities. So foreshortening costs nothing, and a face smaller than a
pixel is measured like any other.

Areas are counted from the mask, the most probable tissue of each pixel, and not from the probabilities: what a reader
sees painted on the photograph is what is measured, also after the reader has corrected it. Small probabilities on all
the healthy skin would otherwise add up to skin that is open nowhere. The probabilities tell how sure an area is.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from reepi.body.camera import Camera
from reepi.body.face_image import faces_towards
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.images import Mask, TissueMap
from reepi.core.surface import NO_FACE, Registration, SurfaceMap, as_shares, with_open
from reepi.core.tissue import ASSESSED, UNLABELLED, Tissue
from reepi.mapping.registration import camera_and_body

Floats = npt.NDArray[np.float64]

LEAST_FACING = 0.2
"""Cosine of the steepest angle at which skin is read. Beyond it (78 degrees off the line of sight) a pixel stretches
over five times its width of skin, and a registration error with it: such skin is left to another photograph."""

VARIANCE_DECIMALS = 4
"""Decimals of the variance of a belief: more are noise, which does not compress."""

SAMPLES_PER_SIDE = 3
"""Each face is cut into the square of this many triangles of equal area, with a sample in the middle of each."""


@dataclass(frozen=True)
class SkinSamples:
    """The sample points of a body that a photograph shows: where to look for the tissue of each face.

    Parameters
    ----------
    owner : (N,) int64
        Face of each sample.
    rows, columns : (N,) int64
        Its pixel at working size.
    size : (int, int)
        Height and width at working size [px].
    residual_mm : (F,) float32
        Error of the mapping on each face: the registration's and half a pixel's width, both stretched by the angle of
        view [mm]; 0 where no sample is seen.
    """

    owner: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    size: tuple[int, int]
    residual_mm: npt.NDArray[np.float32]

    @property
    def n_faces(self) -> int:
        """Number of template faces."""
        return len(self.residual_mm)

    @property
    def seen(self) -> npt.NDArray[np.float32]:
        """Share of each face that is seen, (F,)."""
        counts = np.bincount(self.owner, minlength=self.n_faces)
        return (counts / SAMPLES_PER_SIDE**2).astype(np.float32)

    def only(self, kept: npt.NDArray[np.bool_]) -> "SkinSamples":
        """Return some of the samples, kept (N,)."""
        owner = self.owner[kept]
        is_seen = np.bincount(owner, minlength=self.n_faces) > 0
        residual_mm = np.where(is_seen, self.residual_mm, np.float32(0))
        return SkinSamples(owner, self.rows[kept], self.columns[kept], self.size, residual_mm)

    def summed(self, values: Floats) -> Floats:
        """Return the sum over the samples of each face, (F, K), of values of each sample, (N, K)."""
        return np.asarray(self._of_face @ values, np.float64)

    @cached_property
    def _of_face(self) -> csr_array:
        """Which samples are each face's, as ones in (F, N)."""
        ones, places = np.ones(len(self.owner)), np.arange(len(self.owner))
        return csr_array((ones, (self.owner, places)), shape=(self.n_faces, len(self.owner)))

    def places_at(self, size: tuple[int, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return rows and columns of the samples in the same photograph at another size (H, W) [px].

        They are the pixels that hold the middles of those at working size, so that a mask enlarged by nearest neighbour
        gives what it gave before.
        """
        rows = np.floor((np.arange(self.size[0]) + 0.5) * size[0] / self.size[0]).astype(np.int64)
        columns = np.floor((np.arange(self.size[1]) + 0.5) * size[1] / self.size[1]).astype(np.int64)
        return rows[self.rows], columns[self.columns]


def skin_samples(registration: Registration, template: BodyTemplate) -> SkinSamples:
    """Return the samples of a body that a registered photograph shows, but for those of which it is not sure.

    Its camera and pose are used.

    Raises
    ------
    ValueError
        The registration carries no camera.
    """
    camera, posed = camera_and_body(registration, template)
    towards = faces_towards(camera.in_camera_axes(posed), template.faces, camera)
    faces, facing = _readable(camera, posed, template, towards)
    owner, rows, columns = _seen_samples(camera, posed, template.faces, towards, faces)
    if (left_out := registration.left_out) is not None:
        sure = ~left_out[rows, columns]
        owner, rows, columns = owner[sure], rows[sure], columns[sure]
    residual = np.zeros(template.n_faces)
    residual[faces] = _error_mm(camera, posed[template.faces[faces]].mean(axis=1), facing, registration.residual_mm)
    residual[np.bincount(owner, minlength=template.n_faces) == 0] = 0
    return SkinSamples(owner, rows, columns, camera.size, residual.astype(np.float32))


def project_onto_faces(registration: Registration, tissues: TissueMap, template: BodyTemplate) -> SurfaceMap:
    """Return what a registered photograph shows of each face.

    Parameters
    ----------
    registration : Registration
        Of the photograph; its camera and pose are used.
    tissues : TissueMap
        Of the photograph, at the same size.
    template : BodyTemplate
        The patient's body.

    Returns
    -------
    SurfaceMap
        `tissue` and `belief` are means over the samples seen, `variance` is over them too, `seen` is their share.
        `residual_mm` is that of `SkinSamples`.

    Raises
    ------
    ValueError
        The sizes differ, or the registration carries no camera.
    """
    if registration.size != tissues.probabilities.shape[1:]:
        raise ValueError(f"registration {registration.size} and tissue map {tissues.mask.shape} differ in size")
    samples = skin_samples(registration, template)
    probabilities = tissues.probabilities[:, samples.rows, samples.columns].T.astype(np.float64)
    tissue = _mask_shares(samples, tissues.mask[samples.rows, samples.columns])
    belief = as_shares(samples.summed(probabilities)).astype(np.float32)
    variance = _belief_variance(samples, probabilities[:, list(ASSESSED)])
    return SurfaceMap(tissue, samples.seen, samples.residual_mm, belief, variance=variance)


def project_mask(samples: SkinSamples, mask: Mask) -> SurfaceMap:
    """Return what a mask shows of each face: what a reader painted, believed as it stands.

    Parameters
    ----------
    samples : SkinSamples
        Of the photograph.
    mask : (H, W) uint8
        Its tissues at any size. Pixels that nobody labelled say nothing, as if the photograph did not show them:
        other photographs may.
    """
    rows, columns = samples.places_at((mask.shape[0], mask.shape[1]))
    found = mask[rows, columns]
    labelled = found != UNLABELLED
    said = samples.only(labelled)
    return SurfaceMap.of_shares(_mask_shares(said, found[labelled]), said.seen, said.residual_mm)


def _mask_shares(samples: SkinSamples, found: Mask) -> npt.NDArray[np.float32]:
    """Return the mix of tissues of each face, (F, 7), from the tissue of each sample, (N,); 0 where there is none."""
    counts = np.bincount(samples.owner * len(Tissue) + found, minlength=samples.n_faces * len(Tissue))
    return as_shares(counts.reshape(samples.n_faces, len(Tissue))).astype(np.float32)


def _belief_variance(samples: SkinSamples, assessed: Floats) -> npt.NDArray[np.float32]:
    """Return `SurfaceMap.variance` (F, 6) from the probabilities of the assessed tissues of each sample, (N, 5)."""
    total, mix = assessed.sum(axis=1, keepdims=True), with_open(as_shares(assessed))
    weight = np.maximum(samples.summed(total), 1e-12)
    variance = samples.summed(total * mix**2) / weight - (samples.summed(total * mix) / weight) ** 2
    return np.round(np.clip(variance, 0, None), VARIANCE_DECIMALS).astype(np.float32)


def _readable(
    camera: Camera, posed: Floats, template: BodyTemplate, towards: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return those of some faces that are skin, seen steeply enough and partly in the picture, and their facing."""
    inside = _inside(camera.project(posed), camera.size)
    skin = towards[template.skin[towards] & inside[template.faces[towards]].any(axis=1)]
    a, b, c = posed[template.faces[skin]].transpose(1, 0, 2)
    normal, centre = np.cross(b - a, c - a), (a + b + c) / 3
    sight = camera.position - centre
    lengths = np.linalg.norm(normal, axis=1) * np.linalg.norm(sight, axis=1)
    facing = np.einsum("ij,ij->i", normal, sight) / np.maximum(lengths, 1e-18)
    chosen = facing >= LEAST_FACING
    return skin[chosen].astype(np.int64), facing[chosen]


def _inside(pixels: Floats, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return which pixels (N, 2) fall on a picture; that of a point behind the camera is NaN and does not."""
    x, y = pixels.T
    return np.asarray((x >= -0.5) & (x < size[1] - 0.5) & (y >= -0.5) & (y < size[0] - 0.5))


def _seen_samples(
    camera: Camera,
    posed: Floats,
    triangles: npt.NDArray[np.int32],
    towards: npt.NDArray[np.intp],
    faces: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the face, the row and the column of each sample of some faces that the camera sees, all (N,).

    Only the faces ``towards`` the camera can hide a sample.
    """
    weights = _sample_weights(SAMPLES_PER_SIDE)
    points = np.tensordot(posed[triangles[faces]], weights, axes=(1, 1)).transpose(0, 2, 1).reshape(-1, 3)
    owner, pixels = np.repeat(faces, len(weights)), camera.project(points)
    kept = _inside(pixels, camera.size)
    points, owner, pixels = points[kept], owner[kept], pixels[kept]
    first = RayCaster(posed, triangles[towards]).first_faces(camera.position, points - camera.position)
    seen = np.append(towards, NO_FACE)[first] == owner
    columns, rows = np.rint(pixels[seen]).astype(np.int64).T
    return owner[seen], rows, columns


def _sample_weights(sides: int) -> Floats:
    """Return the barycentric weights (sides², 3) of the middles of equal triangles that tile a face."""
    upright = [(i + 1 / 3, j + 1 / 3) for i in range(sides) for j in range(sides - i)]
    turned = [(i + 2 / 3, j + 2 / 3) for i in range(sides - 1) for j in range(sides - 1 - i)]
    uv = np.array(upright + turned) / sides
    return np.column_stack([1 - uv.sum(axis=1), uv])


def _error_mm(camera: Camera, centres: Floats, facing: Floats, residual_mm: float) -> Floats:
    half_pixel_mm = 500 * np.linalg.norm(centres - camera.position, axis=1) / camera.focal_px
    return np.asarray(np.hypot(residual_mm, half_pixel_mm) / facing)
