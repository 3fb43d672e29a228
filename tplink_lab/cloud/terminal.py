"""The terminal UUID: this installation's name at TP-Link, made once and kept."""

from __future__ import annotations

import os
import uuid
import warnings
from pathlib import Path

from tplink_lab.cloud.hosts import Address
from tplink_lab.errors import BadInput

__all__ = ["config_folder", "terminal_for", "terminal_uuid"]

# A practice account needs no lasting terminal, and lessons need the same one always.
PRACTICE_TERMINAL = uuid.uuid5(uuid.NAMESPACE_URL, "tplink-lab:practice")


def config_folder() -> Path:
    """Return where the lab keeps the terminal UUID and saved sessions."""
    import platformdirs  # a practice cloud and a token of one's own need no folder

    return platformdirs.user_config_path("tplink-lab", appauthor=False)


def terminal_for(address: Address) -> str:
    """Return the terminal UUID to log in with at *address*."""
    return str(PRACTICE_TERMINAL) if address.is_loopback else terminal_uuid()


def terminal_uuid() -> str:
    """Return the id of this installation, made once and kept.

    TP-Link ties rate limits and trust to it, so it must not change (§0.5).
    """
    path = config_folder() / "terminal"
    try:
        return str(uuid.UUID(path.read_text("ascii").strip()))
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as exc:
        raise BadInput(
            f"The file {path} does not hold a terminal UUID ({type(exc).__name__}).",
            call="login",
            next_step="Mend or delete it; a new one is made at the next login.",
        ) from None
    made = str(uuid.uuid4())
    try:
        return _kept_uuid(path, made)
    except OSError as exc:
        warnings.warn(
            f"The terminal UUID cannot be kept in {path} ({exc.strerror}); TP-Link "
            "will see a new terminal at each login.",
            stacklevel=2,
        )
        return made


def _kept_uuid(path: Path, made: str) -> str:
    """Write *made* whole or not at all; if another process was first, take its."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(made + "\n", "ascii")
    try:
        os.link(part, path)
    except FileExistsError:
        return str(uuid.UUID(path.read_text("ascii").strip()))
    except OSError:  # a file system without hard links
        part.replace(path)
        return made
    finally:
        part.unlink(missing_ok=True)
    return made
