"""Unique identifiers that follow from what an object says: exporting twice gives the same."""

import uuid
from typing import Final

_NAMESPACE: Final = uuid.UUID("5b0f1e0a-2b5e-5f57-9a53-7d6b0d3c4e11")
"""Root of the identifiers of this program; never to be changed."""


def uid_of(kind: str, *parts: object) -> str:
    """Return the DICOM identifier that follows from a kind of thing and what makes it the one it is.

    A name-based UUID (version 5, RFC 9562 section 5.5) below the root 2.25 that DICOM gives to UUIDs (PS3.5, B.2).

    Parameters
    ----------
    kind : str
        What is identified, such as ``study``.
    *parts
        Plain values; the order counts.
    """
    return f"2.25.{uuid.uuid5(_NAMESPACE, repr((kind, *map(str, parts)))).int}"
