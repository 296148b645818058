"""Measure what de-identifying does to the scores: the same study scored before and after.

Run with ``python benchmarks/privacy_scores.py BEFORE AFTER --link FILE``, where both folders were scored with
``reepi score`` and the link table is that of ``reepi deidentify``. Prints a Markdown table by visit, and how many
photographs without a mask gave the very same tissue mask.
"""

import argparse
from pathlib import Path

from reepi.privacy.link_table import read_links
from reepi.store.results import ResultsFolder


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--link", type=Path, required=True)
    options = parser.parse_args()
    links = {link.new: link.old for link in read_links(options.link)}
    old, new = (ResultsFolder(folder / "results") for folder in (options.before, options.after))
    after = {(links[row.patient_id], row.day, row.region, row.tissue): row for row in new.read_areas()}
    print("| patient | day | open before | open after | open off the head before | after | unassessed before | after |")
    print("|---|---|---|---|---|---|---|---|")
    before = {(row.patient_id, row.day, row.region, row.tissue): row for row in old.read_areas()}
    for patient, day in dict.fromkeys((row.patient_id, row.day) for row in before.values()):
        cells = []
        for region, tissue in (("whole_body", "open"), ("", "open"), ("whole_body", "unassessed")):
            for rows in (before, after):
                chosen = [
                    row.percent_bsa
                    for (who, when, where, what), row in rows.items()
                    if (who, when, what) == (patient, day, tissue)
                    and (where == region or (not region and not where.startswith(("head", "neck", "whole"))))
                ]
                cells.append(f"{sum(chosen):.2f}")
        print(f"| {patient} | {day} | {' | '.join(cells)} |")
    same = [
        old.mask(links[row.file]).read_bytes() == new.mask(row.file).read_bytes()
        for row in new.read_photos()
        if row.status == "scored" and old.mask(links[row.file]).is_file()
    ]
    print(f"\nPhotographs with the very same tissue mask: {sum(same)} of {len(same)}")


if __name__ == "__main__":
    main()
