"""A throwaway certificate authority, for clients that insist on https."""

from __future__ import annotations

import ssl
from pathlib import Path

from .errors import PracticeError

NAMES = (
    "127.0.0.1",
    "localhost",
    "::1",
    "wap.tplinkcloud.com",
    "*.tplinkcloud.com",
    "*.i.tplinkcloud.com",
    "*.iot.i.tplinkcloud.com",
    "*.tplinknbu.com",
    "*.iot.i.tplinknbu.com",
)


def throwaway_authority(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context for `NAMES`, and the file that a client has to trust.

    Only the authority's certificate is written, as `ca.pem`. Its key never leaves this
    process; the server's key passes through a file of the system's own temporary
    folder that only this user can read, and is gone when this returns.
    """
    try:
        import trustme
    except ImportError:
        raise PracticeError(
            "Serving https needs trustme: python -m pip install 'tplink-lab[tls]'."
        ) from None
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    ca_file = folder / "ca.pem"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        authority.cert_pem.write_to_path(str(ca_file))
    except OSError as reason:
        raise PracticeError(
            f"The certificate cannot be written to {ca_file}: {reason.strerror}."
        ) from None
    return context, ca_file
