"""Whose certificates are believed: public roots, or two roots of TP-Link's own.

Most hosts have a public certificate. The others (``n-…``, the Thing API) show one of
TP-Link's private CA, which no system knows. For just those hosts exactly two roots
are accepted, told by their SHA-256 (protocol.md §1.1). They do not ship with the lab:
they come from a file that the user names, or from the package ``tplink-cloud-api``
where it is installed. Checking is never switched off: a login carries the password.
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from importlib.util import find_spec
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from tplink_lab.errors import BadInput

__all__ = [
    "PRIVATE_CA_VARIABLE",
    "ROOTS",
    "find_private_roots",
    "private_context",
    "public_context",
]

PRIVATE_CA_VARIABLE = "TPLINK_LAB_PRIVATE_CA"
# SHA-256 of the DER form: byte-identical in the bundles of two independent clients.
ROOTS = {
    "8b54f0364e840fb010d517324725f0d30245d35b45f9be4b6e50b84f03fdec19": "tp-link-CA",
    "8d27224dac20c2db8a380e3103b4e383c481ee41b681908579aee416761da289": (
        "TP-Link Cloud Root CA"
    ),
}
_PEM = re.compile(
    r"-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----"
)


def public_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return the context for hosts with a public certificate.

    Parameters
    ----------
    ca_file : str, optional
        The roots in place of the public ones. Without it ``REQUESTS_CA_BUNDLE`` and
        ``CURL_CA_BUNDLE`` count, as they do for ``requests``.

    Raises
    ------
    BadInput
        If the file cannot be used.
    """
    roots = (
        ca_file
        or os.environ.get("REQUESTS_CA_BUNDLE")
        or os.environ.get("CURL_CA_BUNDLE")
        or DEFAULT_CA_BUNDLE_PATH
    )
    try:
        if Path(roots).is_dir():
            return ssl.create_default_context(capath=roots)
        return ssl.create_default_context(cafile=roots)
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or exc
    raise BadInput(
        f"The CA file {roots!r} cannot be used: {why}.",
        next_step="Give the path of a PEM file with the root certificates.",
    )


def find_private_roots() -> Path | None:
    """Return the file that holds TP-Link's private roots, if there is one.

    ``TPLINK_LAB_PRIVATE_CA`` names it; else the package ``tplink-cloud-api`` brings
    one, which is read and not imported.
    """
    named = os.environ.get(PRIVATE_CA_VARIABLE)
    if named:
        return Path(named)
    spec = find_spec("tplinkcloud")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        file = Path(folder) / "certs" / "tplink-ca-chain.pem"
        if file.is_file():
            return file
    return None


def private_context(file: Path, roots: dict[str, str] = ROOTS) -> ssl.SSLContext:
    """Return a context that believes TP-Link's own roots and no other.

    Parameters
    ----------
    file : Path
        Certificates in PEM; whatever is not one of *roots* is left out.
    roots : dict of str
        SHA-256 of a certificate to its name.

    Raises
    ------
    BadInput
        If the file cannot be read or holds none of the roots.
    """
    try:
        text = file.read_text("utf-8", "replace")
    except OSError as exc:
        text = ""
        problem = f"cannot be read: {exc.strerror}"
    else:
        problem = "holds neither of TP-Link's two root certificates"
    pems = [pem for pem in _PEM.findall(text) if _sha256(pem) in roots]
    if not pems:
        raise BadInput(
            f"The file {str(file)!r} {problem}.",
            cause="They are told by their SHA-256: " + ", ".join(roots) + ".",
            next_step='Run pip install "tplink-lab[private-ca]", or let '
            f"{PRIVATE_CA_VARIABLE} name a PEM file that holds them.",
        )
    # Checks names and certificates by default; knows no other root.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata="\n".join(pems))
    return context


def _sha256(pem: str) -> str:
    try:
        der = ssl.PEM_cert_to_DER_cert(pem)
    except ValueError:
        return ""
    return hashlib.sha256(der).hexdigest()
