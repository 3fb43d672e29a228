"""The one exception of the practice cloud."""

from __future__ import annotations


class PracticeError(Exception):
    """The practice cloud was asked for something it cannot do.

    Raised for a malformed home, a port in use, an unknown alias and the like; never
    for what happens on the wire, where every bad input has an answer of its own.
    """
