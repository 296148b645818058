"""Lays a photograph's tissue map on the body: each face asks the photograph what it shows of it.

Areas are counted on the body surface. Every face carries a few sample points of equal area; a sample that the camera
sees takes the tissue of its pixel, and its probabilities. So foreshortening costs nothing, and a face smaller than a
pixel is measured like any other.

Areas are counted from the mask, the most probable tissue of each pixel, and not from the probabilities: what a reader
sees painted on the photograph is what is measured, also after the reader has corrected it. Small probabilities on all
the healthy skin would otherwise add up to skin that is open nowhere. The probabilities tell how sure an area is.
"""

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.images import TissueMap
from reepi.core.surface import Registration, SurfaceMap, as_shares
from reepi.mapping.registration import camera_and_pose

Floats = npt.NDArray[np.float64]

LEAST_FACING = 0.2
"""Cosine of the steepest angle at which skin is read. Beyond it (78 degrees off the line of sight) a pixel stretches
over five times its width of skin, and a registration error with it: such skin is left to another photograph."""

SAMPLES_PER_SIDE = 3
"""Each face is cut into the square of this many triangles of equal area, with a sample in the middle of each."""


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
        `tissue` and `belief` are means over the samples seen, `seen` is their share. `residual_mm` is the
        registration's error and half a pixel's width, both stretched by the angle of view.

    Raises
    ------
    ValueError
        The sizes differ, or the registration carries no camera.
    """
    camera, pose = camera_and_pose(registration)
    if registration.faces.shape != tissues.probabilities.shape[1:]:
        raise ValueError(f"registration {registration.faces.shape} and tissue map {tissues.mask.shape} differ in size")
    posed = template.posed(rotations(template, pose))
    faces, facing = _faces_towards(camera, posed, template)
    owner, probabilities = _seen_samples(camera, posed, template.faces, faces, tissues)
    counts = np.bincount(owner, minlength=template.n_faces)
    seen = counts > 0
    chosen = probabilities.argmax(axis=0) == np.arange(len(probabilities))[:, None]
    residual = np.zeros(template.n_faces)
    residual[faces] = _error_mm(camera, posed[template.faces[faces]].mean(axis=1), facing, registration.residual_mm)
    return SurfaceMap(
        _shares(owner, chosen, template.n_faces),
        (counts / SAMPLES_PER_SIDE**2).astype(np.float32),
        np.where(seen, residual, 0).astype(np.float32),
        _shares(owner, probabilities, template.n_faces),
    )


def _shares(
    owner: npt.NDArray[np.int64], values: npt.NDArray[np.float32 | np.bool_], n_faces: int
) -> npt.NDArray[np.float32]:
    """Return the mix of tissues of each face, (F, 7), from that of its samples, (7, N); 0 where there is none."""
    sums = np.stack([np.bincount(owner, column, n_faces) for column in values], axis=1)
    return as_shares(sums).astype(np.float32)


def _faces_towards(camera: Camera, posed: Floats, template: BodyTemplate) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the skin faces turned to the camera and at least partly in its picture, and their facing, both (N,)."""
    a, b, c = posed[template.faces].transpose(1, 0, 2)
    normal, centre = np.cross(b - a, c - a), (a + b + c) / 3
    sight = camera.position - centre
    lengths = np.linalg.norm(normal, axis=1) * np.linalg.norm(sight, axis=1)
    facing = np.einsum("ij,ij->i", normal, sight) / np.maximum(lengths, 1e-18)
    inside = _inside(camera, posed)
    chosen = np.flatnonzero(template.skin & (facing >= LEAST_FACING) & inside[template.faces].any(axis=1))
    return chosen, facing[chosen]


def _inside(camera: Camera, points: Floats) -> npt.NDArray[np.bool_]:
    """Return which points (N, 3) fall on the picture; a point behind the camera does not."""
    pixels = camera.project(points)
    height, width = camera.size
    with np.errstate(invalid="ignore"):
        return np.asarray(((pixels >= -0.5) & (pixels < np.array([width, height]) - 0.5)).all(axis=1))


def _seen_samples(
    camera: Camera,
    posed: Floats,
    triangles: npt.NDArray[np.int32],
    faces: npt.NDArray[np.int64],
    tissues: TissueMap,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return the face of each sample that the camera sees, (N,), and its tissue probabilities, (7, N)."""
    weights = _sample_weights(SAMPLES_PER_SIDE)
    points = np.einsum("sc,fcd->fsd", weights, posed[triangles[faces]]).reshape(-1, 3)
    owner = np.repeat(faces, len(weights))
    kept = _inside(camera, points)
    points, owner = points[kept], owner[kept]
    directions = points - camera.position
    origins = np.broadcast_to(camera.position, directions.shape)
    seen = RayCaster(posed, triangles).first_faces(origins, directions) == owner
    columns, rows = np.rint(camera.project(points[seen])).astype(np.int64).T
    return owner[seen], tissues.probabilities[:, rows, columns]


def _sample_weights(sides: int) -> Floats:
    """Return the barycentric weights (sides², 3) of the middles of equal triangles that tile a face."""
    upright = [(i + 1 / 3, j + 1 / 3) for i in range(sides) for j in range(sides - i)]
    turned = [(i + 2 / 3, j + 2 / 3) for i in range(sides - 1) for j in range(sides - 1 - i)]
    uv = np.array(upright + turned) / sides
    return np.column_stack([1 - uv.sum(axis=1), uv])


def _error_mm(camera: Camera, centres: Floats, facing: Floats, residual_mm: float) -> Floats:
    half_pixel_mm = 500 * np.linalg.norm(centres - camera.position, axis=1) / camera.focal_px
    return np.asarray(np.hypot(residual_mm, half_pixel_mm) / facing)
