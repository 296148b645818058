"""A reader's correspondences as values: pixels of a photograph and the points of the body that they show."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from reepi.core.reading import checked_reader

WHOLE_WEIGHT = 1e-6
"""Weights of a face's corners add up to one within this."""


@dataclass(frozen=True)
class ReaderPoint:
    """A place in a photograph, and the point of the body template that a reader says it shows.

    The place is a share of the upright photograph's sides, so it means the same at every working size; the face means
    the same on the template of every patient.

    Parameters
    ----------
    x, y : float
        Place as a share of width and height, from the left and the upper *edge* of the upright photograph, 0 to 1.
    face : int
        Template face.
    barycentric : (float, float, float)
        Place within the face, as weights of its corners; they add up to 1.

    Raises
    ------
    ValueError
        The place is outside the photograph, the face is none, or the weights are.
    """

    x: float
    y: float
    face: int
    barycentric: tuple[float, float, float]

    def __post_init__(self) -> None:
        if not (0 <= self.x <= 1 and 0 <= self.y <= 1):
            raise ValueError(f"({self.x:g}, {self.y:g}) lies outside the photograph; use shares of its sides, 0 to 1")
        if self.face < 0:
            raise ValueError(f"{self.face} is no face of the body template")
        weights = self.barycentric
        if len(weights) != 3 or not all(weight >= 0 for weight in weights) or abs(sum(weights) - 1) > WHOLE_WEIGHT:
            raise ValueError(f"{weights} are no weights of three corners; they are at least 0 and add up to 1")

    @classmethod
    def at_pixel(
        cls, pixel: tuple[float, float], size: tuple[int, int], face: int, barycentric: Iterable[float]
    ) -> "ReaderPoint":
        """Return the point of a pixel (x, y) of a photograph of a size (H, W) [px]."""
        first, second, third = (float(weight) for weight in barycentric)
        x, y = (pixel[0] + 0.5) / size[1], (pixel[1] + 0.5) / size[0]
        return cls(float(x), float(y), int(face), (first, second, third))

    def pixel(self, size: tuple[int, int]) -> tuple[float, float]:
        """Return its pixel (x, y) in the photograph at a size (H, W) [px]; (0, 0) is the top left pixel's centre."""
        return self.x * size[1] - 0.5, self.y * size[0] - 0.5


@dataclass(frozen=True)
class NewPoints:
    """What a reader is about to save: all points of one photograph.

    Parameters
    ----------
    photograph : str
        File as in ``photos.csv``.
    reader : str
        Who placed them.
    points : tuple of ReaderPoint
        The points; none takes back those that the reader placed before.
    photograph_sha256 : str
        Hash of the photograph as the reader saw it; empty takes the file as it is.
    reason : str
        Why; a change after signing needs one.
    event_id : str
        Identifier of this saving, so that it can be sent twice; empty makes a new one.

    Raises
    ------
    ValueError
        The reader has no proper name.
    """

    photograph: str
    reader: str
    points: tuple[ReaderPoint, ...]
    photograph_sha256: str = ""
    reason: str = ""
    event_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", checked_reader(self.reader))


@dataclass(frozen=True)
class SavedPoints:
    """The points of one photograph as a reader saved them. They are never changed: who thinks again saves others.

    Parameters
    ----------
    number : int
        Place in the trail.
    photograph : str
        File as in ``photos.csv``.
    photograph_sha256 : str
        Hash of its bytes when the points were placed.
    reader : str
        Who placed them.
    points : tuple of ReaderPoint
        The points, none if the reader took them back.
    points_sha256 : str
        Hash of the points as text.
    saved_at : datetime
        When, UTC.
    reason : str
        Why, or nothing.
    sha256 : str
        Hash of its event, which covers all of the above.
    """

    number: int
    photograph: str
    photograph_sha256: str
    reader: str
    points: tuple[ReaderPoint, ...]
    points_sha256: str
    saved_at: datetime
    reason: str = ""
    sha256: str = ""


def points_to_plain(points: Iterable[ReaderPoint]) -> list[dict[str, Any]]:
    """Return points as plain values, for JSON."""
    return [{"x": p.x, "y": p.y, "face": p.face, "barycentric": list(p.barycentric)} for p in points]


def plain_to_points(plain: Iterable[Mapping[str, Any]]) -> tuple[ReaderPoint, ...]:
    """Return the points of `points_to_plain` (`ValueError` if the values are none)."""
    try:
        return tuple(_point(each) for each in plain)
    except (KeyError, TypeError) as error:
        raise ValueError(f"these are no points ({error})") from error


def points_to_text(points: Iterable[ReaderPoint]) -> str:
    """Return points as JSON; the same points give the same text, and every number comes back as it was."""
    return json.dumps(points_to_plain(points), separators=(",", ":"))


def points_hash(points: Iterable[ReaderPoint]) -> str:
    """Return the SHA-256 of points as text, in hexadecimal."""
    return hashlib.sha256(points_to_text(points).encode()).hexdigest()


def text_to_points(text: str) -> tuple[ReaderPoint, ...]:
    """Return the points of `points_to_text` (`ValueError` if the text holds none)."""
    return plain_to_points(json.loads(text))


def _point(plain: Mapping[str, Any]) -> ReaderPoint:
    first, second, third = (float(weight) for weight in plain["barycentric"])
    return ReaderPoint(float(plain["x"]), float(plain["y"]), int(plain["face"]), (first, second, third))


def moved_points(
    points: Sequence[ReaderPoint], places: npt.NDArray[np.float64], size: tuple[int, int]
) -> list[ReaderPoint]:
    """Return a reader's points after some were moved or removed on a photograph of a size (H, W) [px].

    Parameters
    ----------
    points : sequence of ReaderPoint
        As they were.
    places : (N, 2) float64
        Row and column of those that are left, in the same order [px].
    size : (int, int)
        Height and width of the photograph [px].
    """
    if len(places) < len(points):
        # What is left did not move, so each is where it was.
        before = np.array([point.pixel(size)[::-1] for point in points])
        left = [int(np.linalg.norm(before - place, axis=1).argmin()) for place in places]
        return [points[number] for number in sorted(set(left))]
    limits = np.array(size) - 0.5
    inside = np.clip(places, -0.5, limits)
    return [
        ReaderPoint.at_pixel((float(column), float(row)), size, point.face, point.barycentric)
        for point, (row, column) in zip(points, inside, strict=True)
    ]
