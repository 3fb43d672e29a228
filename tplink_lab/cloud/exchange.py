"""What went over the wire, fit to be shown."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tplink_lab.cloud.apps import App
from tplink_lab.cloud.redact import redacted
from tplink_lab.cloud.secret import Secret

__all__ = ["Exchange", "ExchangeLog"]

PASSWORD = "cloudPassword"  # noqa: S105 - a name, no password
KEPT_EXCHANGES = 200
# One list of 10 000 devices is about 5 MB; two hundred of them would be a gigabyte.
KEPT_BYTES = 16 * 1024 * 1024


class Exchange:
    """One request and its answer, with every secret masked.

    Attributes
    ----------
    call : str
        The cloud's method, such as ``"getDeviceList"``.
    url : str
        The base URL it was sent to.
    verb, path : str
        ``POST`` and ``/`` for a classic call.
    query : str
        What the query held beside the token.
    auth : str
        Where the token went: ``"query"``, ``"header"``, or empty if there was none.
    signed_as : str
        The app whose keys signed it; empty if it was not signed.
    server_date : str
        The answer's ``Date`` header.
    request : dict
        The body that was sent.
    status : int or None
        The HTTP status; None if nothing came.
    error : str
        The name of the exception it ended in; empty if none.
    elapsed_ms : float
        From the first byte sent to the last received.
    at : datetime
        When it began (UTC).

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     info = cloud.device("Desk Lamp").info()
    ...     exchange = cloud.last_exchange
    >>> exchange.call, exchange.status, exchange.request["params"]["requestData"]
    ('passthrough', 200, '{"system":{"get_sysinfo":null}}')
    """

    def __init__(
        self,
        call: str,
        url: str,
        body: dict[str, Any],
        *,
        verb: str = "POST",
        path: str = "/",
        query: str = "",
        auth: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        sign_as: App | None = None,
        ca_file: str | None = None,
    ) -> None:
        self.call = call
        self.url = url
        self.verb = verb
        self.path = path
        self.query = query
        self.auth = auth
        self.signed_as = "" if sign_as is None else sign_as.name
        self.server_date = ""
        self.status: int | None = None
        self.error = ""
        self.elapsed_ms = 0.0
        self.at = datetime.now(UTC)
        self._headers = headers
        self._app = sign_as
        self._ca_file = ca_file
        # Masked when somebody looks, not on every call. Until then the raw text
        # sits in a Secret, which neither prints nor pickles.
        self._body = body
        self._raw = Secret("")
        self._known: tuple[Secret, ...] = ()

    def answered(
        self, status: int, text: Secret, elapsed_ms: float, known: tuple[Secret, ...]
    ) -> None:
        """Keep what came back; *known* are the secrets it may repeat."""
        self.status, self.elapsed_ms = status, elapsed_ms
        self._raw, self._known = text, known
        self.let_go()

    def let_go(self) -> None:
        """Keep nothing of a password, now that its call is over."""
        body = _without_password(self._body)
        if body is not self._body:
            # The answer is masked now, while what it may repeat is known.
            self._raw = Secret(json.dumps(self.answer))
            self._body, self._known = body, ()

    @property
    def size_bytes(self) -> int:
        """The memory that the answer's text takes."""
        return sys.getsizeof(self._raw.reveal())

    @property
    def request(self) -> dict[str, Any]:
        """The body that was sent, masked."""
        masked: dict[str, Any] = redacted(self._body, self._values())
        return masked

    @property
    def answer(self) -> Any:
        """The answer, masked: parsed JSON, or the text if it is none."""
        return redacted(_parsed(self._raw.reveal()), self._values())

    def _unmasked(self) -> dict[str, Any]:
        """Return all of it, secrets included, for a report that replaces them."""
        return {
            "at": self.at.isoformat(timespec="milliseconds"),
            "call": self.call,
            "verb": self.verb,
            "url": self.url,
            "path": self.path,
            "query": self.query,
            "signed_as": self.signed_as,
            "request": self._body,
            "status": self.status,
            "error": self.error,
            "elapsed_ms": round(self.elapsed_ms, 1),
            "server_date": self.server_date,
            "answer": _parsed(self._raw.reveal()),
            "known": list(self._known),
        }

    def as_curl(self, shell_name: str = "bash") -> str:
        """Return the same call as a command that can be pasted and run.

        The token is never in it: the command reads it from the environment
        variable ``TPL_TOKEN`` (``TPL_TAPO_TOKEN`` for the Thing API, which takes the
        Tapo app's; a password from ``TPL_PASSWORD``). While a command
        runs, its arguments, the token among them, can be seen in the list of
        processes of that machine; the ``"python"`` form has no such gap.

        Parameters
        ----------
        shell_name : {"bash", "cmd", "powershell", "python"}
            Where it will be pasted. ``"bash"`` also fits zsh; ``"powershell"``
            uses Invoke-RestMethod, which all its versions have.

        Returns
        -------
        str
            One command, ASCII only; its repr is the bare text.

        Raises
        ------
        BadInput
            If the shell is not one of those four, or the call is signed over a body
            that holds a secret: only ``"python"`` can sign that.
        """
        # Few calls are shown as a command: what that needs is not loaded before.
        from tplink_lab.cloud import shell

        line = shell.Line(
            self.url,
            self.request,
            verb=self.verb,
            path=self.path,
            query=self.query,
            auth=self.auth,
            headers=self._headers,
            # At the root TP-Link takes unsigned calls as well (protocol.md §3.1).
            sign_as=None if self.path == "/" else self._app,
            ca_file=self._ca_file,
        )
        return shell.command(shell_name, line)

    def _values(self) -> tuple[str, ...]:
        return tuple(secret.reveal() for secret in self._known)

    def _lines(self) -> tuple[str, str, str]:
        query = [self.query] if self.query else []
        query += ["token=[hidden]"] if self.auth == "query" else []
        target = f"{self.url}{self.path}" + ("?" + "&".join(query) if query else "")
        signed = self.signed_as and self.path != "/"
        outcome = self.error or f"HTTP {self.status}"
        return (
            f"{self.verb} {target}"
            + (f"  (signed as {self.signed_as})" if signed else ""),
            _pretty(self.request),
            f"{outcome}\n{_pretty(self.answer)}",
        )

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        import html  # only who shows one in a notebook pays for it

        where, request, answer = (html.escape(line) for line in self._lines())
        return (
            f"<div class='tplink-lab-exchange'><code>{where}</code>"
            f"<pre>{request}</pre><b>answer</b><pre>{answer}</pre></div>"
        )


