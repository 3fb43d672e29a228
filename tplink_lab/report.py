"""A doctor's report: a table to read, and a bundle to share."""

from __future__ import annotations

import html
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tplink_lab.cloud import Cloud
from tplink_lab.cloud.pseudonyms import Pseudonyms
from tplink_lab.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Check", "Report"]

# A shape for each outcome, told apart without colour.
SHAPES = {"pass": "✓", "warn": "!", "fail": "✗", "unknown": "?"}
PACKAGES = ("tplink-lab", "requests", "urllib3", "pandas", "ipywidgets", "jupyterlab")
BUNDLE_VERSION = 1
KEPT_EXCHANGES = 50
REPLACED = ("call", "path", "query", "request", "answer")
# Checks that are about a device, so that `about` is the name its owner gave it.
OF_DEVICES = frozenset({"device", "Wi-Fi", "firmware", "address"})


class Check(NamedTuple):
    """One thing that was examined.

    Attributes
    ----------
    name : str
        What: ``"clock"``, ``"DNS"``, ``"TLS"``, ``"login"``, ``"token"`` …
    about : str
        Of whom: a host, an app, a device's alias.
    status : {"pass", "warn", "fail", "unknown"}
        The outcome.
    found : str
        What was seen, in a sentence.
    next_step : str
        What to do; empty if nothing.
    """

    name: str
    about: str
    status: str
    found: str
    next_step: str = ""


class Report:
    """What the doctor found.

    Attributes
    ----------
    checks : tuple of Check
        In the order in which they were made.
    """

    def __init__(self, checks: Iterable[Check], cloud: Cloud) -> None:
        self.checks = tuple(checks)
        self._cloud = cloud

    @property
    def fails(self) -> list[Check]:
        """What failed."""
        return [check for check in self.checks if check.status == "fail"]

    @property
    def warns(self) -> list[Check]:
        """What deserves a look."""
        return [check for check in self.checks if check.status == "warn"]

    def to_frame(self) -> pd.DataFrame:
        """Return the checks as a frame.

        Returns
        -------
        pandas.DataFrame
            Columns ``name``, ``about``, ``status``, ``found``, ``next_step``: all
            str, one row for each check.
        """
        import pandas as pd

        return pd.DataFrame(self.checks, columns=list(Check._fields), dtype="str")

    def save(self, path: str | Path) -> Path:
        """Write the report, the last exchanges and the versions to a JSON file.

        Fit to be shared: tokens, passwords, ids, names, addresses and coordinates are
        replaced, equal ones by equal names. Time zones stay: schedules hang on them.

        Parameters
        ----------
        path : str or Path
            Where; a file that exists is replaced, whole or not at all.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        BadInput
            If it cannot be written.
        """
        target = Path(path)
        text = json.dumps(self.bundle(), indent=1, ensure_ascii=False, default=str)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        problem = ""
        try:
            part.write_text(text + "\n", "utf-8")
            part.replace(target)
        except OSError as exc:
            problem = exc.strerror or type(exc).__name__
        if problem:
            part.unlink(missing_ok=True) if part.parent.is_dir() else None
            raise BadInput(
                f"The report cannot be written to {target}: {problem}.",
                call="doctor",
                next_step="Choose another path.",
            )
        return target

    def bundle(self) -> dict[str, Any]:
        """Return what :meth:`save` writes."""
        names = Pseudonyms()
        kept = self._cloud.exchanges[-KEPT_EXCHANGES:]
        exchanges = [exchange._unmasked() for exchange in kept]
        names.learn({"email": self._cloud.email})
        # As people read them: a Tapo alias is base64 on the wire.
        names.learn({"name": [c.about for c in self.checks if c.name in OF_DEVICES]})
        for session in self._cloud.sessions.values():
            account = session.account
            names.learn({"token": [account.token, account.refresh_token]})
            names.learn({"terminalUUID": account.terminal})
        for exchange in exchanges:
            names.learn({"token": exchange.pop("known")})
            names.learn(exchange)
        names.replace_by(str(Path.home()), "~")
        return {
            "report": "tplink-lab doctor",
            "version": BUNDLE_VERSION,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()} {sys.platform}",
            "packages": {name: _version(name) for name in PACKAGES},
            "checks": [
                {
                    "name": check.name,
                    "status": check.status,
                    **names.apply(
                        {
                            "about": check.about,
                            "found": check.found,
                            "next_step": check.next_step,
                        }
                    ),
                }
                for check in self.checks
            ],
            "exchanges": [_shareable(exchange, names) for exchange in exchanges],
        }

    def _summary(self) -> str:
        counts = Counter(check.status for check in self.checks)
        words = [f"{counts[s]} {s}" for s in SHAPES if counts[s]]
        return ", ".join(words)

    def __repr__(self) -> str:
        lines = [self._summary()]
        width = max((len(f"{c.name} {c.about}") for c in self.checks), default=0)
        for check in self.checks:
            head = f"{check.name} {check.about}".ljust(width)
            lines.append(f"{SHAPES[check.status]} {head}  {check.found}")
            if check.next_step:
                lines.append(f"  {' ' * width}  → {check.next_step}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{SHAPES[c.status]} {c.status}</td>"
            f"<td style='text-align:left'>{html.escape(f'{c.name} {c.about}')}</td>"
            f"<td style='text-align:left'>{html.escape(c.found)}</td>"
            f"<td style='text-align:left'>{html.escape(c.next_step)}</td></tr>"
            for c in self.checks
        )
        return (
            f"<table class='tplink-lab-report'><caption>{self._summary()}</caption>"
            "<thead><tr><th></th><th>checked</th><th>found</th><th>next step</th></tr>"
            f"</thead><tbody>{rows}</tbody></table>"
        )


def _shareable(exchange: dict[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """Return an exchange in which nothing can be read that names anybody."""
    shown = {key: exchange[key] for key in exchange if key not in REPLACED}
    shown |= {key: names.apply(exchange[key]) for key in REPLACED}
    if isinstance(exchange["answer"], str):
        # Cut off, or a page: nobody can tell what its fields are.
        shown["answer"] = f"[{len(exchange['answer'])} letters that are not JSON]"
    return shown


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
