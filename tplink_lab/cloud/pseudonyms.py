"""Take out of a report whatever names a person or a home, but keep it joinable.

Equal values get equal names, so that one can still see that two calls used one token
or asked one device. The names tell nothing about the values.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tplink_lab.cloud.secret import Secret

__all__ = ["Pseudonyms"]

# Field (lower case) to the word that stands for its values. On the wire (protocol.md
# §2 to §6), in the devices' answers (§5, §6.1) and in our own objects.
WORDS = {
    **dict.fromkeys(("token", "refreshtoken", "accounttoken"), "token"),
    **dict.fromkeys(("cloudpassword", "password", "wpa_psk"), "password"),
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
# Shorter ones are replaced as whole words only.
LEAST = 4


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
        self._counts: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, value: Any, word: str = "") -> None:
        """Hand out names for what stands in the telling fields of *value*."""
        if isinstance(value, Secret):
            self._name(value.reveal(), word or "secret")
        elif isinstance(value, dict):
            for key, item in value.items():
                self.learn(item, WORDS.get(str(key).lower(), ""))
        elif isinstance(value, list | tuple):
            for item in value:
                self.learn(item, word)
        elif isinstance(value, str):
            inner = _json_in(value)
            if inner is not None:
                self.learn(inner)
            elif word:
                self._name(value, word)

    def apply(self, value: Any, word: str = "") -> Any:
        """Return a copy of *value* in which every known value is replaced."""
        if isinstance(value, Secret):
            return self._names.get(value.reveal(), "[hidden]")
        if isinstance(value, dict):
            return {
                self._text(str(key)): self.apply(item, WORDS.get(str(key).lower(), ""))
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.apply(item, word) for item in value]
        if isinstance(value, str):
            if word and value in self._names:
                return self._names[value]
            inner = _json_in(value)
            if inner is not None:
                return json.dumps(self.apply(inner), separators=(",", ":"))
            return self._text(value)
        if word == "place" and isinstance(value, int | float):
            return 0
        return value

    def _name(self, text: str, word: str) -> None:
        if not text or text in self._names or set(text) <= set("0-:"):
            return
        self._pattern = None
        self._counts[word] = self._counts.get(word, 0) + 1
        self._names[text] = f"[{word} {self._counts[word]}]"

    def _text(self, text: str) -> str:
        if text in self._names:
            return self._names[text]
        if self._pattern is None:
            # Longest first: an outlet's id begins with its strip's.
            known = sorted(self._names, key=len, reverse=True)
            parts = [
                re.escape(name)
                if len(name) >= LEAST
                else rf"(?<!\w){re.escape(name)}(?!\w)"
                for name in known
            ]
            self._pattern = re.compile("|".join(parts) or r"(?!)")
        return self._pattern.sub(lambda match: self._names[match[0]], text)


def _json_in(text: str) -> Any:
    """Return the JSON that *text* holds, as requestData and responseData do."""
    if text.startswith(("{", "[")) and text.endswith(("}", "]")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    return None
