"""One call as a command for bash, cmd.exe, PowerShell or Python.

The article's command works in bash only: cmd.exe knows neither single quotes nor a
backslash at the end of a line, and PowerShell before 7.3 drops inner quotes
(protocol.md §2.5). Bodies are written in ASCII, with ``\\u`` escapes, so that no
code page can change them.
"""

from __future__ import annotations

import json
import os
import pprint
import re
import secrets
import shlex
from collections.abc import Callable
from typing import Any, NamedTuple

from tplink_lab.cloud.apps import App
from tplink_lab.cloud.secret import MASK
from tplink_lab.cloud.signing import TIMESTAMP, signed_headers
from tplink_lab.errors import BadInput

__all__ = ["Command", "Line", "command"]

# The environment variable a command reads a masked field from.
VARIABLES = {
    "token": "TPL_TOKEN",
    "cloudPassword": "TPL_PASSWORD",
    "refreshToken": "TPL_REFRESH_TOKEN",
    "code": "TPL_CODE",
    "MFAProcessId": "TPL_MFA_PROCESS_ID",
}
# What people choose for themselves, in any characters.
TYPED = ("TPL_PASSWORD",)
_LOOPBACK = re.compile(r"https?://(127\.[\d.]+|localhost|\[::1\])(?=[:/]|$)")
_PLAIN_PATH = re.compile(r"/[\w/.-]*", re.ASCII)
_PLAIN_URL = re.compile(r"https?://[\w.:\[\]-]+", re.ASCII)
# A mark that no body can hold by chance or by intent.
_MARK = f"@@{secrets.token_hex(8)}:"
_SPLIT = re.compile(f"({_MARK}[A-Z_]+@@)")


