"""Codes are those of DICOM's context groups, and local ones are marked as such."""

import pydicom.sr._concepts_dict as standard
import pytest
from pydicom.sr.coding import Code

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import AREA_LABELS
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS
from reepi.dicom.codes import LEFT, LOCAL_SCHEME, RIGHT, TISSUE_CODES, all_codes, framed_part, site_of


@pytest.mark.parametrize("code", [each for each in all_codes() if each.scheme_designator != LOCAL_SCHEME], ids=str)
def test_published_code_stands_in_the_standard_with_its_meaning(code: Code) -> None:
    entries = standard.concepts[code.scheme_designator].values()
    meanings = {found[code.value][0] for found in entries if code.value in found}
    assert code.meaning in {meaning.removesuffix(" (body structure)") for meaning in meanings} | {
        meaning.capitalize() for meaning in meanings
    }


@pytest.mark.parametrize("code", all_codes(), ids=str)
def test_code_fits_its_field(code: Code) -> None:
    assert len(code.value) <= 16
    assert len(code.meaning) <= 64


def test_codes_are_not_used_twice() -> None:
    told = {(code.scheme_designator, code.value) for code in all_codes()}
    assert len(told) == len({(code.scheme_designator, code.value, code.meaning) for code in all_codes()})


def test_every_region_has_its_own_site() -> None:
    assert len({site_of(region) for region in (*REGIONS, WHOLE_BODY)}) == len(REGIONS) + 1


def test_sides_are_the_patients() -> None:
    assert site_of("hand_left_dorsal").laterality == LEFT
    assert site_of("foot_right_plantar").laterality == RIGHT
    assert site_of("trunk_anterior").laterality is None


def test_every_tissue_and_view_has_a_code() -> None:
    assert {*AREA_LABELS, *(tissue.label for tissue in Tissue if tissue)} == set(TISSUE_CODES)
    assert all(framed_part(view.part) for view in VIEWS.values())
