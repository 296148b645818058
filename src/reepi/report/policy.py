"""Programs of a page that opens offline: named by their hash, so that the browser runs them and nothing else."""

import base64
import zlib
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from reepi.report.body3d import COMPRESSION, plotly_source

SCRIPT = "report.js"


@dataclass(frozen=True)
class Programs:
    """What a report runs.

    Parameters
    ----------
    page : str
        The page's own program.
    body : str or None
        What draws bodies that turn: kept as text until a reader asks for one; None where there is no body.
    """

    page: str
    body: str | None

    @classmethod
    def of_report(cls, bodies: bool) -> "Programs":
        """Return the programs of a report, with or without bodies that turn."""
        own = (files("reepi.report") / "templates" / SCRIPT).read_text(encoding="utf-8")
        return cls(own, plotly_source() if bodies else None)

    @property
    def script(self) -> Markup:
        """The page's own program as it stands in the page."""
        return Markup(self.page)  # noqa: S704 - a file of this package

    @property
    def packed(self) -> str:
        """What draws bodies, compressed, as text."""
        return base64.b64encode(zlib.compress((self.body or "").encode("utf-8"), COMPRESSION)).decode("ascii")

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: these programs, embedded pictures and styles, and no connection of any kind."""
        hashes = " ".join(f"'{_hash(text)}'" for text in (self.page, self.body) if text)
        return (
            f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {hashes}; connect-src 'none'; "
            "base-uri 'none'; form-action 'none'"
        )


PRINTED_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Of the page that is printed: it runs nothing."""


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
