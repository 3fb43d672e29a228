"""Real, anonymised device dumps, where they lie beside the project.

They are under the GPL, so they are read there and never copied. Without them the
tests that walk over them have nothing to walk over, and pass.
"""

import json
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[2] / "shared" / "devices"


def dumps(protocol: str = "IOT") -> dict[str, dict[str, Any]]:
    """Return file name -> ``answers`` of every dump of that protocol."""
    found = {}
    for path in sorted(SHARED.glob("*.json")):
        dump = json.loads(path.read_text("utf-8"))
        if dump["about"]["protocol"] == protocol:
            found[path.name] = dump["answers"]
    return found
