"""What can go wrong, widest first, and what to do about it.

::

    TPLinkLabError
    ├── BadInput             what was given cannot be used; nothing was sent
    │   ├── UntrustedHost    a token must not travel to this address
    │   ├── NoSuchDevice     no device, or more than one, has this name
    │   └── WriteRefused     read-only, or the device is protected
    ├── PracticeFailed       the practice cloud could not do what was asked
    ├── HistoryError         a history file cannot be opened, read or written
    │   └── HistoryLocked    another recorder or program holds it
    ├── CloudUnreachable     no answer: DNS, refused, dropped, bad certificate
    │   ├── CloudTimeout     no answer in time; a write may have happened
    │   └── UnusableAnswer   an answer, but not the cloud's: HTML, half of it …
    ├── CloudError           the cloud answered with an error_code other than 0
    │   ├── LoginRefused     e-mail, password, locked or unknown account
    │   │   └── SecondFactorNeeded   -20677, -23003: two-step verification
    │   ├── TokenRefused     -20651 …: log in again
    │   ├── RateLimited      -20004 …: wait
    │   ├── DeviceOffline    -20571: the service asked cannot reach the device
    │   ├── DeviceNotYours   -20580 …: no such device on this account
    │   └── RequestRefused   -10100, -20103 …: the request itself is wrong
    └── DeviceError          the device answered with an err_code other than 0
        └── NotSupported     it cannot do this: unknown module or method

Every one carries ``call`` (what was tried), ``cause`` (the likely reason) and
``next_step`` (what to do), and prints as one sentence for each. None carries a
token or a password.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "BadInput",
    "CloudError",
    "CloudTimeout",
    "CloudUnreachable",
    "DeviceError",
    "DeviceNotYours",
    "DeviceOffline",
    "HistoryError",
    "HistoryLocked",
    "LoginRefused",
    "NoSuchDevice",
    "NotSupported",
    "PracticeFailed",
    "RateLimited",
    "RequestRefused",
    "SecondFactorNeeded",
    "TPLinkLabError",
    "TokenRefused",
    "UntrustedHost",
    "UnusableAnswer",
    "WriteRefused",
    "cloud_error",
    "device_error",
]


class TPLinkLabError(Exception):
    """Any failure of tplink_lab; catch this one to catch them all.

    Parameters
    ----------
    what : str
        What happened, in one sentence.
    call : str
        What was tried, such as ``"getDeviceList"``; may be empty.
    cause : str
        The likely reason, in one sentence; may be empty.
    next_step : str
        What to do now, in one sentence; may be empty.
    """

    def __init__(
        self, what: str, *, call: str = "", cause: str = "", next_step: str = ""
    ) -> None:
        self.what = what
        self.call = call
        self.cause = cause
        self.next_step = next_step
        super().__init__(str(self))

    def __str__(self) -> str:
        sentences = (self.what, self.cause, self.next_step)
        text = " ".join(s for s in sentences if s)
        return f"{self.call}: {text}" if self.call else text

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword arguments would be lost by the default: errors cross process
        # borders in joblib and Dask.
        return (_rebuilt, (type(self), dict(self.__dict__)))


def _rebuilt(kind: type[TPLinkLabError], state: dict[str, Any]) -> TPLinkLabError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = (TPLinkLabError.__str__(error),)
    return error


class BadInput(TPLinkLabError, ValueError):
    """What was given cannot be used; nothing was sent."""


class UntrustedHost(BadInput):
    """A token or a password must not travel to this address."""


class NoSuchDevice(BadInput, LookupError):
    """No device, or more than one, answers to this name.

    ``near`` (tuple of str) holds the names that come close.
    """

    near: tuple[str, ...] = ()


class WriteRefused(BadInput):
    """The lab was opened read-only, or this device is protected."""


class PracticeFailed(TPLinkLabError):
    """The practice cloud could not do what was asked."""


class HistoryError(TPLinkLabError):
    """A history file cannot be opened, read or written.

    What was committed to it before is not touched.
    """


class HistoryLocked(HistoryError):
    """Another recorder, or another program, holds the history file."""


class CloudUnreachable(TPLinkLabError):
    """No answer came: name not found, refused, dropped, bad certificate."""


class CloudTimeout(CloudUnreachable):
    """No answer in time. A write may have happened: read back first."""


class UnusableAnswer(CloudUnreachable):
    """Something answered, but not as the cloud or a device does."""


class CloudError(TPLinkLabError):
    """The cloud answered with an error.

    Attributes
    ----------
    error_code : int
        The cloud's own number.
    server_text : str
        The cloud's own words; they may be translated, so never compare them.
    """

    error_code: int = 0
    server_text: str = ""


class LoginRefused(CloudError):
    """E-mail, password or account were not accepted."""


class SecondFactorNeeded(LoginRefused):
    """The account asks for a second factor, which this way cannot give."""


class TokenRefused(CloudError):
    """The token is expired, unknown or no longer valid."""


class RateLimited(CloudError):
    """Too many calls; wait."""


class DeviceOffline(CloudError):
    """The service that was asked cannot reach the device."""


class DeviceNotYours(CloudError):
    """The account has no such device."""


class RequestRefused(CloudError):
    """The cloud found the request itself wrong."""


class DeviceError(TPLinkLabError):
    """The device answered with an error.

    Attributes
    ----------
    error_code : int
        The device's ``err_code``.
    server_text : str
        The device's own words.
    """

    error_code: int = 0
    server_text: str = ""


class NotSupported(DeviceError):
    """The device cannot do this: it lacks the module or the method."""


class Known(NamedTuple):
    """One row of the catalogue."""

    kind: type[TPLinkLabError]
    message: str
    cause: str
    next_step: str


_LOGIN = "Log in again with tl.login(...)."
_RENEW = "Call cloud.renew(), or log in again with tl.login(...)."
_WAIT = "Stop calling, wait some minutes, then call less often."
_LIST = "Ask cloud.devices() which devices the account has."
_BODY = "Send the body as one JSON object; cloud.last_exchange.as_curl() shows how."

# Codes, texts and causes: protocol.md §7 (TP-Link's own 2014 list, and what the
# clients named there met). Where sources disagree the cause says so.
CLOUD_CODES: dict[int, Known] = {
    -10000: Known(
        RequestRefused,
        "Method Not Allowed",
        "The wrong HTTP verb or path was used.",
        "POST to the root path, as in https://wap.tplinkcloud.com/.",
    ),
    -10100: Known(
        RequestRefused,
        "JSON format error",
        "The body was empty or no JSON: in cmd.exe single quotes do not quote.",
        _BODY,
    ),
    -10101: Known(RequestRefused, "JSON body null", "The body was empty.", _BODY),
    -10200: Known(
        RateLimited,
        "IP requests out of rate limit",
        "Too many calls came from this address.",
        _WAIT,
    ),
    -10201: Known(
        RateLimited,
        "User requests out of rate limit",
        "Too many calls came from this account.",
        _WAIT,
    ),
    -20001: Known(
        RequestRefused,
        "Permission denied",
        "The account does not own the device, or shares it.",
        "Use the owner's account.",
    ),
    -20002: Known(
        CloudError,
        "Request timeout",
        "The device is slow, or has just dropped off the Wi-Fi.",
        "Read the device's state before trying once more.",
    ),
    -20004: Known(
        RateLimited,
        "API rate limit exceeded",
        "Too many calls, or a terminal UUID that many installations share.",
        _WAIT,
    ),
    -20103: Known(
        RequestRefused,
        "The method does not exist or is not available",
        "The method's name is misspelt, or the path is wrong.",
        "Check the spelling; getDeviceList and passthrough always exist.",
    ),
    -20104: Known(
        RequestRefused,
        "Parameter doesn't exist",
        "A parameter the method needs is missing.",
        "Compare the params with the method's description.",
    ),
    -20105: Known(
        RequestRefused,
        "Parameter has different type with value",
        "A number stands where text is due, or the reverse.",
        "requestData, for one, is text that holds JSON.",
    ),
    -20106: Known(
        RequestRefused, "Parameter out of range", "", "Check the parameter's range."
    ),
    -20107: Known(
        RequestRefused, "Parameter invalid", "", "Check the parameter's form."
    ),
    -20200: Known(
        LoginRefused,
        "Email format error",
        "The e-mail address is malformed.",
        "Check the address for blanks and typos.",
    ),
    -20212: Known(
        CloudError,
        "Incorrect service entry address",
        "The account lives in another region.",
        "Log in at the address that the answer names.",
    ),
    -20571: Known(
        DeviceOffline,
        "Device is offline",
        "It is unplugged or off the Wi-Fi; or another region's URL was asked; "
        "or it is a Tapo device, which this service cannot reach.",
        "Compare device.app_server_url with the URL that was asked.",
    ),
    -20580: Known(
        DeviceNotYours,
        "Account is not binded to the device",
        "The id is wrong, or the device was removed from the account.",
        _LIST,
    ),
    -20600: Known(
        LoginRefused,
        "Account not found",
        "A typo in the address, or an account of another region or app.",
        "Check the address in the official app.",
    ),
    -20601: Known(
        LoginRefused,
        "Incorrect email or password",
        "E-mail or password is wrong.",
        "Check both in the official app; after some wrong tries the account locks.",
    ),
    -20602: Known(
        LoginRefused,
        "Account is inactive",
        "The account was never confirmed.",
        "Follow the link in TP-Link's confirmation mail.",
    ),
    -20615: Known(
        LoginRefused,
        "Password format error",
        "The password has a length or characters that the cloud does not take.",
        "Try it in the official app.",
    ),
    -20651: Known(
        TokenRefused,
        "Token expired",
        "The token is too old, garbled, or missing from the URL.",
        _RENEW,
    ),
    -20652: Known(
        TokenRefused, "Token incorrect", "The token was not copied whole.", _RENEW
    ),
    -20655: Known(
        TokenRefused, "Refresh token expired", "The refresh token is too old.", _LOGIN
    ),
    -20656: Known(
        TokenRefused,
        "Refresh token incorrect",
        "The refresh token is not the one given to this terminal.",
        _LOGIN,
    ),
    -20661: Known(
        LoginRefused,
        "Account is locked",
        "Too many wrong passwords.",
        "Wait, or reset the password in the official app; do not try again now.",
    ),
    -20675: Known(
        TokenRefused,
        "Account login in other places",
        # ENUM and KasaSim say so; piekstra's and others' clients read "locked"
        # or "token invalid" (protocol.md §10.1). Unverified.
        "The session has ended, perhaps because of newer logins.",
        "Log in once; if the login itself gives this, stop.",
    ),
    -20677: Known(
        SecondFactorNeeded,
        "MFA required",
        "Two-step verification is on, or this terminal is new.",
        "Log in to an account without it, or switch it off in the official app.",
    ),
    -23001: Known(
        SecondFactorNeeded,
        "App not found",
        "The account has two-step verification, which the classic login cannot answer.",
        "Log in to an account without it, or switch it off in the official app.",
    ),
    -23003: Known(
        SecondFactorNeeded,
        "App version is too old",
        "The account has two-step verification, which the classic login cannot answer.",
        "Log in to an account without it, or switch it off in the official app.",
    ),
}

# Codes of an IOT device's err_code: protocol.md §5.1.
IOT_CODES: dict[int, Known] = {
    code: Known(NotSupported, text, "The device lacks this.", "device.info() tells.")
    for code, text in {
        -1: "module not support",
        -2: "member not support",
        -2000: "Method not support",
        -2001: "Module not support",
        -10008: "Unsupported API call.",
    }.items()
} | {
    code: Known(DeviceError, text, cause, next_step)
    for code, text, cause, next_step in (
        (-3, "invalid argument", "A value is outside its range.", "Check the value."),
        (-5, "not enough memory", "The device is short of memory.", "Restart it."),
        (-7, "unknown error", "The device gives no reason.", "Try again later."),
        (-10, "table is full", "The device keeps no more rules.", "Delete one first."),
        (-14, "entry not exist", "No such outlet or rule.", "Read the list again."),
        (-10000, "Invalid input argument", "A value is wrong.", "Check the value."),
        (-10002, "Missing neccesary argument", "One is missing.", "Add it."),
    )
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
    >>> type(error).__name__, error.next_step
    ('TokenRefused', 'Call cloud.renew(), or log in again with tl.login(...).')
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
