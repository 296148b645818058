"""The 33 Lund-Browder surfaces and their shares of the body surface by age."""

from typing import Final

SIDES: Final = ("left", "right")

REGIONS: Final[tuple[str, ...]] = (
    *(f"{part}_{aspect}" for part in ("head", "neck", "trunk") for aspect in ("anterior", "posterior")),
    *(f"buttock_{side}" for side in SIDES),
    "genitalia",
    *(
        f"{part}_{side}_{aspect}"
        for part in ("upper_arm", "forearm", "thigh", "lower_leg")
        for side in SIDES
        for aspect in ("anterior", "posterior")
    ),
    *(f"hand_{side}_{aspect}" for side in SIDES for aspect in ("dorsal", "palmar")),
    *(f"foot_{side}_{aspect}" for side in SIDES for aspect in ("dorsal", "plantar")),
)
"""Region names; a region's index in arrays is its place here. Left and right are the patient's."""

WHOLE_BODY: Final = "whole_body"

NO_REGION: Final = -1
"""Region index of a face that is not skin (eyes, mouth)."""

AGE_BANDS: Final = (1.0, 5.0, 10.0, 15.0, 16.0)
"""Upper limits of the chart's age columns [years]: <1, 1-4, 5-9, 10-14, 15, adult."""

_SHARE_BY_PART: Final[dict[str, tuple[float, ...]]] = {
    # Lund & Browder, Surg Gynecol Obstet 1944;79:352-358; one surface [% BSA] per age column.
    "head": (9.5, 8.5, 6.5, 5.5, 4.5, 3.5),
    "neck": (1, 1, 1, 1, 1, 1),
    "trunk": (13, 13, 13, 13, 13, 13),
    "buttock": (2.5, 2.5, 2.5, 2.5, 2.5, 2.5),
    "genitalia": (1, 1, 1, 1, 1, 1),
    "upper_arm": (2, 2, 2, 2, 2, 2),
    "forearm": (1.5, 1.5, 1.5, 1.5, 1.5, 1.5),
    # Printed charts often give 1.5 per hand surface and add up to 101 (Lundin & Alsbjorn, Burns 2013;39:819).
    "hand": (1.25, 1.25, 1.25, 1.25, 1.25, 1.25),
    "thigh": (2.75, 3.25, 4, 4.25, 4.5, 4.75),
    "lower_leg": (2.5, 2.5, 2.75, 3, 3.25, 3.5),
    "foot": (1.75, 1.75, 1.75, 1.75, 1.75, 1.75),
}


def part_of(region: str) -> str:
    """Return the body part of a region, such as ``upper_arm`` for ``upper_arm_left_anterior``."""
    return next(part for part in _SHARE_BY_PART if region.startswith(part))


def lund_browder_shares(age_years: float) -> dict[str, float]:
    """Return the Lund-Browder share of each region [% BSA] for an age [years].

    Raises
    ------
    ValueError
        The age is negative or not a number.
    """
    if not age_years >= 0:
        raise ValueError(f"age_years must be 0 or more, not {age_years}")
    column = sum(age_years >= limit for limit in AGE_BANDS)
    return {region: float(_SHARE_BY_PART[part_of(region)][column]) for region in REGIONS}


def mirrored_region(region: str) -> str:
    """Return the region on the other side of the body; midline regions are their own mirror."""
    if "_left" in region:
        return region.replace("_left", "_right")
    return region.replace("_right", "_left")
