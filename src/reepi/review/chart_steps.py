"""Steps on the body chart as they are kept: only the faces painted, since several photographs share a visit's chart."""

import json

import numpy as np
import numpy.typing as npt

from reepi.core.chart_reading import FaceTissues


def painted_bytes(faces: npt.NDArray[np.intp], tissue: FaceTissues) -> bytes:
    """Return the tissues (F,) of some faces as bytes."""
    return json.dumps([faces.tolist(), tissue[faces].tolist()], separators=(",", ":")).encode()


def painted_faces(content: bytes) -> tuple[npt.NDArray[np.intp], FaceTissues]:
    """Return the faces that a step tells, (n,), and their tissues, (n,)."""
    faces, tissues = json.loads(content)
    return np.asarray(faces, np.intp), np.asarray(tissues, np.uint8)


def with_painted(chart: FaceTissues, content: bytes) -> FaceTissues:
    """Return a chart (F,) with the faces painted that a step tells."""
    faces, tissues = painted_faces(content)
    painted = chart.copy()
    painted[faces] = tissues
    return painted
