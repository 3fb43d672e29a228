"""The printed commands mean what was sent, in every shell's own grammar."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

from tests.cloud.shells import c_arguments, cmd_expanded, powershell_string
from tplink_lab.cloud.apps import App
from tplink_lab.cloud.secret import MASK
from tplink_lab.cloud.shell import Line, command
from tplink_lab.cloud.signing import signed_headers
from tplink_lab.errors import BadInput

URL = "http://127.0.0.1:8080"
ENV = {
    "TPL_TOKEN": "a1b2c3d4-Token",
    "TPL_TAPO_TOKEN": "b2c3d4e5-Token",
    "TPL_PASSWORD": "pa55",
}
LIST = {"method": "getDeviceList"}
PASSTHROUGH = {
    "method": "passthrough",
    "params": {
        "deviceId": "8006",
        "requestData": '{"system":{"set_dev_alias":'
        '{"alias":"Tom & Jo\'s \\\\ <5%> \\"é\\""}}}',
    },
}
LOGIN = {"method": "login", "params": {"cloudPassword": MASK, "cloudUserName": "a@b"}}
NASTY = st.text(st.sampled_from("ab\"'\\&|<>^()%! $`é\n"), max_size=12).map(
    lambda alias: {"method": "x", "params": {"requestData": alias}}
)


def said(
    body: dict[str, Any], has_token: bool, ca_file: str | None, url: str = URL
) -> Line:
    auth = "query" if has_token else ""
    return Line(url, body, auth=auth, ca_file=ca_file)


def cmd_body(line: str) -> Any:
    arguments = c_arguments(cmd_expanded(line, ENV))
    assert arguments[:4] == ["curl", "-sS", "-X", "POST"]
    assert arguments[5:8] == ["-H", "Content-Type: application/json", "-d"]
    assert len(arguments) == 9
    return json.loads(arguments[8])


def powershell_body(line: str) -> Any:
    match = re.fullmatch(
        r'Invoke-RestMethod -Method Post -Uri "([^"]*)" '
        r'-ContentType "application/json" -Body (.*) \| ConvertTo-Json -Depth 8',
        line,
        re.S,
    )
    assert match, line
    return json.loads(powershell_string(match[2], ENV))


def bash_body(line: str, folder: Path) -> Any:
    script = f'curl() {{ for last; do :; done; printf %s "$last"; }}\n{line}'
    run = subprocess.run(
        ["bash", "-c", script], env=ENV, capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def test_the_list_reads_as_in_the_article_without_its_stray_suffix() -> None:
    assert command("bash", said(LIST, True, None, "https://wap.tplinkcloud.com")) == (
        'curl -sS -X POST "https://wap.tplinkcloud.com/?token=$TPL_TOKEN" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        '  -d \'{"method":"getDeviceList"}\''
    )


def test_the_cmd_form_is_one_line_with_escaped_quotes() -> None:
    line = command("cmd", said(LIST, True, None, "https://wap.tplinkcloud.com"))
    assert line.endswith('-d "{\\"method\\":\\"getDeviceList\\"}"')
    assert "\n" not in line
    assert "?token=%TPL_TOKEN%" in line


def test_the_readers_of_cmd_lines_here_know_the_articles_trap() -> None:
    # What the article's reader typed: single quotes mean nothing to cmd.exe.
    line = 'curl --data \'{"method":"getDeviceList"}\''
    assert c_arguments(cmd_expanded(line, {}))[-1] == "'{method:getDeviceList}'"


@pytest.mark.parametrize("body", [LIST, PASSTHROUGH])
@pytest.mark.parametrize("has_token", [True, False])
def test_every_shell_sends_the_same_body(
    body: dict[str, Any], has_token: bool, tmp_path: Path
) -> None:
    assert cmd_body(command("cmd", said(body, has_token, None))) == body
    assert powershell_body(command("powershell", said(body, has_token, None))) == body
    assert bash_body(command("bash", said(body, has_token, None)), tmp_path) == body


@pytest.mark.parametrize("shell", ["bash", "powershell", "python"])
def test_a_password_is_read_from_the_environment(shell: str, tmp_path: Path) -> None:
    line = command(shell, said(LOGIN, False, None))
    assert MASK not in line
    assert "TPL_PASSWORD" in line
    if shell == "powershell":
        call = line.split("\n", 1)[1]  # the first line is a remark
        assert powershell_body(call)["params"]["cloudPassword"] == "pa55"
    if shell == "bash":
        assert bash_body(line, tmp_path)["params"]["cloudPassword"] == "pa55"


@pytest.mark.parametrize("shell", ["bash", "cmd", "powershell", "python"])
def test_every_form_is_plain_ascii_that_no_code_page_changes(shell: str) -> None:
    assert command(shell, said(PASSTHROUGH, True, "/a b/ca.pem")).isascii()


@given(NASTY)
def test_no_character_breaks_out_of_a_windows_command(body: dict[str, Any]) -> None:
    assert cmd_body(command("cmd", said(body, True, None))) == body
    assert powershell_body(command("powershell", said(body, True, None))) == body


@pytest.mark.parametrize("text", ["$(touch x)", "`touch x`", "'; touch x; '", "$HOME"])
def test_no_character_breaks_out_of_a_bash_command(text: str, tmp_path: Path) -> None:
    body = {"method": "x", "params": {"requestData": text}}
    assert bash_body(command("bash", said(body, True, None)), tmp_path) == body


def test_the_python_form_compiles_and_holds_the_body() -> None:
    text = command("python", said(PASSTHROUGH, True, "/ca.pem"))
    compile(text, "<form>", "exec")
    assert "verify='/ca.pem'" in text
    run = subprocess.run(
        [sys.executable, "-c", text.split("answer =")[0]], check=True, timeout=60
    )
    assert run.returncode == 0


def test_an_unknown_shell_is_named_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="bash, cmd, powershell, python"):
        command("fish", said(LIST, True, None))


@pytest.mark.parametrize("text", ["@@HOME@@", "it's '@@HOME@@'", "$TPL_TOKEN"])
def test_no_text_stands_for_a_variable(text: str, tmp_path: Path) -> None:
    body = {"method": "x", "params": {"requestData": text}}
    assert bash_body(command("bash", said(body, True, None)), tmp_path) == body
    assert cmd_body(command("cmd", said(body, True, None))) == body
    compile(command("python", said(body, True, None)), "<form>", "exec")


APP = App("kasa", "Kasa", "1", "the-key", "the-secret", "https://wap.tplinkcloud.com")
PAGE = Line(URL, {"limit": 100}, path="/api/v2/x", auth="query", sign_as=APP)
THING = Line(
    URL,
    {},
    verb="GET",
    path="/v1/things/shadows",
    query="thingNames=80",
    auth="header",
    headers=(("app-cid", "app:Tapo:1"),),
)


def test_a_signed_call_carries_a_signature_over_what_the_shell_sends() -> None:
    for shell in ("bash", "cmd", "powershell"):
        text = command(shell, PAGE)
        nonce = re.search(r"Nonce=([0-9a-f-]+)", text)
        assert nonce, text
        right = signed_headers(APP, b'{"limit":100}', "/api/v2/x", nonce=nonce[1])
        assert right["X-Authorization"] in text
        assert right["Content-MD5"] in text


def test_a_shell_that_cannot_sign_a_secret_says_which_form_can() -> None:
    line = PAGE._replace(body={"cloudPassword": MASK})
    for shell in ("bash", "cmd", "powershell"):
        with pytest.raises(BadInput, match="python"):
            command(shell, line)
    assert 'os.environ["TPL_PASSWORD"]' in command("python", line)


def test_a_auth_a_header_is_read_from_the_environment_too(tmp_path: Path) -> None:
    # The Tapo app's token, which is another than the one for the URL.
    assert '"Authorization: ut|$TPL_TAPO_TOKEN"' in command("bash", THING)
    arguments = c_arguments(cmd_expanded(command("cmd", THING), ENV))
    assert "Authorization: ut|b2c3d4e5-Token" in arguments
    assert arguments[3:5] == ["GET", f"{URL}/v1/things/shadows?thingNames=80"]
    assert "-d" not in arguments
    assert "'app-cid' = 'app:Tapo:1'" in command("powershell", THING)
    compile(command("python", THING), "<form>", "exec")


TYPED = Line(url="http://127.0.0.1:8080", body={"params": {"cloudPassword": MASK}})


@pytest.mark.parametrize("shell", ["bash", "powershell"])
def test_a_password_with_quotes_is_told_how_to_be_written(shell: str) -> None:
    first = command(shell, TYPED).splitlines()[0]
    assert first.startswith("# ")
    assert "TPL_PASSWORD" in first


def test_cmd_is_given_no_password_for_it_would_run_what_follows_an_ampersand() -> None:
    with pytest.raises(BadInput, match=r"cmd\.exe cannot.*powershell"):
        command("cmd", TYPED)


def test_a_command_shows_in_a_cell_as_it_is_to_be_pasted() -> None:
    line = command("cmd", said(LIST, True, None))
    shown = DisplayFormatter().format(line)[0]["text/plain"]
    assert repr(line) == shown == str(line)
    assert '\\"method\\"' in shown
    assert "\\\\" not in shown


def test_a_password_written_as_told_arrives_whole(tmp_path: Path) -> None:
    script = command("bash", TYPED).replace("curl ", "printf '%s\\n' ")
    said = subprocess.run(
        ["bash", "-c", script],
        env={"TPL_PASSWORD": r"a\"b\\c"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    body = json.loads(said.splitlines()[-1])
    assert body["params"]["cloudPassword"] == 'a"b\\c'


@pytest.mark.parametrize("shell", ["bash", "cmd", "python"])
def test_a_proxy_is_not_asked_for_this_machine(
    shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    far = TYPED._replace(url="https://wap.tplinkcloud.com", body={"a": 1})
    near = far._replace(url=TYPED.url)
    without = command(shell, near)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    past = "proxies=" if shell == "python" else "--noproxy"
    assert past not in without
    assert past in command(shell, near)
    assert past not in command(shell, far)
    assert past not in command(shell, far._replace(url="https://127.example.com"))
