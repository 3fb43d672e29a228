"""The catalogue of codes: what each means, why it comes, what to do about it.

Codes, texts and causes: protocol.md §7 (TP-Link's own 2014 list, and what the clients
named there met), §5.1 for devices. Where sources disagree the cause says so.
"""

from __future__ import annotations

from typing import NamedTuple

from tplink_lab.errors import (
    CloudError,
    DeviceError,
    DeviceNotYours,
    DeviceOffline,
    LoginRefused,
    NotSupported,
    RateLimited,
    RequestRefused,
    SecondFactorNeeded,
    TokenRefused,
    TPLinkLabError,
    WrongCode,
    WrongRegion,
)

__all__ = ["CLOUD_CODES", "IOT_CODES", "SMART_CODES", "THING_CODES", "Known"]


class Known(NamedTuple):
    """One row of the catalogue.

    ``confidence``: 3, seen live by two or more independent sources; 2, by two sources
    of which one may be a program; 1, one source only.
    """

    kind: type[TPLinkLabError]
    message: str
    cause: str
    next_step: str
    confidence: int = 3


_LOGIN = "Log in again with tl.login(...)."
_RENEW = (
    "Log in again with tl.login(...). By hand: see that the token is whole, and its "
    "variable set in this very window."
)
_WAIT = "Stop calling, wait some minutes, then call less often."
_LIST = "Ask cloud.devices() which devices the account has."
_BODY = (
    'Send the body as one JSON object: cloud.last_exchange.as_curl("cmd"), or '
    '"powershell", or "bash", writes the command for your shell.'
)

CLOUD_CODES: dict[int, Known] = {
    -10000: Known(
        RequestRefused,
        "Method Not Allowed",
        "The wrong HTTP verb or path was used.",
        "POST to the root path, as in https://wap.tplinkcloud.com/.",
        confidence=2,
    ),
    -10100: Known(
        RequestRefused,
        "JSON format error",
        "The body was empty or no JSON, or its requestData is none: in cmd.exe single "
        "quotes do not quote, and PowerShell before 7.3 eats inner double quotes.",
        _BODY,
    ),
    -10101: Known(
        RequestRefused, "JSON body null", "The body was empty.", _BODY, confidence=1
    ),
    -10200: Known(
        RateLimited,
        "IP requests out of rate limit",
        "Too many calls came from this address.",
        _WAIT,
        confidence=1,
    ),
    -10201: Known(
        RateLimited,
        "User requests out of rate limit",
        "Too many calls came from this account.",
        _WAIT,
        confidence=1,
    ),
    -20001: Known(
        RequestRefused,
        "Permission denied",
        "The account does not own the device, or shares it.",
        "Use the owner's account.",
        confidence=1,
    ),
    -20002: Known(
        CloudError,
        "Request timeout",
        "The device is slow, or has just dropped off the Wi-Fi.",
        "Read the device's state before trying once more.",
        confidence=2,
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
        confidence=1,
    ),
    -20106: Known(
        RequestRefused,
        "Parameter out of range",
        "",
        "Check the parameter's range.",
        confidence=1,
    ),
    -20107: Known(
        RequestRefused,
        "Parameter invalid",
        "",
        "Check the parameter's form.",
        confidence=1,
    ),
    -20200: Known(
        LoginRefused,
        "Email format error",
        "The e-mail address is malformed.",
        "Check the address for blanks and typos.",
        confidence=1,
    ),
    -20212: Known(
        WrongRegion,
        "Incorrect service entry address",
        "The account lives in another region.",
        "tl.login(...) follows it once; by hand, log in at the address named.",
    ),
    -20571: Known(
        DeviceOffline,
        "Device is offline",
        "It is unplugged or off the Wi-Fi; or another region's URL was asked; "
        "or it is a Tapo device, which this service cannot reach.",
        "See that it has power and Wi-Fi. A Tapo device: log in to the Tapo app too. "
        "Else compare device.app_server_url with the URL that was asked.",
    ),
    -20580: Known(
        DeviceNotYours,
        "Account is not binded to the device",
        "The id is wrong, or the device was removed from the account.",
        _LIST,
        confidence=2,
    ),
    -20600: Known(
        LoginRefused,
        "Account not found",
        "A typo in the address, or an account of another region or app.",
        "Check the address in the official app.",
        confidence=2,
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
        confidence=1,
    ),
    -20615: Known(
        LoginRefused,
        "Password format error",
        "The password has a length or characters that the cloud does not take.",
        "Try it in the official app.",
        confidence=2,
    ),
    -20651: Known(
        TokenRefused,
        "Token expired",
        "The token is too old, garbled, or missing from the URL.",
        _RENEW,
    ),
    -20652: Known(
        TokenRefused,
        "Token incorrect",
        "The token was not copied whole.",
        _RENEW,
        confidence=2,
    ),
    -20655: Known(
        TokenRefused,
        "Refresh token expired",
        "The refresh token is too old.",
        _LOGIN,
        confidence=2,
    ),
    -20656: Known(
        TokenRefused,
        "Refresh token incorrect",
        "The refresh token is not the one given to this terminal.",
        _LOGIN,
        confidence=1,
    ),
    -20661: Known(
        LoginRefused,
        "Account is locked",
        "Too many wrong passwords.",
        "Wait, or reset the password in the official app; do not try again now.",
        confidence=2,
    ),
    -20607: Known(
        WrongCode,
        "Verification code error",
        "The code was mistyped.",
        "Read the newest mail and type its code again.",
        confidence=1,
    ),
    -20676: Known(
        WrongCode,
        "Verification code is ineffective",
        "The code is too old, was used before, or was sent to another terminal.",
        "Log in again for a new code; type it on the same machine.",
        confidence=1,
    ),
    -21001: Known(
        RateLimited,
        "Too many verification-code requests",
        "Codes were asked for too often.",
        "Wait some minutes, then log in once.",
        confidence=1,
    ),
    -20675: Known(
        TokenRefused,
        "Account login in other places",
        # ENUM and KasaSim say so; piekstra's and others' clients read "locked"
        # or "token invalid" (protocol.md §10.1). Unverified.
        "The session has ended, perhaps because of newer logins.",
        "Log in once; if the login itself gives this, stop.",
        confidence=2,
    ),
    -20677: Known(
        SecondFactorNeeded,
        "MFA required",
        "Two-step verification is on, or this terminal is new.",
        "Type the code from the mail; later: tl.resume(email, code=...).",
    ),
    -23001: Known(
        SecondFactorNeeded,
        "App not found",
        "The account has two-step verification, which the classic login cannot answer.",
        "Leave out protocol='v1': the signed login asks for the code.",
    ),
    -23003: Known(
        SecondFactorNeeded,
        "App version is too old",
        "The account has two-step verification, which the classic login cannot answer.",
        "Leave out protocol='v1': the signed login asks for the code.",
    ),
}