class ExchangeLog:
    """The newest exchanges, bounded by their number and by the bytes of the answers.

    Of more, the oldest go; the newest stays, however large it is.

    Parameters
    ----------
    most : int
        The most exchanges kept.
    most_bytes : int
        The most memory that the answers' texts may take together.
    """

    def __init__(
        self, most: int = KEPT_EXCHANGES, most_bytes: int = KEPT_BYTES
    ) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._sizes: dict[Exchange, int] = {}
        self._bytes = 0
        self._guard = threading.Lock()

    def append(self, exchange: Exchange) -> None:
        """Keep an exchange that begins."""
        with self._guard:
            self._sizes[exchange] = 0
            self._trim()

    def weigh(self, exchange: Exchange) -> None:
        """Count the answer of an exchange, now that it has come."""
        with self._guard:
            # More than are kept may have begun while this one waited.
            if exchange in self._sizes:
                self._sizes[exchange] = exchange.size_bytes
                self._bytes += exchange.size_bytes
                self._trim()

    def _trim(self) -> None:
        while len(self._sizes) > self._most or (
            self._bytes > self._most_bytes and len(self._sizes) > 1
        ):
            self._bytes -= self._sizes.pop(next(iter(self._sizes)))

    def __len__(self) -> int:
        return len(self._sizes)

    def __iter__(self) -> Iterator[Exchange]:
        with self._guard:
            return iter(list(self._sizes))


def _without_password(body: dict[str, Any]) -> dict[str, Any]:
    """Return *body* with an empty Secret for a password; itself if it has none."""
    if PASSWORD in body:
        return {**body, PASSWORD: Secret("")}
    params = body.get("params")
    if isinstance(params, dict) and PASSWORD in params:
        return {**body, "params": _without_password(params)}
    return body


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _pretty(value: Any) -> str:
    # default=repr: a body that could not be sent is shown as well.
    return json.dumps(value, indent=1, ensure_ascii=False, default=repr)
