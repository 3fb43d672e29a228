"""Which phone app we sign as: key pairs, versions and names, as data.

The keys stand in every copy of TP-Link's apps and name the app, not its user. TP-Link
can change them in any release; then a file of one's own replaces ours, without a new
version of the lab: the environment variable ``TPLINK_LAB_APPS`` holds its path.
"""

from __future__ import annotations

import json
import os
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from tplink_lab.errors import BadInput

__all__ = ["APPS_VARIABLE", "App", "load_apps"]

APPS_VARIABLE = "TPLINK_LAB_APPS"
FIELDS = ("app_type", "app_version", "access_key", "secret_key", "entry_url")


class App(NamedTuple):
    """One app identity.

    Attributes
    ----------
    name : str
        ``"kasa"`` or ``"tapo"``.
    app_type : str
        The wire's ``appType``.
    app_version : str
        The wire's ``appVersion``.
    access_key, secret_key : str
        The pair that signs (protocol.md §3.1); published, and the same for everybody.
    entry_url : str
        Where a login begins.
    """

    name: str
    app_type: str
    app_version: str
    access_key: str
    secret_key: str
    entry_url: str


def load_apps() -> dict[str, App]:
    """Return the app identities by name.

    Raises
    ------
    BadInput
        If the file that ``TPLINK_LAB_APPS`` names cannot be used.

    Examples
    --------
    >>> load_apps()["tapo"].app_type
    'TP-Link_Tapo_Android'
    """
    named = os.environ.get(APPS_VARIABLE)
    if named:
        text, where = _read(Path(named)), named
    else:
        text = (resources.files(__package__) / "apps.json").read_text("utf-8")
        where = "apps.json"
    try:
        apps = json.loads(text)["apps"]
        return {name: _app(name, facts) for name, facts in apps.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        problem = f"{type(exc).__name__}: {exc}"
    raise BadInput(
        f"The app identities in {where} cannot be used ({problem}).",
        next_step='Give {"apps": {"kasa": {'
        + ", ".join(f'"{field}": "…"' for field in FIELDS)
        + "}}}, or unset "
        f"{APPS_VARIABLE}.",
    )


def _app(name: str, facts: dict[str, Any]) -> App:
    values = [facts[field] for field in FIELDS]
    for field, value in zip(FIELDS, values, strict=True):
        if not isinstance(value, str) or not value.isascii() or not value:
            raise ValueError(f"{name}.{field} is not an ASCII text")
    return App(name, *values)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or type(exc).__name__
    raise BadInput(
        f"The file {path} with the app identities cannot be read: {why}.",
        next_step=f"Mend the path, or unset {APPS_VARIABLE}.",
    )
