"""One type for what must never be seen."""

from __future__ import annotations

import hmac
from typing import NoReturn

__all__ = ["MASK", "Secret"]

MASK = "[hidden]"


class Secret:
    """A token or a password that masks itself wherever it is shown.

    It prints as ``[hidden]``, cannot be pickled, and gives its text only to who
    calls :meth:`reveal`.

    Examples
    --------
    >>> Secret("correct horse")
    Secret([hidden])
    >>> f"token={Secret('a1b2')}"
    'token=[hidden]'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError("a Secret holds text")
        self._text = text

    def reveal(self) -> str:
        """Return the text itself. Do not print it in a notebook you save."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (s._text.encode(errors="surrogatepass") for s in (self, other))
        return hmac.compare_digest(mine, theirs)

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        # A pickle is a file: joblib caches and multiprocessing would write it.
        raise TypeError("a Secret is not pickled: it would be written in clear text")
