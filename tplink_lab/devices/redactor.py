"""Fakes for whatever tells whose device it is, so that a snapshot may travel.

The same original gets the same fake, so ids still join; a fake gets itself, so a
snapshot of a snapshot is equal to it. Fakes begin in a way that no real value does.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tplink_lab.cloud.redact import is_secret_key
from tplink_lab.devices.names import decoded

__all__ = ["Redactor"]

ID_MARK = "FA4EFA4E"
MAC_MARK = "020000"  # locally administered: no maker has it
# 32 or 40 digits; 42 for an outlet.
_FAKE_ID = re.compile(ID_MARK + r"(?:[0-9A-F]{24}|[0-9A-F]{32}(?:[0-9A-Fa-f]{2})?)")
_FAKE_MAC = re.compile(MAC_MARK + r"[0-9A-F]{6}")
_FAKE_NAME = re.compile(r"(?:Name|Rule|Wi-Fi) [0-9A-F]{6}")
_FAKE_EMAIL = re.compile(r"owner-[0-9a-f]{6}@example\.com")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HEX_ID = re.compile(
    r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{40,42}|[0-9A-Fa-f]{32})(?![0-9A-Fa-f])"
)
_MAC = re.compile(
    r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}"
    r"(?![0-9A-Fa-f])"
)
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
NO_IP = "192.0.2.1"  # set aside for documents (RFC 5737)

# key, in lower case and without _ -> what it holds
_HELD = {
    "name": "alias devicealias nickname familyname roomname",
    "ssid": "ssid bssid",
    "mac": "mac micmac devicemac macaddr macaddress",
    "email": "username email cloudusername owner account",
    "id": "deviceid devid hwid oemid fwid parentdeviceid originaldeviceid familyid "
    "roomid thingname barcode boardsn customsn serialnumber",
    "ip": "ip ipaddr ipaddress",
    "place": "latitude longitude latitudei longitudei lat lon lng",
    "text": "location address city street zipcode key",
}
_KINDS = {key: kind for kind, keys in _HELD.items() for key in keys.split()}
# Values under these come from a maker's list; an alias such as "none" leaves them be.
_FIXED_KEYS = """
    activemode avatar category ctrlprotocols devicehwver devicemodel devicetype
    devstate discover eaction errmsg etype feature fwreleasedate fwver hwver lang
    ledrule ledstatus mictype mode model modelname obdsrc region specs status stype
    swver tempunit type
