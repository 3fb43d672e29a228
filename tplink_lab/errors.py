"""What can go wrong, widest first, and what to do about it.

::

    TPLinkLabError
    ├── BadInput             what was given cannot be used; nothing was sent
    │   ├── UntrustedHost    a token must not travel to this address
    │   ├── NoSuchDevice     no device, or more than one, has this name
    │   ├── SessionFileError a saved session cannot be read or written
    │   └── WriteRefused     read-only, protected, or a dangerous method
    ├── PracticeFailed       the practice cloud could not do what was asked
    ├── HistoryError         a history file cannot be opened, read or written
    │   └── HistoryLocked    another recorder or program holds it
    ├── CloudUnreachable     no answer: DNS, refused, dropped, bad certificate
    │   ├── CloudTimeout     no answer in time; a write may have happened
    │   └── UnusableAnswer   an answer, but not the cloud's: HTML, half of it …
    ├── CloudError           the cloud answered with an error_code other than 0
    │   ├── LoginRefused     e-mail, password, locked or unknown account
    │   │   ├── SecondFactorNeeded   -20677, -23003: two-step verification
    │   │   ├── WrongCode    -20607, -20676: the code is wrong, or too old
    │   │   └── WrongRegion  -20212: the account lives in another region
    │   ├── TokenRefused     -20651 …: log in again
    │   ├── RateLimited      -20004 …: wait
    │   ├── DeviceOffline    -20571: the service asked cannot reach the device
    │   ├── DeviceNotYours   -20580 …: no such device on this account
    │   └── RequestRefused   -10100, -20103 …: the request itself is wrong
    └── DeviceError          the device answered with an err_code other than 0
        ├── NotSupported     it cannot do this: unknown module or method
        │   └── NotReached   nobody can be asked: its service was not reached
        └── WriteNotFollowed it accepted a write, and then did not follow it
    AppNotLoggedIn           a warning: one of the two apps refused, the other works
    TapoNotReached           a warning: the service of Tapo devices cannot be asked

Every one carries ``call`` (what was tried), ``cause`` (the likely reason) and
``next_step`` (what to do), and prints as one sentence for each. None carries a
token or a password.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AppNotLoggedIn",
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
    "NotReached",
    "NotSupported",
    "PracticeFailed",
    "RateLimited",
    "RequestRefused",
    "SecondFactorNeeded",
    "SessionFileError",
    "TPLinkLabError",
    "TapoNotReached",
    "TokenRefused",
    "UntrustedHost",
    "UnusableAnswer",
    "WriteNotFollowed",
    "WriteRefused",
    "WrongCode",
    "WrongRegion",
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

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     try:
    ...         cloud.device("Ketle")
    ...     except tl.TPLinkLabError as error:
    ...         print(type(error).__name__, "|", error.next_step)
    NoSuchDevice | Did you mean 'Kettle'?
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
    """Read-only, a protected device, or a method that can do lasting harm."""


class SessionFileError(BadInput):
    """A saved session cannot be read, written or trusted; it was left as it is.

    ``newer`` (bool) tells whether a newer version of the lab wrote it.
    """

    newer: bool = False


class PracticeFailed(TPLinkLabError):
    """The practice cloud could not do what was asked."""


class HistoryError(TPLinkLabError):
    """A history file cannot be opened, read or written.

    What was committed to it before is not touched.
    """


class HistoryLocked(HistoryError):
    """Another recorder, or another program, holds the history file."""


class CloudUnreachable(TPLinkLabError):
    """No answer came: name not found, refused, dropped, bad certificate.

    ``reason`` (str) says which: ``"dns"``, ``"refused"``, ``"connect"``, ``"proxy"``,
    ``"certificate"``, ``"timeout"``, ``"dropped"`` or ``"answer"``.
    """

    reason: str = ""


class CloudTimeout(CloudUnreachable):
    """No answer in time. A write may have happened: read back first."""

    reason = "timeout"


class UnusableAnswer(CloudUnreachable):
    """Something answered, but not as the cloud or a device does."""

    reason = "answer"


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
    """E-mail, password or account were not accepted.

    Attributes
    ----------
    attempts_left : int or None
        How many more tries the account has, where the cloud tells.
    locked_minutes : int or None
        How long the account stays locked, where the cloud tells.
    """

    attempts_left: int | None = None
    locked_minutes: int | None = None


class SecondFactorNeeded(LoginRefused):
    """The account asks for a second factor.

    After a signed login the challenge waits: ``tl.resume(email, code="123456")``
    answers it, also after a restart of the kernel.
    """


class WrongCode(LoginRefused):
    """The code of the second factor is wrong, too old, used, or another terminal's."""


class WrongRegion(LoginRefused):
    """The account lives in another region.

    ``urls`` (tuple of str) holds the addresses that the cloud named.
    """

    urls: tuple[str, ...] = ()


class TokenRefused(CloudError):
    """The token is expired, unknown or no longer valid."""


class RateLimited(CloudError):
    """Too many calls; wait.

    ``wait_s`` (float) is how long to wait at least, in seconds. Unverified: TP-Link
    states no limits; it is what users found to work.
    """

    wait_s: float = 60.0


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
    """The device cannot do this: it lacks the module or the method.

    ``is_ours`` (bool) tells whether it is this version of the lab that cannot.
    """

    is_ours: bool = False


class NotReached(NotSupported):
    """The device is listed, but the service that answers for it was not reached."""

    is_ours = True


class WriteNotFollowed(DeviceError):
    """The device accepted a write, but reading back shows something else."""


class TapoNotReached(UserWarning):
    """The Thing API could not be asked: Kasa devices are listed, Tapo's are mute."""


class AppNotLoggedIn(UserWarning):
    """One of the phone apps refused the login, while the other works."""
