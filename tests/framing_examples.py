"""Signs of the framing as photographs of a trunk have them, from a right distance and from twice as far."""

from dataclasses import replace

from reepi.mapping.framing_signs import FramingSigns

WELL_FRAMED = FramingSigns(
    part="trunk",
    skin=0.3,
    bare_face=None,
    fill=-0.1,
    fill_seen=-0.15,
    extent=-0.1,
    area=-1.4,
    contact=0.1,
    sided=0.0,
    shifted=0.05,
    middle=0.05,
    others=-1.0,
    seen=0.9,
    doubted=-3.0,
    error=3.5,
)

FAR = replace(
    WELL_FRAMED,
    skin=0.1,
    fill=-0.7,
    fill_seen=-0.7,
    extent=-0.7,
    area=-2.6,
    contact=0.0,
    shifted=0.1,
    seen=0.7,
    doubted=-1.0,
    error=4.5,
)
