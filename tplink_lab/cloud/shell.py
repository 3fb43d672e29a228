"""One call as a command for bash, cmd.exe, PowerShell or Python.

The article's command works in bash only: cmd.exe knows neither single quotes nor a
backslash at the end of a line, and PowerShell before 7.3 drops inner quotes
(protocol.md §2.5). Bodies are written in ASCII, with ``\\u`` escapes, so that no
code page can change them.
"""

from __future__ import annotations

import json
import pprint
import re
import secrets
import shlex
from collections.abc import Callable
from typing import Any

from tplink_lab.cloud.secret import MASK
from tplink_lab.errors import BadInput

__all__ = ["command"]

# The environment variable a command reads a masked field from.
VARIABLES = {
    "token": "TPL_TOKEN",
    "cloudPassword": "TPL_PASSWORD",
    "refreshToken": "TPL_REFRESH_TOKEN",
}
_PLAIN_URL = re.compile(r"https?://[\w.:\[\]-]+", re.ASCII)
# A mark that no body can hold by chance or by intent.
_MARK = f"@@{secrets.token_hex(8)}:"
_SPLIT = re.compile(f"({_MARK}[A-Z_]+@@)")


def command(
    shell: str, url: str, body: dict[str, Any], has_token: bool, ca_file: str | None
) -> str:
    """Return the call as one command for *shell*.

    Parameters
    ----------
    shell : {"bash", "cmd", "powershell", "python"}
        Where it will be pasted.
    url : str
        The base URL.
    body : dict
        The masked body; masked fields become variables.
    has_token : bool
        Whether the URL carries the token.
    ca_file : str or None
        The roots to check the server's certificate with, if not the public ones.
    """
    forms: dict[str, Callable[[str, dict[str, Any], bool, str | None], str]] = {
        "bash": _bash,
        "cmd": _cmd,
        "powershell": _powershell,
        "python": _python,
    }
    if not isinstance(shell, str) or shell not in forms:
        raise BadInput(
            f"There is no form for the shell {shell!r}.",
            next_step=f"Choose one of {', '.join(sorted(forms))}.",
        )
    return forms[shell](url, _marked(body), has_token, ca_file)


def _marked(value: Any, key: str = "") -> Any:
    """Return *value* with masked fields turned into marks that name a variable."""
    if isinstance(value, dict):
        return {k: _marked(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if value == MASK:
        return f"{_MARK}{VARIABLES.get(key, 'TPL_SECRET')}@@"
    return value


def _pieces(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the body as (text, variable) pairs, one of the two empty."""
    text = json.dumps(body, separators=(",", ":"))
    return [
        ("", piece.removeprefix(_MARK).removesuffix("@@"))
        if _SPLIT.fullmatch(piece)
        else (piece, "")
        for piece in _SPLIT.split(text)
        if piece
    ]


def _bash(url: str, body: dict[str, Any], has_token: bool, ca_file: str | None) -> str:
    target = f'{shlex.quote(f"{url}/?token=")}"$TPL_TOKEN"'
    if not has_token:
        target = shlex.quote(f"{url}/")
    elif _PLAIN_URL.fullmatch(url):
        target = f'"{url}/?token=$TPL_TOKEN"'  # the article's form
    data = "".join(
        f'"${name}"' if name else shlex.quote(text) for text, name in _pieces(body)
    )
    roots = f"--cacert {shlex.quote(ca_file)} " if ca_file else ""
    return (
        f"curl -sS {roots}-X POST {target} \\\n"
        f'  -H "Content-Type: application/json" \\\n'
        f"  -d {data}"
    )


def _cmd(url: str, body: dict[str, Any], has_token: bool, ca_file: str | None) -> str:
    # One line: a line pasted without its "^" continuation runs alone, which is how
    # the article's reader met -10100.
    query = "?token=%TPL_TOKEN%" if has_token else ""
    data = "".join(f"%{name}%" if name else text for text, name in _pieces(body))
    roots = f'--cacert "{ca_file}" ' if ca_file else ""
    return (
        f'curl -sS {roots}-X POST "{url}/{query}" '
        f'-H "Content-Type: application/json" -d {_cmd_argument(data)}'
    )


def _cmd_argument(text: str) -> str:
    r"""Return *text* quoted for curl.exe as started by cmd.exe.

    Two parsers read it. The C runtime takes ``\"`` for a quote and halves the
    backslashes in front of one; cmd.exe knows no backslash, so each ``\"`` switches
    its own quoting on or off, and ``& | < > ^ ( )`` would act in between: if there
    are any, every special character gets a caret instead.
    """
    escaped = re.sub(r'(\\*)"', r"\1\1\\" + '"', text)
    escaped = re.sub(r"(\\+)$", r"\1\1", escaped)
    argument = f'"{escaped}"'
    plain = re.sub("%TPL_[A-Z_]+%", "", argument)
    if not re.search(r"[&|<>^()%!]", plain):
        return argument
    return re.sub(
        r'%TPL_[A-Z_]+%|[&|<>^()%!"]',
        lambda m: m[0] if len(m[0]) > 1 else f"^{m[0]}",
        argument,
    )


def _powershell(
    url: str, body: dict[str, Any], has_token: bool, ca_file: str | None
) -> str:
    query = "?token=$env:TPL_TOKEN" if has_token else ""
    pieces = [
        f"$env:{name}" if name else "'" + text.replace("'", "''") + "'"
        for text, name in _pieces(body)
    ]
    data = pieces[0] if len(pieces) == 1 else "(" + " + ".join(pieces) + ")"
    note = (
        f"# first make Windows trust {ca_file}: this command takes no CA file\n"
        if ca_file
        else ""
    )
    return (
        f'{note}Invoke-RestMethod -Method Post -Uri "{url}/{query}" '
        f'-ContentType "application/json" -Body {data}'
    )


def _python(
    url: str, body: dict[str, Any], has_token: bool, ca_file: str | None
) -> str:
    literal = pprint.pformat(body, width=80, sort_dicts=False)
    data = re.sub(
        f"'{_MARK}([A-Z_]+)@@'", lambda m: f'os.environ["{m[1]}"]', ascii_only(literal)
    ).replace("\n", "\n    ")
    lines = ["import requests", "", "answer = requests.post(", f'    "{url}/",']
    if has_token:
        lines.append('    params={"token": os.environ["TPL_TOKEN"]},')
    lines.append(f"    json={data},")
    if ca_file:
        lines.append(f"    verify={ca_file!r},")
    lines += ["    timeout=20,", ")", "print(answer.text)"]
    if "os.environ" in "".join(lines):
        lines.insert(0, "import os\n")
    return "\n".join(lines)


def ascii_only(literal: str) -> str:
    """Return a Python literal with every other character escaped."""
    return literal.encode("ascii", "backslashreplace").decode("ascii")
