"""How fast the edge of open skin moves, against fronts whose speed geometry gives."""

from datetime import date, timedelta

import numpy as np
import pytest
from flat_body import FACES, flat_skin, on_day, painted, part_of_region

from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.exchange import Faces
from reepi.scoring.healing_front import (
    MIN_OPEN_MM2,
    Front,
    Outline,
    Wounds,
    front_of,
    healing_fronts,
    outline,
    wounds_between,
)
from reepi.scoring.skin import Skin
from reepi.scoring.visits import Visit

OPEN, COVERED = Tissue.DETACHED, Tissue.COVERED
START = date(2024, 2, 26)


def front(
    skin: Skin, before: SurfaceMap, after: SurfaceMap, days: int = 5, spreads: tuple[float, float] = (0, 0)
) -> Front:
    visits = [Visit(START, before), Visit(START + timedelta(days), after)]
    (found,) = healing_fronts(visits, (0, 1), spreads, skin)
    return found


def rows_open(count: int, start: int = 0, **options: float) -> SurfaceMap:
    """So many rows of the flat body open, each 10 mm high and 100 mm wide."""
    return painted((OPEN, slice(start * FACES, (start + count) * FACES)), **options)  # type: ignore[arg-type]


def speed(found: Front) -> float:
    assert found.speed is not None, found.reason
    return found.speed.value


@pytest.mark.parametrize(("rows_left", "days", "expected"), [(8, 5, 4.0), (8, 2, 10.0), (9, 1, 10.0), (5, 10, 5.0)])
def test_a_straight_edge_moves_by_what_it_moved(skin: Skin, rows_left: int, days: int, expected: float) -> None:
    """Ten rows of 10 mm are open from the border of the body on; the edge moves back row by row."""
    assert speed(front(skin, rows_open(10), rows_open(rows_left), days)) == pytest.approx(expected)


def test_a_strip_that_closes_from_both_sides_has_two_edges(skin: Skin) -> None:
    """Ten rows become six: 20 mm at each of two edges in five days."""
    assert speed(front(skin, rows_open(10, 10), rows_open(6, 12))) == pytest.approx(4)


def test_the_speed_does_not_depend_on_the_size_of_the_wound(skin: Skin) -> None:
    """A percentage would: 20 of 100 mm and 20 of 300 mm."""
    assert speed(front(skin, rows_open(10), rows_open(8))) == pytest.approx(
        speed(front(skin, rows_open(30), rows_open(28)))
    )


def sheet(size: int, mm: float = 1.0) -> tuple[Skin, np.ndarray]:
    """A square sheet of skin of small triangles, and the centres of its faces [mm]."""
    corner = np.arange((size + 1) ** 2).reshape(size + 1, size + 1)
    y, x = np.divmod(corner.ravel(), size + 1)
    vertices = np.column_stack([x, y, np.zeros_like(x)]) * mm / 1000
    one = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:]], axis=-1)
    two = np.stack([corner[:-1, :-1], corner[1:, 1:], corner[1:, :-1]], axis=-1)
    faces = np.stack([one, two], axis=2).reshape(-1, 3)
    skin = Skin.from_mesh(vertices, faces, np.zeros(len(faces), int), np.full(len(faces), 100 / len(faces)))
    return skin, skin.centres_mm[:, :2]


@pytest.fixture(scope="module")
def fine() -> tuple[Skin, np.ndarray]:
    return sheet(120)


def map_of(is_open: Faces) -> SurfaceMap:
    tissue = np.zeros((len(is_open), len(Tissue)), np.float32)
    tissue[:, Tissue.INTACT], tissue[:, OPEN] = ~is_open, is_open
    return SurfaceMap.of_shares(tissue, np.ones(len(is_open), np.float32), np.zeros(len(is_open), np.float32))


def disc(centres: np.ndarray, radius: float, middle: tuple[float, float] = (60, 60)) -> Faces:
    inside: Faces = np.hypot(*(centres - middle).T) <= radius
    return inside


