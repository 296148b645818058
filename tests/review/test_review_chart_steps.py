"""A step on the body chart says only what it painted, and comes back as it was kept."""

import numpy as np

from reepi.core.tissue import UNLABELLED, Tissue
from reepi.review.chart_steps import painted_bytes, painted_faces, with_painted


def test_a_step_changes_its_own_faces_alone() -> None:
    """Laid over another chart, and that chart itself stays as it was."""
    painted = np.full(6, UNLABELLED, np.uint8)
    painted[[1, 4]] = Tissue.DETACHABLE, Tissue.COVERED
    kept = painted_bytes(np.array([1, 4]), painted)
    faces, tissues = painted_faces(kept)
    assert (faces.tolist(), tissues.tolist()) == ([1, 4], [Tissue.DETACHABLE, Tissue.COVERED])
    other = np.full(6, Tissue.COVERED, np.uint8)
    assert with_painted(other, kept).tolist() == [6, Tissue.DETACHABLE, 6, 6, Tissue.COVERED, 6]
    assert (other == Tissue.COVERED).all()
