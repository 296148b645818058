"""Measure the body template: ten bodies against Du Bois, regions against Lund and Browder, physiques.

Run with ``python benchmarks/body.py``. Prints four Markdown tables; the third is of children, the last of how much the
bodies of rendered patients differ whose height and weight are the same.
"""

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull

from reepi.body.anatomy import weight_kg
from reepi.body.template import BodyTemplate, build_template
from reepi.core.regions import REGIONS, lund_browder_shares, part_of
from reepi.core.study import Patient
from reepi.phantom.patients import draw_physique

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


GIRTHS = {
    "waist": ("spine05", "spine04", 0.5, "trunk"),
    "upper arm": ("upperarm01.L", "lowerarm01.L", 0.5, "upper_arm_left"),
    "thigh": ("upperleg01.L", "lowerleg01.L", 0.5, "thigh_left"),
    "calf": ("lowerleg01.L", "foot.L", 0.3, "lower_leg_left"),
}
"""Where girths are taken: between two joints, how far along, and on the skin of which part."""

LENGTHS = {
    "upper arm": ("upperarm01.L", "lowerarm01.L"),
    "forearm": ("lowerarm01.L", "wrist.L"),
    "thigh": ("upperleg01.L", "lowerleg01.L"),
    "lower leg": ("lowerleg01.L", "foot.L"),
}

SLICE_M = 0.015
"""Half the thickness of the slice whose hull is a girth [m]."""

PHYSIQUES = 40


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


def joint_m(body: BodyTemplate, name: str) -> npt.NDArray[np.float64]:
    """Return the place of a joint (3,) [m]."""
    return np.asarray(body.joint_heads[body.joint_names.index(name)], np.float64)


def girth_cm(body: BodyTemplate, above: str, below: str, share: float, part: str) -> float:
    """Return the length of the hull around a slice of skin between two joints [cm]."""
    start = joint_m(body, above)
    way = joint_m(body, below) - start
    axis = np.array([0.0, 0.0, 1.0]) if part == "trunk" else way / np.linalg.norm(way)
    skin = np.unique(body.faces[[REGIONS[r].startswith(part) if r >= 0 else False for r in body.regions]])
    beside = body.vertices[skin] - (start + share * way)
    slice_ = beside[np.abs(beside @ axis) < SLICE_M]
    across = np.linalg.svd(np.eye(3) - np.outer(axis, axis))[0][:, :2]
    return float(100 * ConvexHull(slice_ @ across).area)


def physiques() -> None:
    """Print mean and standard deviation of girths and lengths of one woman's and one man's bodies."""
    print("| | woman, mean [cm] | SD [cm] | man, mean [cm] | SD [cm] |")
    print("|---|---|---|---|---|")
    people = (Patient("f", "F", 40, 163, 62), Patient("m", "M", 40, 176, 76))
    drawn = [
        [build_template(person, draw_physique(np.random.default_rng([n, k]))) for k in range(PHYSIQUES)]
        for n, person in enumerate(people)
    ]
    rows = {f"girth of {name}": [[girth_cm(b, *where) for b in own] for own in drawn] for name, where in GIRTHS.items()}
    for name, (above, below) in LENGTHS.items():
        rows[f"length of {name}"] = [
            [100 * float(np.linalg.norm(joint_m(b, above) - joint_m(b, below))) for b in own] for own in drawn
        ]
    for name, values in rows.items():
        print(f"| {name} | {' | '.join(f'{np.mean(own):.1f} | {np.std(own):.1f}' for own in values)} |")


if __name__ == "__main__":
    bodies()
    print()
    regions()
    print()
    children()
    print()
    physiques()