@pytest.mark.parametrize(("before", "after", "days"), [(40, 35, 5), (50, 42, 8), (30, 20, 10)])
def test_a_disc_that_shrinks_by_a_millimetre_a_day(
    fine: tuple[Skin, np.ndarray], before: float, after: float, days: int
) -> None:
    """Within the error of a mesh of 1 mm: (R² - r²) pi / (pi (R + r)) = R - r."""
    skin, centres = fine
    found = front(skin, map_of(disc(centres, before)), map_of(disc(centres, after)), days)
    assert speed(found) == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize("radius", [20, 35, 50])
def test_the_edge_of_a_disc_is_its_circumference(fine: tuple[Skin, np.ndarray], radius: float) -> None:
    """The border of its faces is a staircase, longer by more than a quarter."""
    skin, centres = fine
    inside = disc(centres, radius)
    assert outline(inside, skin.is_skin, skin).length_mm == pytest.approx(2 * np.pi * radius, rel=0.02)
    one, two = skin.pairs.T
    assert skin.lengths_mm[inside[one] != inside[two]].sum() > 1.2 * 2 * np.pi * radius


@pytest.mark.parametrize("angle", [0, 15, 30, 45, 60, 90, 120, 150])
def test_a_straight_edge_has_its_length_in_every_direction(fine: tuple[Skin, np.ndarray], angle: float) -> None:
    """A half plane, seen through a disc of 50 mm: a chord of 100 mm, to 5 % however it lies on the mesh."""
    skin, centres = fine
    across = (centres - 60) @ np.array([np.sin(np.radians(angle)), -np.cos(np.radians(angle))])
    assert outline(across < 0.1, disc(centres, 50), skin).length_mm == pytest.approx(100, rel=0.05)


def test_skin_that_one_visit_did_not_show_is_no_part_of_it(skin: Skin) -> None:
    """A dressing over half of what was open: the edge of the dressing is no edge of the wound."""
    half_hidden = painted((OPEN, slice(0, 8 * FACES)), (COVERED, slice(0, 4 * FACES)))
    assert speed(front(skin, rows_open(10), half_hidden)) == pytest.approx(4)


def test_skin_that_detached_elsewhere_meanwhile_does_not_slow_the_front(skin: Skin) -> None:
    """Rows 20 to 29 open while the edge at row 10 moves back."""
    after = painted((OPEN, slice(0, 8 * FACES)), (OPEN, slice(20 * FACES, 30 * FACES)))
    assert speed(front(skin, rows_open(10), after)) == pytest.approx(4)


def test_a_wound_that_only_moved_on_the_body_has_no_speed(skin: Skin) -> None:
    """As much closed on one side as opened on the other; areas are subtracted, whatever the residual."""
    for residual in (0.0, 5.0):
        moved = front(skin, rows_open(10, 5, residual_mm=residual), rows_open(10, 6, residual_mm=residual))
        assert moved.speed is None
        assert "did not shrink" in moved.reason


def test_movement_of_the_mapping_adds_nothing_to_the_front(skin: Skin) -> None:
    """A strip of ten rows that closed by two rows on each side, found one row further: the same 4 mm a day."""
    found = front(skin, rows_open(10, 5, residual_mm=5.0), rows_open(6, 8, residual_mm=5.0))
    assert speed(found) == pytest.approx(4)


def test_a_small_wound_found_beside_itself_is_the_same_wound(skin: Skin) -> None:
    """Within the error of the mapping; so it did not close, and no new one opened."""
    before, after = rows_open(1, 5, residual_mm=5.0), rows_open(1, 6, residual_mm=5.0)
    wounds = wounds_between(before, after, skin)
    assert wounds.before.area_mm2 > 500
    assert wounds.closed_mm2 == pytest.approx(0)


def test_little_open_skin_has_no_front(skin: Skin) -> None:
    """A row of 19 faces of 50 mm², less what rounds its corners off."""
    found = front(skin, painted((OPEN, part_of_region(5, 0.95))), painted())
    assert found.speed is None
    assert "8.0 cm2 open before; at least 10 cm2" in found.reason
    assert MIN_OPEN_MM2 == 1000


