"""A place on a chart and the point of the body that it shows lead to each other."""

import numpy as np
import pytest

from reepi.body.chart_points import chart_place, point_at_chart
from reepi.body.charts import body_charts
from reepi.body.template import build_template, reference_template
from reepi.core.study import Patient
from reepi.core.surface import NO_FACE

PIXEL_M = 0.02


@pytest.mark.parametrize("name", ["anterior", "posterior", "left", "right"])
def test_a_place_gives_the_face_that_the_chart_shows(name: str) -> None:
    """At some pixels of every chart, inside and beside the body; and from the point back to the pixel."""
    template = reference_template()
    chart = body_charts(template, PIXEL_M)[name]
    rows, columns = np.nonzero(chart.faces != NO_FACE)
    skin = [(r, c) for r, c in zip(rows, columns, strict=True) if template.skin[chart.faces[r, c]]]
    for row, column in skin[:: len(skin) // 8]:
        point = point_at_chart(name, (float(column), float(row)), template, PIXEL_M)
        assert point is not None
        assert point.face == chart.faces[row, column]
        assert sum(point.barycentric) == pytest.approx(1)
        back = chart_place(name, point.face, point.barycentric, template, PIXEL_M)
        assert back == pytest.approx((column, row), abs=0.05)
    assert point_at_chart(name, (0.0, 0.0), template, PIXEL_M) is None


def test_the_other_side_is_hidden() -> None:
    """A point of the chest is on no posterior chart."""
    template = reference_template()
    chart = body_charts(template, PIXEL_M)["anterior"]
    row, column = chart.faces.shape[0] // 3, chart.faces.shape[1] // 2
    point = point_at_chart("anterior", (column, row), template, PIXEL_M)
    assert point is not None
    assert chart_place("posterior", point.face, point.barycentric, template, PIXEL_M) is None


def test_a_point_means_the_same_skin_on_another_patient() -> None:
    """Clicked on the reference body's chart, it is in the same region of a woman's body."""
    reference, woman = reference_template(), build_template(Patient("P1", "F", 40, 165, 62))
    chart = body_charts(reference, PIXEL_M)["anterior"]
    row, column = chart.faces.shape[0] // 3, chart.faces.shape[1] // 2
    point = point_at_chart("anterior", (column, row), reference, PIXEL_M)
    assert point is not None
    assert reference.regions[point.face] == woman.regions[point.face]
    np.testing.assert_allclose(
        reference.canonical[reference.faces[point.face]], woman.canonical[woman.faces[point.face]]
    )
