"""For tests, docstrings and lessons alike: nobody's saved sessions are touched."""

import os
import tempfile

import pytest

_FOLDER = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep what is remembered of logins in a folder that ends with the run."""
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    config.stash[_FOLDER] = folder
    for name in ("XDG_CONFIG_HOME", "LOCALAPPDATA"):
        os.environ[name] = folder.name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete it."""
    config.stash[_FOLDER].cleanup()
