"""Take out of a report whatever names a person or a home, but keep it joinable.

Equal values get equal names, so that one can still see that two calls used one token
or asked one device. The names tell nothing about the values.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, quote_plus

from tplink_lab.cloud.redact import is_secret_key
from tplink_lab.cloud.secret import Secret

__all__ = ["Pseudonyms"]

# Field (lower case) to the word that stands for its values. On the wire (protocol.md
# §2 to §6), in the devices' answers (§5, §6.1) and in our own objects.
WORDS = {
    **dict.fromkeys(("mfaprocessid", "code"), "code"),
    **dict.fromkeys(("terminaluuid", "terminalid", "termid"), "terminal"),
    **dict.fromkeys(("email", "cloudusername", "username", "owner"), "email"),
    **dict.fromkeys(("accountid", "account_id"), "account"),
    **dict.fromkeys(
        ("deviceid", "device_id", "thingname", "child_ids", "id", "parent_device_id"),
        "id",
    ),
    **dict.fromkeys(
        ("mac", "devicemac", "device_mac", "mic_mac", "ethernet_mac"), "mac"
    ),
    **dict.fromkeys(("ssid",), "ssid"),
    **dict.fromkeys(("alias", "nickname", "name"), "name"),
    **dict.fromkeys(("ip", "deviceip", "bssid"), "address"),
    **dict.fromkeys(
        ("latitude", "longitude", "latitude_i", "longitude_i", "location"), "place"
    ),
}
# Shorter ones are replaced as whole words only, and names always.
LEAST = 4
TEXTS_OF_JSON = frozenset({"requestData", "responseData"})


def word_for(key: str) -> str:
    """Return the word that stands for the values of a field; empty to keep them."""
    key = key.lower()
    if key in WORDS or not is_secret_key(key):
        return WORDS.get(key, "")
    return "token" if "token" in key else "password"


class Pseudonyms:
    """Names for values, handed out in the order in which the values are met.

    Examples
    --------
    >>> names = Pseudonyms()
    >>> names.learn({"alias": "Ada's lamp", "token": Secret("a1b2c3d4")})
    >>> names.apply({"token": "a1b2c3d4", "text": "Ada's lamp is off"})
    {'token': '[token 1]', 'text': '[name 1] is off'}
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        # As they were met: what folds to more letters is not found by its folding.
        self._spellings: set[str] = set()
        self._counts: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, value: Any, word: str = "") -> None:
        """Hand out names for what stands in the telling fields of *value*."""
        if isinstance(value, Secret):
            self._name(value.reveal(), word or "secret")
        elif isinstance(value, dict):
            for key, item in value.items():
                self.learn(item, word_for(str(key)))
        elif isinstance(value, list | tuple):
            for item in value:
                self.learn(item, word)
        elif isinstance(value, str):
            if word:
                self._name(value, word)
            inner = _json_in(value)
            if inner is not None:
                self.learn(inner)

    def replace_by(self, text: str, name: str) -> None:
        """Give *text* this very name, wherever it stands."""
        self._names[text.casefold()] = name
        self._pattern = None

    def apply(self, value: Any, word: str = "") -> Any:
        """Return a copy of *value* in which every known value is replaced.

        Text that should hold JSON and does not is left out, for nobody can tell what
        its fields are.
        """
        if isinstance(value, Secret):
            return self._names.get(value.reveal().casefold(), "[hidden]")
        if isinstance(value, dict):
            return {
                self._key(str(key)): (
                    self._wrapped(item)
                    if key in TEXTS_OF_JSON
                    else self.apply(item, word_for(str(key)))
                )
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.apply(item, word) for item in value]
        if isinstance(value, str):
            return self._text(value)
        if word == "place" and isinstance(value, int | float):
            return 0
        return value

    def _wrapped(self, value: Any) -> Any:
        if not isinstance(value, str):
            return self.apply(value)
        inner = _json_in(value)
        if inner is None:
            return f"[{len(value)} letters that are not JSON]"
        return json.dumps(self.apply(inner), separators=(",", ":"))

    def _key(self, key: str) -> str:
        # Some answers have ids for keys; a device called "error" changes no key.
        name = self._names.get(key.casefold(), key)
        return name if name.startswith(("[id", "[mac", "[email", "[token")) else key

    def _name(self, text: str, word: str) -> None:
        known = text.casefold()
        if not text or known in self._names or set(text) <= set("0-:"):
            return
        self._counts[word] = self._counts.get(word, 0) + 1
        name = f"[{word} {self._counts[word]}]"
        self._pattern = None
        self._names[known] = name
        self._spellings.add(text)
        # As it would stand in a URL.
        self._names.setdefault(quote(text, safe="").casefold(), name)
        self._names.setdefault(quote_plus(text).casefold(), name)

    def _text(self, text: str) -> str:
        whole = self._names.get(text.casefold())
        if whole is not None:
            return whole
        if self._pattern is None:
            # Longest first: an outlet's id begins with its strip's.
            known = sorted({*self._names, *self._spellings}, key=len, reverse=True)
            parts = [
                rf"(?<!\w){re.escape(text)}(?!\w)"
                if self._names[text.casefold()].startswith("[name") or len(text) < LEAST
                else re.escape(text)
                for text in known
            ]
            self._pattern = re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)
        return self._pattern.sub(
            lambda match: self._names.get(match[0].casefold(), "[hidden]"), text
        )


def _json_in(text: str) -> Any:
    """Return the JSON that *text* holds, as requestData and responseData do."""
    if text.strip().startswith(("{", "[")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    return None