"""
_FIXED = frozenset(_FIXED_KEYS.split())
_SHORTEST = 3


class Redactor:
    """Replaces ids, names, addresses and places, always the same way.

    Parameters
    ----------
    salt : str, optional
        Makes the fakes of one redactor unlike those of another; random if left out.
        Use one redactor for several snapshots whose ids shall join.

    Examples
    --------
    >>> redactor = Redactor(salt="lesson")
    >>> fake = redactor.clean({"alias": "Ada's lamp", "latitude_i": 514800})
    >>> fake["alias"], fake["latitude_i"]
    ('Name CCD2B5', 0)
    >>> redactor.clean(fake) == fake
    True
    """

    def __init__(self, salt: str | None = None) -> None:
        self._salt = salt if salt is not None else secrets.token_hex(16)
        # original -> fake: for finding them inside other texts
        self._known: dict[str, str] = {}

    def clean(self, value: Any) -> Any:
        """Return a copy of *value* in which nothing of the original is left.

        First by key, then by value: what was found under a key is looked for in
        every other text and key.
        """
        return self._by_value(self._by_key(value, "", ()), "")

    def __repr__(self) -> str:
        return f"<Redactor with {len(self._known)} fakes>"

    # -- by key ----------------------------------------------------------------------

    def _by_key(self, value: Any, key: str, path: tuple[str, ...]) -> Any:
        if isinstance(value, Mapping):
            return {
                k: self._by_key(v, str(k), (*path, str(k))) for k, v in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._by_key(item, key, path) for item in value]
        bare = key.replace("_", "").replace(".", "").lower()
        kind = _KINDS.get(bare) or ("text" if is_secret_key(bare) else None)
        if bare == "name" and "rule_list" in path:
            kind = "rule"
        elif bare == "devicename" and "basic_info" in path:
            kind = "name"  # a camera's own; in a row it is the product's
        elif bare == "id" and isinstance(value, str):
            # An outlet's, a rule's; those of effects are the maker's own.
            kind = "id" if _HEX_ID.fullmatch(value) else None
        if kind == "place":
            return 0 if isinstance(value, int | float) else ""
        if kind == "text":
            return "" if isinstance(value, str) else value
        if kind is None or not isinstance(value, str):
            return value
        return self._fake(kind, value)

    def _fake(self, kind: str, value: str) -> str:
        if kind == "ip":
            return NO_IP if value else ""
        make: dict[str, Callable[[str], str]] = {
            "id": self._id,
            "mac": self._mac,
            "email": self._email,
            "name": lambda text: self._name("Name", text),
            "rule": lambda text: self._name("Rule", text),
            "ssid": lambda text: self._name("Wi-Fi", text),
        }
        fake = make[kind](value)
        if fake != value and len(value) >= _SHORTEST:
            self._known[value] = fake
        return fake

    def _hash(self, kind: str, value: str) -> str:
        text = f"{self._salt}/{kind}/{value}"
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest().upper()

    def _id(self, value: str) -> str:
        bare = value.strip()
        if not bare.strip("0") or _FAKE_ID.fullmatch(bare):
            return value
        if len(bare) in (41, 42):
            # An outlet's: the device's own, and its number.
            return self._id(bare[:40]) + bare[40:]
        length = len(bare) if len(bare) in (32, 40) else 40
        return (ID_MARK + self._hash("id", bare.upper()))[:length]

    def _mac(self, value: str) -> str:
        bare = re.sub("[^0-9A-Fa-f]", "", value).upper()
        if not bare.strip("0") or bare.startswith(MAC_MARK):
            return value
        fake = MAC_MARK + self._hash("mac", bare)[:6]
        sign = next((c for c in value if c in ":-"), "")
        found = sign.join(fake[i : i + 2] for i in range(0, 12, 2))
        for form in ("", ":", "-"):
            told = form.join(bare[i : i + 2] for i in range(0, len(bare), 2))
            self._known[told] = form.join(fake[i : i + 2] for i in range(0, 12, 2))
        return found

    def _email(self, value: str) -> str:
        if not value or _FAKE_EMAIL.fullmatch(value):
            return value
        return f"owner-{self._hash('email', value.lower())[:6].lower()}@example.com"

    def _name(self, word: str, value: str) -> str:
        plain = decoded(value)
        if plain != value:
            fake = self._name(word, plain)
            if len(plain) >= _SHORTEST and fake != plain:
                self._known[plain] = fake
            return base64.b64encode(fake.encode()).decode("ascii")
        if _FAKE_NAME.fullmatch(value):
            return value
        if not value and word != "Name":
            return value
        # An empty alias gets one too: a home would give it a name of its own.
        return f"{word} {self._hash('name', value)[:6]}"

    # -- by value --------------------------------------------------------------------

    def _by_value(self, value: Any, key: str) -> Any:
        if isinstance(value, Mapping):
            # Names of modules and methods are keys too: an alias leaves them be.
            return {
                self._patterns(str(k)): self._by_value(v, str(k))
                for k, v in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._by_value(item, key) for item in value]
        bare = key.replace("_", "").lower()
        if not isinstance(value, str) or bare in _FIXED:
            return value
        return self._text(value)

    def _patterns(self, text: str) -> str:
        text = _HEX_ID.sub(lambda m: self._id(m[0]), text)
        text = _MAC.sub(lambda m: self._mac(m[0]), text)
        text = _EMAIL.sub(lambda m: self._email(m[0]), text)
        return _IP.sub(NO_IP, text)

    def _text(self, text: str) -> str:
        if _is_fake(text):
            # A short name could be found inside its digits.
            return text
        text = self._patterns(text)
        # The longest first, for one name may begin another.
        for known in sorted(self._known, key=len, reverse=True):
            # No backslash is in a fake, so it stands for itself.
            text = re.sub(re.escape(known), self._known[known], text, flags=re.I)
        return text


def _is_fake(text: str) -> bool:
    plain = decoded(text)
    return bool(
        _FAKE_ID.fullmatch(text)
        or _FAKE_MAC.fullmatch(re.sub("[:-]", "", text))
        or _FAKE_NAME.fullmatch(plain)
        or _FAKE_EMAIL.fullmatch(text)
    )
