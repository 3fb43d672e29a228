"""The practice cloud: a living TP-Link cloud on loopback, for learning and testing.

    from tplink_lab.practice import PracticeCloud

    with PracticeCloud(now="2026-11-01T18:00:00+00:00") as practice:
        print(practice.url, practice.email)
        practice.unplug("Kettle")

It shares nothing with the client side of `tplink_lab`, so that one misreading of the
protocol cannot pass on both sides.
"""

from __future__ import annotations

from .cloud import PracticeCloud
from .errors import PracticeError

__all__ = ["PracticeCloud", "PracticeError"]
