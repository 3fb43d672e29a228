"""What tests share: the practice cloud over a real socket. Nothing is mocked."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import tplink_lab as tl

# Whoever starts this in the background of a shell hands down a deaf ear to Ctrl-C, and
# the tests of Ctrl-C would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline for one example: a busy machine is slow, not wrong.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")


@pytest.fixture
def cloud() -> Iterator["tl.Cloud"]:
    """The shipped household, logged in; an offline device says so at once."""
    import tplink_lab as tl

    with tl.practice(offline_after_s=0) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the terminal UUID and saved sessions go, on every system."""
    for name in ("XDG_CONFIG_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path