def test_skin_that_grew_has_no_speed_of_healing(skin: Skin) -> None:
    """The front moved outwards."""
    assert front(skin, rows_open(10), rows_open(11)).speed is None


def test_where_all_has_closed_the_front_was_at_least_so_fast(skin: Skin) -> None:
    """Ten rows from one edge: it came 100 mm far in at most 5 days, 20 mm a day, less the doubt."""
    found = front(skin, rows_open(10), painted())
    assert found.speed is None
    assert found.at_least is not None
    assert 19 < found.at_least < 20
    assert "low is the least" in found.reason


def test_a_disc_that_has_closed_tells_half_its_radius_at_least(fine: tuple[Skin, np.ndarray]) -> None:
    """Its area by its first edge is R / 2; it truly came R far."""
    skin, centres = fine
    found = front(skin, map_of(disc(centres, 40)), map_of(disc(centres, 0)), 5)
    assert found.at_least is not None
    assert found.at_least == pytest.approx(4, rel=0.03)


def test_a_wound_that_closes_from_inside_has_no_front(fine: tuple[Skin, np.ndarray]) -> None:
    """Its middle closed and its edge stayed: new epidermis came from hair follicles."""
    skin, centres = fine
    ring = disc(centres, 50) & ~disc(centres, 20)
    found = front(skin, map_of(disc(centres, 50)), map_of(ring))
    assert found.speed is None
    assert "inside on average" in found.reason


def test_a_wound_that_closes_all_over_has_no_front(fine: tuple[Skin, np.ndarray]) -> None:
    """A disc strewn with closed specks, of which a small disc is left: what closed lay beside the specks."""
    skin, centres = fine
    strewn = disc(centres, 50) & ~((centres % 10 < 2).all(axis=1))
    found = front(skin, map_of(strewn), map_of(disc(centres, 6)))
    assert found.speed is None
    assert "inside on average" in found.reason


def test_all_skin_open_has_no_edge(skin: Skin) -> None:
    """And what has no edge has no speed."""
    found = front(skin, rows_open(33), rows_open(33))
    assert found.speed is None


def test_doubt_about_the_area_becomes_doubt_about_the_speed() -> None:
    """165 mm² along 100 mm in 5 days are 0.33 mm a day."""
    found = front_of(Wounds(Outline(5000, 120), Outline(3000, 80), face_mm2=0, mean_depth_mm=10), 165, 5, 0, 1)
    assert found.speed is not None
    assert (found.speed.low, found.speed.value, found.speed.high) == pytest.approx((4 - 0.33, 4, 4 + 0.33))


def test_doubt_of_both_visits_is_joined(skin: Skin) -> None:
    """0.3 and 0.4 % of 33 000 mm² are 165 mm² together; to it comes that faces count as a whole."""
    exact, doubtful = (front(skin, rows_open(10), rows_open(8), spreads=s).speed for s in ((0, 0), (0.3, 0.4)))
    assert exact is not None
    assert doubtful is not None
    assert doubtful.up == pytest.approx(np.hypot(exact.up, 0.33))


def test_a_finer_mesh_tells_a_front_more_exactly(fine: tuple[Skin, np.ndarray], skin: Skin) -> None:
    """Squares of 1 mm against squares of 10 mm."""
    sharp, centres = fine
    shrunk = front(sharp, map_of(disc(centres, 40)), map_of(disc(centres, 35)))
    coarse = front(skin, rows_open(10), rows_open(8))
    assert shrunk.speed is not None
    assert coarse.speed is not None
    assert shrunk.speed.up < 0.02
    assert coarse.speed.up > 10 * shrunk.speed.up


def test_fronts_are_between_visits_that_showed_skin() -> None:
    """A visit that shows nothing is no end of an interval."""
    skin = flat_skin()
    visits = [on_day(0, rows_open(10)), on_day(2, SurfaceMap.unseen(skin.n_faces)), on_day(5, rows_open(8))]
    (found,) = healing_fronts(visits, (0, 2), (0, 0, 0), skin)
    assert (found.since, found.visit) == (0, 2)
    assert speed(found) == pytest.approx(4)
