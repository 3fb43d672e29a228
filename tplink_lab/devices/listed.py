"""What the account's list says of a device: reading it asks nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tplink_lab.devices.names import plain_alias

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud

__all__ = ["Listed"]

_CAMERAS = ("SMART.IPCAMERA", "SMART.TAPODOORBELL")
_DIALECTS = {"IOT": "iot", "SMART": "smart"}


class Listed:
    """The attributes of a device that come from its row, and from its thing."""

    __slots__ = ()

    _cloud: Cloud
    row: dict[str, Any]
    thing: Mapping[str, Any] | None

    @property
    def device_id(self) -> str:
        """The id: 40 hexadecimal digits; the key for everything."""
        return str(self.row["deviceId"])

    @property
    def alias(self) -> str:
        """The name the owner gave it."""
        return plain_alias(self._text("alias"), self.dialect)

    @property
    def model(self) -> str:
        """The model with its region, such as ``"HS100(EU)"``."""
        return self._text("deviceModel")

    @property
    def device_type(self) -> str:
        """The cloud's type, such as ``"IOT.SMARTPLUGSWITCH"``."""
        return self._text("deviceType")

    @property
    def dialect(self) -> str:
        """How it is spoken to: ``"iot"`` (Kasa), ``"smart"`` (Tapo) or ``"other"``."""
        prefix = self.device_type.partition(".")[0]
        return _DIALECTS.get(prefix, "other")

    @property
    def is_camera(self) -> bool:
        """Whether it speaks the dialect of Tapo's cameras and doorbells (§4)."""
        return self.row.get("deviceType") in _CAMERAS

    @property
    def online(self) -> bool | None:
        """Whether the cloud says it is connected; None where nobody can know.

        For a Tapo device the Thing API's word counts. The classic list says 0 even
        while one is online (protocol.md §4), so that is not repeated.
        """
        source = self.row if self.dialect == "iot" else self.thing or {}
        status = source.get("status")
        if type(status) is not int or status not in (0, 1):
            return None
        return status == 1

    @property
    def app(self) -> str:
        """The app whose service answers for it: ``"kasa"`` or ``"tapo"``."""
        return "tapo" if self.dialect == "smart" else "kasa"

    @property
    def home(self) -> str:
        """The home it is in, as the Tapo app calls it; empty where nobody tells.

        The first time it is asked for any device, homes and rooms are fetched.
        """
        return self._place("familyId")

    @property
    def room(self) -> str:
        """The room it is in, as :attr:`home`."""
        return self._place("roomId")

    @property
    def app_server_url(self) -> str:
        """The URL to post its commands to: the article's question.

        Empty if the cloud gave none; then the entry URL is used.
        """
        return self._text("appServerUrl")

    @property
    def fw_ver(self) -> str:
        """The firmware string."""
        return self._text("fwVer")

    @property
    def hw_ver(self) -> str:
        """The hardware version, as text: ``"1.0"``."""
        return self._text("deviceHwVer")

    @property
    def is_protected(self) -> bool:
        """Whether the promise made at login forbids writing to it."""
        return self._cloud.guard.locks(self.device_id)

    def _place(self, key: str) -> str:
        found = (self.thing or {}).get(key)
        return self._cloud.place(found) if isinstance(found, str) and found else ""

    def _text(self, key: str) -> str:
        value = self.row.get(key)
        return value if isinstance(value, str) else ""
