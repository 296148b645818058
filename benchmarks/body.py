"""Measure the body template: ten bodies against Du Bois, regions against Lund and Browder.

Run with ``python benchmarks/body.py``. Prints three Markdown tables; the last is of children.
"""

import numpy as np

from reepi.body.anatomy import weight_kg
from reepi.body.template import build_template
from reepi.core.regions import REGIONS, lund_browder_shares, part_of
from reepi.core.study import Patient

BODIES = (
    ("F", 8, 128, 26),
    ("M", 4, 103, 17),
    ("M", 15, 168, 56),
    ("F", 20, 170, 80),
    ("M", 30, 180, 52),
    ("F", 35, 165, 43.6),
    ("M", 40, 176, 76),
    ("F", 45, 165, 103.5),
    ("M", 70, 172, 58),
    ("F", 80, 158, 45),
)
"""Sex, age [years], height [cm], weight [kg]: child to elder, BMI 16 to 38."""

CHILDREN = (("M", 1, 76, 10), ("M", 4, 103, 16.5), ("F", 8, 128, 26), ("M", 12, 150, 42), ("M", 15, 175, 62))
"""The same, of children whose parts are held against the chart's."""


def bodies() -> None:
    """Print height, weight and area of ten fitted bodies."""
    print("| body | BMI | height off [cm] | weight off [kg] | area [m²] | Du Bois [m²] | ratio |")
    print("|---|---|---|---|---|---|---|")
    for sex, age, height, weight in BODIES:
        patient = Patient("p", sex, age, height, weight)  # type: ignore[arg-type]
        built = build_template(patient)
        tall = np.ptp(built.vertices[:, 2]) * 100 - height
        heavy = weight_kg(built.vertices) - weight
        ratio = built.area_m2 / patient.du_bois_area_m2
        print(
            f"| {sex} {age} y, {height} cm, {weight} kg | {patient.bmi:.1f} | {tall:+.2f} | {heavy:+.2f} "
            f"| {built.area_m2:.3f} | {patient.du_bois_area_m2:.3f} | {ratio:.3f} |"
        )


def regions() -> None:
    """Print the region shares of an average woman and man beside the chart's."""
    people = (Patient("f", "F", 40, 163, 62), Patient("m", "M", 40, 176, 76))
    shares = []
    for patient in people:
        built = build_template(patient)
        per_face = built.shares("patient", patient.age_years)
        shares.append([per_face[built.regions == i].sum() for i in range(len(REGIONS))])
    chart = lund_browder_shares(40)
    print("| region | woman [% BSA] | man [% BSA] | Lund-Browder [% BSA] |")
    print("|---|---|---|---|")
    for i, name in enumerate(REGIONS):
        if "_right" not in name:
            print(f"| {name} | {shares[0][i]:.2f} | {shares[1][i]:.2f} | {chart[name]:.2f} |")


def children() -> None:
    """Print the shares of children's parts, both sides and surfaces together, each with the chart's."""
    parts = tuple(dict.fromkeys(part_of(region) for region in REGIONS))
    print(f"| child | {' | '.join(parts)} |")
    print("|---" * (len(parts) + 1) + "|")
    for sex, age, height, weight in CHILDREN:
        built = build_template(Patient("p", sex, age, height, weight))  # type: ignore[arg-type]
        per_face, chart = built.shares("patient", age), lund_browder_shares(age)
        told = []
        for part in parts:
            own = [i for i, region in enumerate(REGIONS) if part_of(region) == part]
            told.append(
                f"{per_face[np.isin(built.regions, own)].sum():.1f} / {sum(chart[REGIONS[i]] for i in own):.1f}"
            )
        print(f"| {sex} {age} y, {height} cm, {weight} kg | {' | '.join(told)} |")


if __name__ == "__main__":
    bodies()
    print()
    regions()
    print()
    children()