# Known by name only, from TP-Link's own list of 2014: no report of a user was read.
_BY_NAME = "Only TP-Link's list of 2014 names it."
CLOUD_CODES |= {
    code: Known(kind, message, cause or _BY_NAME, next_step, confidence=1)
    for code, kind, message, cause, next_step in (
        (-1, CloudError, "Unknown error", "", "Try again later."),
        (-20000, CloudError, "Server internal error", "", "Try again later."),
        (-20003, RateLimited, "Server is busy", "", _WAIT),
        (-20100, RequestRefused, "JSON id parse error", "", _BODY),
        (-20500, RequestRefused, "Device id format error", "", _LIST),
        (-20501, DeviceNotYours, "Device id not found", "", _LIST),
        (-20506, DeviceNotYours, "Device is bound to another account", "", _LIST),
        (-20507, DeviceNotYours, "Device is not bound", "", _LIST),
        (-20572, RequestRefused, "Alias format error", "", "Choose another name."),
        (-20662, RateLimited, "Device is locked by code requests", "", _WAIT),
        (-51215, CloudError, "Device timeout", "", "Read its state, then try again."),
    )
}

# Codes of the Thing API, under HTTP 4xx: protocol.md §6.2 and §7.
THING_CODES: dict[int, Known] = {
    401: Known(
        TokenRefused, "Unauthorized", "The token is missing or too old.", _RENEW, 2
    ),
    400: Known(
        RequestRefused,
        "MODEL_SCHEMA_CHECK_FAILED",
        "The method is not in the schema of the device's model.",
        "Ask for something that this model has; device.capabilities lists it.",
        1,
    ),
    11000: Known(
        RequestRefused,
        "Update version is smaller than present version",
        "Somebody else changed the device since it was read.",
        "Read it again, then write.",
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


# Codes of a SMART device's error_code: protocol.md §6.1. Where only a range is known
# (-18xx, -19xx, -22xx) its first hundred stands for it in _SMART_RANGES.
_AGAIN = "Try again in a moment."
SMART_CODES: dict[int, Known] = {
    code: Known(NotSupported, text, "The device lacks this.", "device.info() tells.")
    for code, text in {
        -1002: "unknown method",
        -40101: "unsupported by this camera",
        -40106: "unsupported by this camera",
        -71114: "no SD card",
    }.items()
} | {
    code: Known(DeviceError, text, cause, next_step)
    for code, text, cause, next_step in (
        (-1, "common failure", "The device gives no reason.", _AGAIN),
        (-1001, "unspecific error", "The device gives no reason.", _AGAIN),
        (-1003, "JSON decode failed", "It was asked as a Kasa device.", _LIST),
        (-1008, "parameter error", "A value is outside its range.", "Check the value."),
        (-1010, "bad key", "The session's key is wrong.", _LOGIN),
        (-1101, "session error", "The session has ended.", _AGAIN),
        (-1301, "device busy", "It was asked too often.", "Ask it less often."),
        (
            -1302,
            "next event error",
            "Its rules cannot be reckoned.",
            "Check the rules.",
        ),
        (-1401, "firmware error", "The update service refused.", "Try again later."),
        (-1501, "login error", "The device refuses the credentials.", _LOGIN),
        (-1601, "time error", "The device's clock is wrong.", "Set its time zone."),
        (-1701, "wireless error", "The Wi-Fi module refused.", "Check its Wi-Fi."),
        (-1802, "schedule is full", "It keeps no more rules.", "Delete one first."),
        (-1803, "schedule conflict", "Two rules collide.", "Change one of them."),
        (-2101, "account error", "It belongs to another account.", _LIST),
        (
            -40209,
            "bad arguments",
            "The camera finds a value wrong.",
            "Check the value.",
        ),
        (-40401, "session expired", "The camera's session has ended.", _AGAIN),
        (-64304, "motor limit", "The camera can turn no further.", "Turn it back."),
        (9999, "session expired", "The local session has ended.", _AGAIN),
    )
}
