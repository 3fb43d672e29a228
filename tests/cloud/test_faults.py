"""The fault matrix: each outcome defined, nothing left behind, no write repeated."""

import pytest

import tplink_lab as tl
from tests.cloud.faults import ACTS, CALLS, TOO_SLOW, meet, timeout_of

UNREACHED = {
    "connection refused",
    "closed without an answer",
    "reset before the answer",
}
TOLD = {"-20002 timeout": "CloudError", "-20004 rate limit": "RateLimited"}
# A login is one request for each app, and never one more.
MOST_REQUESTS = {"read": 1, "write": 1, "login": 2}


def expected(fault: str, call: str) -> str:
    if fault in UNREACHED:
        return "CloudUnreachable"
    if fault in TOO_SLOW:
        return "CloudTimeout"
    if fault == "gzip" and call != "login":
        return "none"  # an answer like any other
    return TOLD.get(fault, "UnusableAnswer")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", ACTS)
def test_a_fault_has_one_outcome_and_leaves_nothing(fault: str, call: str) -> None:
    outcome = meet(fault, call)
    assert outcome.error == expected(fault, call)
    assert outcome.requests <= MOST_REQUESTS[call]
    assert (outcome.threads, outcome.sockets) == (0, 0)
    # Bounded by the timeout, for each request; the rest is a busy machine's.
    assert outcome.seconds < timeout_of(fault) * max(1, outcome.requests) + 15


def test_a_token_that_expires_in_mid_sweep_is_renewed_once(cloud: tl.Cloud) -> None:
    devices = [d for d in cloud.devices() if d.dialect == "iot"]
    school = cloud.practice
    before = dict(school.calls)

    def ask(device: tl.Device) -> object:
        if device is devices[3]:
            school.expire_token()
        return device.info()

    swept = tl.data.sweep(devices, ask, workers=2)
    failed = [s.device.alias for s in swept if s.error]
    assert failed == ["Garage Heater"]
    new = {k: n - before.get(k, 0) for k, n in school.calls.items()}
    assert new["refreshToken"] == 1, new


def test_a_clock_that_jumps_changes_no_answer(cloud: tl.Cloud) -> None:
    kettle = cloud.device("Kettle")
    cloud.practice.advance(days=20)
    assert kettle.is_on() in (True, False)
