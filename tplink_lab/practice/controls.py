"""The teacher's controls of the account: second factor, lock, region and spellings."""

from __future__ import annotations

from collections.abc import Collection

from .accounts import Account
from .errors import PracticeError
from .home import REGIONS
from .mfa import KINDS, Message, SecondFactor
from .signing import APPS, own_keys
from .trouble import Trouble, number
from .v2 import Forms


class AccountControls:
    """The part of `PracticeCloud` that troubles the account and its logins.

    Examples
    --------
    >>> from tplink_lab.practice import PracticeCloud
    >>> practice = PracticeCloud(now="2026-11-01T18:00:00+00:00")
    >>> practice.require_mfa()
    >>> practice.inbox()
    []
    >>> practice.stop_mfa()
    """

    _account: Account
    _mfa: SecondFactor
    _trouble: Trouble
    _forms: Forms

    @property
    def keys(self) -> dict[str, dict[str, str]]:
        """The practice cloud's own key pairs: app to `access_key` and `secret`.

        They are no secret, open nothing but a practice cloud, and never change.
        """
        return own_keys()

    # -- two-step verification -------------------------------------------------------

    def require_mfa(self, kinds: Collection[str] = ("email", "push")) -> None:
        """Ask for a code wherever a terminal is not bound; see `inbox`.

        Parameters
        ----------
        kinds : collection of {"email", "push"}
            How a code may be sent.
        """
        wanted = {kinds} if isinstance(kinds, str) else set(kinds)
        if not wanted or wanted - set(KINDS):
            raise PracticeError(
                f"require_mfa(kinds): expected 'email', 'push' or both, not {kinds!r}."
            )
        self._mfa.require(wanted)

    def stop_mfa(self) -> None:
        """Let the password alone do again."""
        self._mfa.on = False

    def inbox(self) -> list[Message]:
        """The mails that the account got, oldest first; each has a `code`."""
        return list(self._mfa.mails)

    def newest_code(self, challenge: object = None) -> str:
        """The code of the newest mail, in the place of who would read it.

        Fits where a client wants to be told whom to ask for the code.
        """
        mails = self.inbox()
        if not mails:
            raise PracticeError("No mail has come: there is no code to read.")
        return mails[-1].code

    def pushes(self) -> list[Message]:
        """What was pushed to bound terminals, oldest first; each has a `code`."""
        return list(self._mfa.pushes)

    def forget_terminals(self) -> None:
        """Unbind every terminal: the next login of each needs a code."""
        self._mfa.forget_terminals()

    # -- sessions and the lock -------------------------------------------------------

    def expire_refresh_token(self) -> None:
        """Let every refresh token grow too old (-20655)."""
        self._account.expire_grants()

    def evict(self) -> None:
        """End every session as if others had logged in since (-20675)."""
        self._account.evict()

    def lock_account(self, minutes: float = 2) -> None:
        """Refuse even the right password (-20661) for so much practice time."""
        self._account.lock(60 * number(minutes, "lock_account(minutes)"))

    def unlock_account(self) -> None:
        """Lift the lock, whoever caused it, and forget the wrong passwords."""
        self._account.unlock()

    def refuse_app(self, app: str, code: int = -20600) -> None:
        """Refuse every login to one app; undone by `calm`."""
        _one_of("refuse_app(app)", app, APPS)
        if isinstance(code, bool) or not isinstance(code, int) or code == 0:
            raise PracticeError(f"refuse_app(code): expected a code, not {code!r}.")
        self._trouble.refuse(app, code)

    def blacklist(self) -> None:
        """Answer every call with HTTP 403 in plain text; undone by `calm`."""
        self._trouble.blacklisted = True

    def move_account(self, region: str) -> None:
        """Let the account live in another region; its sessions go on."""
        _one_of("move_account(region)", region, REGIONS)
        self._account.region = region

    # -- spellings that differ from report to report ---------------------------------

    def nest_errors(self, nested: bool = True) -> None:
        """Whether a signed call's refusal rides inside a success, as it does today."""
        self._forms.nested = bool(nested)

    def code_type(self, kind: str = "text") -> None:
        """Write nested `errorCode` as "text" or as "number"."""
        _one_of("code_type(kind)", kind, ("text", "number"))
        self._forms.code_as_text = kind == "text"

    def mfa_spelling(self, name: str = "MFAProcessId") -> None:
        """Spell the id of a challenge; "mfaProcessId" also has its kinds by name."""
        _one_of("mfa_spelling(name)", name, ("MFAProcessId", "mfaProcessId"))
        self._forms.process_id = name

    def unknown_account_code(self, code: int = -20600) -> None:
        """Answer -20600 or -20601 to a name that has no account."""
        _one_of("unknown_account_code(code)", code, (-20600, -20601))
        self._account.unknown_code = code


def _one_of(what: str, value: object, known: Collection[object]) -> None:
    if value not in known:
        some = " or ".join(repr(one) for one in known)
        raise PracticeError(f"{what}: expected {some}, not {value!r}.")
