"""Print the measured figures that need nothing but this repository: ``python benchmarks/run.py [WORD...]``.

First batch scoring, its growth and a million photographs, then short variants of others, about a quarter of an hour on
two cores; with words, only the scripts whose names contain one of them. Benchmarks that take longer, or need data or
programs, are named at the end with their commands. Times hold for a machine that does nothing else.

The benchmarks are plain scripts: most of them compare whole processes or judge accuracy, for which a harness that
repeats small functions has no use.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent

STUDY: Final = "STUDY12"
"""Stands for the folder of the enlarged study, which is made once and used by two scripts."""

SHORT: Final = (
    f"batch.py --study {STUDY}",
    "scaling.py --photographs 10,100 --many-only",
    f"million.py --study {STUDY}",
    "networks.py",
    "engines.py",
    "review.py",
    "body.py",
    "phantom.py",
    "standardising.py --pairs 8",
    "adding.py --kills 1",
    "card.py --placements 40",
)
"""What runs here, in this order."""

OTHERS: Final = {
    "scaling.py": "up to 1,000 photographs, for many patients and for one; half an hour",
    "scaling.py --soak": "2,000 photographs in one run, and what is left of it; a quarter of an hour or more",
    "limit.py STUDY": "part of batch.py",
    "plain_script.py STUDY --out DIR": "part of batch.py",
    "geometry.py --patients 2": "minutes",
    "chain.py": "renders three patients; many minutes",
    "placement.py": "renders eight patients; many minutes",
    "reader_points.py": "renders 64 photographs; minutes",
    "mapping.py --photographs 128": "renders photographs; many minutes",
    "following.py --patients 5": "renders studies; many minutes",
    "parts.py": "renders a study; many minutes",
    "quality.py --photographs 30": "renders photographs; many minutes",
    "framing.py": "renders 900 photographs; forty minutes",
    "fuzz_reading.py --minutes 10": "ten minutes",
    "watching.py --photographs 120": "photographs arrive for minutes, and signals end the watch",
    "kills.py --kills 200": "half an hour; killed runs against an undisturbed one",
    "report.py": "a large report; minutes, and Chromium with its driver",
    "review_window.py": "minutes, and a display (xvfb-run -a makes one)",
    "dicom.py STUDY": "a scored study, dicom3tools and dcmtk",
    "privacy.py STUDY": "a scored study of rendered patients",
    "privacy_scores.py BEFORE AFTER --link FILE": "a study scored before and after it was de-identified",
    "standardised_tissue.py --data DIR": "training data with true masks",
    "skin_colours.py DATA": "photographs of skin; minutes",
    "pose.py": "renders whole patients and trunks; minutes",
    "people.py DATA": "the photographs and masks of Clothing Co-Parsing",
}
"""What does not, and why: what it takes or needs."""


def script(command: str) -> str:
    """Return the name of the file that a command runs."""
    return command.split()[0]


def main(words: list[str]) -> int:
    """Run what is short; return 1 where one of them failed, after all of them had their turn."""
    chosen = [command for command in SHORT if not words or any(word in script(command) for word in words)]
    failed = []
    with tempfile.TemporaryDirectory() as study:
        for command in chosen:
            print(f"\n== python benchmarks/{command.replace(STUDY, 'DIR')}\n", flush=True)
            name, *options = command.replace(STUDY, study).split()
            if subprocess.run((sys.executable, str(HERE / name), *options)).returncode != 0:
                failed.append(name)
    if not words:
        print("\n== Not run here\n")
        for command, reason in OTHERS.items():
            print(f"python benchmarks/{command}: {reason}")
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
