"""Names that stand for patients and photographs, and shifts of dates: drawn from a key, and from nothing else."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from reepi.core.errors import Fault, InputError

KEY_BYTES: Final = 32

LEAST_SHIFT_DAYS: Final = 400
MOST_SHIFT_DAYS: Final = 4000
"""Dates move back by one to eleven years: no date lands in the future, and the year tells nothing."""

_PATIENT_LETTERS: Final = 10
_PHOTOGRAPH_LETTERS: Final = 16
"""50 and 80 bits: two of ten thousand patients share a name once in ten million studies."""


@dataclass(frozen=True)
class Pseudonyms:
    """What a key says of patients and photographs; the same key says the same again.

    Parameters
    ----------
    key : bytes
        The secret.
    """

    key: bytes

    def patient(self, patient_id: str) -> str:
        """Return the name that stands for a patient, such as ``p-6mzq3kd2xa``."""
        return f"p-{self._letters('patient', patient_id, _PATIENT_LETTERS)}"

    def photograph(self, file: str) -> str:
        """Return the stem of the name that stands for a photograph's file."""
        return f"f-{self._letters('photograph', file, _PHOTOGRAPH_LETTERS)}"

    def shift(self, patient_id: str) -> timedelta:
        """Return what all dates of a patient move by: whole days, backwards."""
        number = int.from_bytes(self._digest("shift", patient_id)[:8], "big")
        return -timedelta(days=LEAST_SHIFT_DAYS + number % (MOST_SHIFT_DAYS - LEAST_SHIFT_DAYS + 1))

    @property
    def uid_key(self) -> bytes:
        """The key from which identifiers of DICOM objects are drawn."""
        return self._digest("uid", "")

    def _letters(self, what: str, of: str, number: int) -> str:
        return base64.b32encode(self._digest(what, of)).decode("ascii").lower()[:number]

    def _digest(self, what: str, of: str) -> bytes:
        return hmac.new(self.key, f"{what}\0{of}".encode(), hashlib.sha256).digest()


def read_key(path: Path) -> bytes | None:
    """Return the key of a file that `key_text` was written to, or None where there is no file.

    Raises
    ------
    InputError
        The file holds no key.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _no_key(path) from error
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise _no_key(path) from None
    if len(key) != KEY_BYTES:
        raise _no_key(path)
    return key


def new_key() -> bytes:
    """Return a key that nobody can guess."""
    return secrets.token_bytes(KEY_BYTES)


def key_text(key: bytes) -> str:
    """Return a key as the text of its file."""
    return key.hex() + "\n"


def _no_key(path: Path) -> InputError:
    remedy = f"It needs {2 * KEY_BYTES} hexadecimal digits; name another file, or one that is not there to make a key."
    return InputError([Fault(str(path), "it holds no key", remedy)])
