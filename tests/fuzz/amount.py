"""How many inputs are tried: few and the same in the suite, many by hand.

``TPLINK_LAB_FUZZ=50 python lab.py test tests/fuzz`` tries fifty times as many, new ones
each time.
"""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("TPLINK_LAB_FUZZ", "0"))


def tries(count: int) -> Callable[[Any], Any]:
    """Return the settings for a test that tries *count* inputs in the suite."""
    return settings(
        max_examples=count * max(1, TIMES),
        derandomize=not TIMES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
