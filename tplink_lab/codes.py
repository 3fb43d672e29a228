"""From a code to an error: what it says, why it comes, what to do about it."""

from __future__ import annotations

from tplink_lab.catalogue import (
    CLOUD_CODES,
    IOT_CODES,
    SMART_CODES,
    THING_CODES,
    Known,
)
from tplink_lab.errors import CloudError, DeviceError, TPLinkLabError

__all__ = [
    "CLOUD_CODES",
    "IOT_CODES",
    "SMART_CODES",
    "THING_CODES",
    "Known",
    "cloud_error",
    "device_error",
    "smart_error",
]

_SMART_RANGES = {
    18: Known(DeviceError, "schedule error", "A rule is wrong.", "Check the rule."),
    19: Known(DeviceError, "countdown error", "", "Check the minutes."),
    22: Known(DeviceError, "statistics error", "", "Ask for another time span."),
}


def cloud_error(call: str, error_code: int, server_text: str) -> CloudError:
    """Return the error for a cloud's *error_code*, ready to raise.

    Parameters
    ----------
    call : str
        The method that met it.
    error_code : int
        The cloud's number; one we have never seen becomes a plain CloudError.
    server_text : str
        The cloud's words.

    Examples
    --------
    >>> error = cloud_error("getDeviceList", -20651, "Token expired")
    >>> type(error).__name__, error.next_step[:30]
    ('TokenRefused', 'Log in again with tl.login(...')
    """
    error = _reported(
        "the cloud", CLOUD_CODES, CloudError, call, error_code, server_text
    )
    assert isinstance(error, CloudError)
    return error


def device_error(call: str, error_code: int, server_text: str) -> DeviceError:
    """Return the error for an IOT device's *error_code*, ready to raise.

    Parameters
    ----------
    call : str
        Module and method that met it, such as ``"system.set_led_off"``.
    error_code : int
        The device's ``err_code``.
    server_text : str
        The device's ``err_msg``.
    """
    error = _reported(
        "the device", IOT_CODES, DeviceError, call, error_code, server_text
    )
    assert isinstance(error, DeviceError)
    return error


def smart_error(call: str, error_code: int, server_text: str = "") -> DeviceError:
    """Return the error for a Tapo device's *error_code*, ready to raise.

    Parameters
    ----------
    call : str
        The method that met it, such as ``"set_device_info"``.
    error_code : int
        The device's ``error_code``.
    server_text : str
        Its words, if there are any.

    Examples
    --------
    >>> type(smart_error("get_energy_usage", -1002)).__name__
    'NotSupported'
    """
    codes = SMART_CODES
    family = _SMART_RANGES.get(-error_code // 100)
    if error_code not in codes and error_code < 0 and family is not None:
        codes = {error_code: family}
    error = _reported("the device", codes, DeviceError, call, error_code, server_text)
    assert isinstance(error, DeviceError)
    return error


def _reported(
    who: str,
    codes: dict[int, Known],
    unknown: type[CloudError | DeviceError],
    call: str,
    error_code: int,
    server_text: str,
) -> TPLinkLabError:
    known = codes.get(error_code) or Known(
        unknown,
        "",
        "",
        f"The code {error_code} is new to us; the server's words are all we know.",
    )
    text = server_text or known.message
    error = known.kind(
        f"{who} says {text!r} (error_code {error_code}).",
        call=call,
        cause=known.cause,
        next_step=known.next_step,
    )
    assert isinstance(error, CloudError | DeviceError)
    error.error_code, error.server_text = error_code, server_text
    return error
