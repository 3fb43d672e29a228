"""Sign a request as the phone apps do; no I/O (protocol.md §3.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid

from tplink_lab.cloud.apps import App

__all__ = ["TIMESTAMP", "signed_headers"]

# The apps send this literal in place of a time; a real time works as well.
TIMESTAMP = "9999999999"


def signed_headers(
    app: App,
    body: bytes,
    path: str,
    *,
    nonce: str | None = None,
    timestamp: str = TIMESTAMP,
) -> dict[str, str]:
    """Return the two headers that sign *body* for *path*.

    Parameters
    ----------
    app : App
        Whose key pair signs.
    body : bytes
        Exactly what is sent.
    path : str
        Without host and query; ``"/"`` at the root.
    nonce : str, optional
        A random UUID by default.
    timestamp : str
        The constant of the apps by default.

    Returns
    -------
    dict of str
        ``Content-MD5`` and ``X-Authorization``.

    Examples
    --------
    >>> app = App("kasa", "Kasa", "1", "key", "secret", "https://wap.tplinkcloud.com")
    >>> signed_headers(app, b"{}", "/", nonce="1")["Content-MD5"]
    'mZFLkyvTelC5g8XnyQrpOw=='
    """
    nonce = nonce or str(uuid.uuid4())
    # MD5 and SHA-1 are what the protocol asks for; they guard no secret of ours.
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    content_md5 = base64.b64encode(digest).decode("ascii")
    text = f"{content_md5}\n{timestamp}\n{nonce}\n{path}"
    signature = hmac.new(app.secret_key.encode(), text.encode(), "sha1").hexdigest()
    return {
        "Content-MD5": content_md5,
        "X-Authorization": f"Timestamp={timestamp}, Nonce={nonce}, "
        f"AccessKey={app.access_key}, Signature={signature}",
    }
