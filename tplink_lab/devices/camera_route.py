"""How a Tapo camera is reached where the Thing API does not list it.

The signed passthrough answers for cameras, and for cameras only: it calls plugs and
bulbs offline (protocol.md §6.2, route b).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tplink_lab.cloud import envelope
from tplink_lab.cloud.session import Session

__all__ = ["CameraRoute"]

PATH = "/api/v2/common/passthrough"


class CameraRoute:
    """Puts requests to one camera.

    Parameters
    ----------
    session : Session
        The Tapo app's.
    device_id : str
        The camera's id.
    """

    def __init__(self, session: Session, device_id: str) -> None:
        self._session = session
        self._device_id = device_id

    def ask(
        self, request: Mapping[str, Any], *, repeatable: bool = False
    ) -> Mapping[str, Any]:
        """Return the camera's answer, ``{"error_code": …, "result": …}``.

        It is sent once, whatever *repeatable* says.

        Raises
        ------
        DeviceOffline
            If the cloud cannot reach it.
        """
        body = {"deviceId": self._device_id, "requestData": dict(request)}
        result = self._session.signed(PATH, body)
        return envelope.read_device_answer(result, call=str(request.get("method")))
