"""A practice cloud on loopback, and a check that no panel leaves a thread behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import tplink_lab as tl
from tplink_lab.cloud import Cloud


def panel_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("tplink-lab panel")]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with tl.practice(offline_after_s=0) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for thread in panel_threads():
        thread.join(10)
    assert panel_threads() == []
