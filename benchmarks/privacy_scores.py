"""Measure what de-identifying does to the scores: the same study scored before and after.

Run with ``python benchmarks/privacy_scores.py BEFORE AFTER --link FILE``, where both folders were scored with
``reepi score`` and the link table is that of ``reepi deidentify``. Prints a Markdown table by visit: open skin of the
whole body, how much bare skin is hidden, and open skin elsewhere (on faces of the body whose skin was seen as much as
before); and how many photographs without a mask gave the very same tissue mask.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reepi.body.template import build_template
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.privacy.link_table import read_links
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

AS_SEEN = 0.01
"""A face is hidden where less of its skin is seen than before by more than this share."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--link", type=Path, required=True)
    options = parser.parse_args()
    old, new = (ResultsFolder(folder / "results") for folder in (options.before, options.after))
    links = {link.new: link.old for link in read_links(options.link)}
    patients = {patient.patient_id: patient for patient in read_study(options.before).patients}
    dates = [{(row.patient_id, row.day): row.date for row in results.read_areas()} for results in (old, new)]
    print("| patient | day | open before | open after | hidden | open elsewhere before | open elsewhere after |")
    print("|---|---|---|---|---|---|---|")
    differences = []
    for (pseudonym, number), day in dates[1].items():
        who = links[pseudonym]
        template, age = build_template(patients[who]), patients[who].age_years
        before = old.read_surface(who, dates[0][who, number])
        after = new.read_surface(pseudonym, day)
        shares = template.shares("patient", age)
        skin = [_skin(surface) for surface in (before, after)]
        there = skin[1] > skin[0] - AS_SEEN
        whole = [float(shares @ surface.open) for surface in (before, after)]
        elsewhere = [float(shares[there] @ surface.open[there]) for surface in (before, after)]
        hidden = float(shares @ np.clip(skin[0] - skin[1], 0, None))
        differences.append(abs(elsewhere[1] - elsewhere[0]))
        cells = " | ".join(f"{value:.2f}" for value in (*whole, hidden, *elsewhere))
        print(f"| {who} | {number} | {cells} |")
    same = [
        old.mask(links[row.file]).read_bytes() == new.mask(row.file).read_bytes()
        for row in new.read_photos()
        if row.status == "scored" and old.mask(links[row.file]).is_file()
    ]
    worst = f"{max(differences):.3f} (mean {np.mean(differences):.3f})"
    print(f"\nLargest difference of open skin that is not hidden [% BSA]: {worst}")
    print(f"Photographs with the very same tissue mask: {sum(same)} of {len(same)}")


def _skin(surface: SurfaceMap) -> npt.NDArray[np.float32]:
    """Return the share of each face on which bare skin was seen, (F,)."""
    return surface.seen * (1 - surface.tissue[:, [Tissue.BACKGROUND, Tissue.COVERED]].sum(axis=1))


if __name__ == "__main__":
    main()
