"""Voilà, started as the dashboard starts it, on a page of the test's own."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import v4

from tplink_lab import dashboard


def write_page(path: Path, *cells: str) -> Path:
    """Write a notebook of *cells* for Voilà or Notebook 7 to run."""
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    path.write_text(v4.writes(notebook), "utf-8")
    return path


@contextmanager
def served(
    page: Path | None = None, *, is_dark: bool = False, browser: str = ""
) -> Iterator[str]:
    """Serve *page*, or the dashboard's own; yield the address with its token.

    *browser* is the command that it opens its page with, if any.
    """
    words = dashboard.command(None, is_dark=is_dark, open_browser=bool(browser))
    if page is not None:
        words[words.index(str(dashboard.PAGE))] = str(page)
    server = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "BROWSER": browser},
    )
    assert server.stdout is not None
    # A server that never says its address is ended, and so is the loop below.
    watch = threading.Timer(60, server.kill)
    watch.start()
    reader: threading.Thread | None = None
    try:
        log = []
        for line in server.stdout:
            log.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\w+", line)
            if found:
                watch.cancel()
                reader = threading.Thread(target=server.stdout.read, daemon=True)
                reader.start()
                yield found[0]
                return
        raise AssertionError("Voilà did not start:\n" + "".join(log))
    finally:
        watch.cancel()
        server.terminate()
        server.wait(15)
        if reader is not None:
            reader.join(15)
        server.stdout.close()