class Command(str):
    """A command. As a cell's value it shows as it is to be pasted, not as a literal."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Line(NamedTuple):
    """A call, before it is put into a shell's words.

    Attributes
    ----------
    url : str
        The base URL.
    body : dict
        The masked body; masked fields become variables.
    verb, path, query : str
        As on the wire; *query* without the token.
    auth : str
        ``"query"``, ``"header"`` or empty.
    headers : tuple
        Further headers, as pairs.
    sign_as : App or None
        Whose keys sign body and path.
    ca_file : str or None
        The roots to check the server's certificate with, if not the public ones.
    """

    url: str
    body: dict[str, Any]
    verb: str = "POST"
    path: str = "/"
    query: str = ""
    auth: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    sign_as: App | None = None
    ca_file: str | None = None

    @property
    def target(self) -> str:
        """The URL up to where the token follows."""
        parts = [self.query] if self.query else []
        parts += ["token="] if self.auth == "query" else []
        text = "&".join(parts)
        return f"{self.url}{self.path}" + (f"?{text}" if text else "")


def command(shell: str, line: Line) -> Command:
    """Return the call as one command for *shell*.

    Parameters
    ----------
    shell : {"bash", "cmd", "powershell", "python"}
        Where it will be pasted.
    line : Line
        The call.

    Raises
    ------
    BadInput
        If the shell is none of those, cannot sign this call, or would garble its
        password.
    """
    forms: dict[str, Callable[[Line], str]] = {
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
    line = line._replace(body=_marked(line.body))
    if line.sign_as is not None and shell != "python":
        pieces = _pieces(line.body)
        if any(name for _, name in pieces):
            raise BadInput(
                f"{shell} cannot sign this call: the signature covers the body, and "
                "the body holds a secret.",
                next_step='Use .as_curl("python"), which signs when it runs.',
            )
        body = "".join(text for text, _ in pieces).encode()
        signed = signed_headers(line.sign_as, body, line.path)
        line = line._replace(headers=(*line.headers, *signed.items()))
    note = ""
    if any(name in TYPED for _, name in _pieces(line.body)) and shell != "python":
        if shell == "cmd":
            raise BadInput(
                "cmd.exe cannot put a password into a command: it takes & | < > ^ out "
                "of it, and may run what follows.",
                next_step='Use .as_curl("powershell") or .as_curl("python").',
            )
        # The variable is put into JSON as it stands.
        note = '# in TPL_PASSWORD, write \\" for " and \\\\ for \\\n'
    return Command(note + forms[shell](line))


def _past_proxy(line: Line) -> bool:
    """Whether a proxy of the environment would be asked for this very machine."""
    names = ("http_proxy", "https_proxy", "all_proxy")
    is_set = any(os.environ.get(n) or os.environ.get(n.upper()) for n in names)
    return is_set and _LOOPBACK.match(line.url) is not None


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


def _bash(line: Line) -> str:
    target = shlex.quote(line.target)
    if line.auth == "query":
        target += '"$TPL_TOKEN"'
        if _PLAIN_URL.fullmatch(line.url) and _PLAIN_PATH.fullmatch(line.path):
            target = f'"{line.target}$TPL_TOKEN"'  # the article's form
    roots = f"--cacert {shlex.quote(line.ca_file)} " if line.ca_file else ""
    past = "--noproxy '*' " if _past_proxy(line) else ""
    words = [f"curl -sS {past}{roots}-X {line.verb} {target}"]
    if line.auth == "header":
        words.append('-H "Authorization: ut|$TPL_TAPO_TOKEN"')
    words += [f"-H {shlex.quote(f'{n}: {v}')}" for n, v in line.headers]
    if line.body:
        data = "".join(
            f'"${name}"' if name else shlex.quote(text)
            for text, name in _pieces(line.body)
        )
        words += ['-H "Content-Type: application/json"', f"-d {data}"]
    return " \\\n  ".join(words)


def _cmd(line: Line) -> str:
    # One line: a line pasted without its "^" continuation runs alone, which is how
    # the article's reader met -10100.
    token = "%TPL_TOKEN%" if line.auth == "query" else ""
    roots = f'--cacert "{line.ca_file}" ' if line.ca_file else ""
    past = '--noproxy "*" ' if _past_proxy(line) else ""
    words = [f'curl -sS {past}{roots}-X {line.verb} "{line.target}{token}"']
    if line.auth == "header":
        words.append('-H "Authorization: ut|%TPL_TAPO_TOKEN%"')
    words += [f'-H "{name}: {value}"' for name, value in line.headers]
    if line.body:
        data = "".join(f"%{n}%" if n else text for text, n in _pieces(line.body))
        words.append(f'-H "Content-Type: application/json" -d {_cmd_argument(data)}')
    return " ".join(words)


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


def _powershell(line: Line) -> str:
    token = "$env:TPL_TOKEN" if line.auth == "query" else ""
    note = (
        f"# first make Windows trust {line.ca_file}: this command takes no CA file\n"
        if line.ca_file
        else ""
    )
    verb = line.verb.capitalize()
    words = [f'{note}Invoke-RestMethod -Method {verb} -Uri "{line.target}{token}"']
    headers = [f"'{name}' = '{value}'" for name, value in line.headers]
    if line.auth == "header":
        headers.insert(0, "'Authorization' = \"ut|$env:TPL_TAPO_TOKEN\"")
    if headers:
        words.append("-Headers @{" + "; ".join(headers) + "}")
    if line.body:
        pieces = [
            f"$env:{name}" if name else "'" + text.replace("'", "''") + "'"
            for text, name in _pieces(line.body)
        ]
        data = pieces[0] if len(pieces) == 1 else "(" + " + ".join(pieces) + ")"
        words.append(f'-ContentType "application/json" -Body {data}')
    # By itself it would show a list as System.Object[].
    return " ".join([*words, "| ConvertTo-Json -Depth 8"])


def _python(line: Line) -> str:
    literal = pprint.pformat(line.body, width=80, sort_dicts=False)
    data = re.sub(
        f"'{_MARK}([A-Z_]+)@@'", lambda m: f'os.environ["{m[1]}"]', ascii_only(literal)
    ).replace("\n", "\n    ")
    url = f"{line.url}{line.path}" + (f"?{line.query}" if line.query else "")
    verb = line.verb.lower()
    lines = ["import requests", "", f"answer = requests.{verb}(", f'    "{url}",']
    if line.auth == "query":
        lines.append('    params={"token": os.environ["TPL_TOKEN"]},')
    headers = [f"{name!r}: {value!r}" for name, value in line.headers]
    if line.auth == "header":
        headers.insert(0, '"Authorization": "ut|" + os.environ["TPL_TAPO_TOKEN"]')
    if line.sign_as is not None:
        headers += ["'Content-MD5': md5", "'X-Authorization': authorization"]
        lines[:2] = _python_signing(line, data, line.sign_as)
    if headers:
        lines.append("    headers={" + ", ".join(headers) + "},")
    if line.sign_as is not None:
        lines.append("    data=body,")
    elif line.body:
        lines.append(f"    json={data},")
    if line.ca_file:
        lines.append(f"    verify={line.ca_file!r},")
    if _past_proxy(line):
        lines.append('    proxies={"http": "", "https": ""},')
    lines += ["    timeout=20,", ")", "print(answer.text)"]
    if "os.environ" in "".join(lines):
        lines.insert(0, "import os\n")
    return "\n".join(lines)


def _python_signing(line: Line, data: str, app: App) -> list[str]:
    """Return the lines that sign the body; the keys are the app's, not the user's."""
    return [
        "import base64, hashlib, hmac, json, uuid",
        "import requests",
        "",
        f"body = json.dumps({data}).encode()",
        "md5 = base64.b64encode(hashlib.md5(body).digest()).decode()",
        f'nonce, path = str(uuid.uuid4()), "{line.path}"',
        f'text = f"{{md5}}\\n{TIMESTAMP}\\n{{nonce}}\\n{{path}}".encode()',
        f'signature = hmac.new(b"{app.secret_key}", text, "sha1").hexdigest()',
        f'authorization = (f"Timestamp={TIMESTAMP}, Nonce={{nonce}}, "',
        f'    f"AccessKey={app.access_key}, Signature={{signature}}")',
        "",
    ]


def ascii_only(literal: str) -> str:
    """Return a Python literal with every other character escaped."""
    return literal.encode("ascii", "backslashreplace").decode("ascii")
