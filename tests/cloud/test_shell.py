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

from tests.cloud.shells import c_arguments, cmd_expanded, powershell_string
from tplink_lab.cloud.secret import MASK
from tplink_lab.cloud.shell import command
from tplink_lab.errors import BadInput

URL = "http://127.0.0.1:8080"
ENV = {"TPL_TOKEN": "a1b2c3d4-Token", "TPL_PASSWORD": "pa55"}
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


def cmd_body(line: str) -> Any:
    arguments = c_arguments(cmd_expanded(line, ENV))
    assert arguments[:4] == ["curl", "-sS", "-X", "POST"]
    assert arguments[5:8] == ["-H", "Content-Type: application/json", "-d"]
    assert len(arguments) == 9
    return json.loads(arguments[8])


def powershell_body(line: str) -> Any:
    match = re.fullmatch(
        r'Invoke-RestMethod -Method Post -Uri "([^"]*)" '
        r'-ContentType "application/json" -Body (.*)',
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
    assert command("bash", "https://wap.tplinkcloud.com", LIST, True, None) == (
        'curl -sS -X POST "https://wap.tplinkcloud.com/?token=$TPL_TOKEN" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        '  -d \'{"method":"getDeviceList"}\''
    )


def test_the_cmd_form_is_one_line_with_escaped_quotes() -> None:
    line = command("cmd", "https://wap.tplinkcloud.com", LIST, True, None)
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
    assert cmd_body(command("cmd", URL, body, has_token, None)) == body
    assert powershell_body(command("powershell", URL, body, has_token, None)) == body
    assert bash_body(command("bash", URL, body, has_token, None), tmp_path) == body


@pytest.mark.parametrize("shell", ["bash", "cmd", "powershell", "python"])
def test_a_password_is_read_from_the_environment(shell: str, tmp_path: Path) -> None:
    line = command(shell, URL, LOGIN, False, None)
    assert MASK not in line
    assert "TPL_PASSWORD" in line
    readers = {"cmd": cmd_body, "powershell": powershell_body}
    if shell in readers:
        assert readers[shell](line)["params"]["cloudPassword"] == "pa55"
    if shell == "bash":
        assert bash_body(line, tmp_path)["params"]["cloudPassword"] == "pa55"


@pytest.mark.parametrize("shell", ["bash", "cmd", "powershell", "python"])
def test_every_form_is_plain_ascii_that_no_code_page_changes(shell: str) -> None:
    assert command(shell, URL, PASSTHROUGH, True, "/a b/ca.pem").isascii()


@given(NASTY)
def test_no_character_breaks_out_of_a_windows_command(body: dict[str, Any]) -> None:
    assert cmd_body(command("cmd", URL, body, True, None)) == body
    assert powershell_body(command("powershell", URL, body, True, None)) == body


@pytest.mark.parametrize("text", ["$(touch x)", "`touch x`", "'; touch x; '", "$HOME"])
def test_no_character_breaks_out_of_a_bash_command(text: str, tmp_path: Path) -> None:
    body = {"method": "x", "params": {"requestData": text}}
    assert bash_body(command("bash", URL, body, True, None), tmp_path) == body


def test_the_python_form_compiles_and_holds_the_body() -> None:
    text = command("python", URL, PASSTHROUGH, True, "/ca.pem")
    compile(text, "<form>", "exec")
    assert "verify='/ca.pem'" in text
    run = subprocess.run(
        [sys.executable, "-c", text.split("answer =")[0]], check=True, timeout=60
    )
    assert run.returncode == 0


def test_an_unknown_shell_is_named_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="bash, cmd, powershell, python"):
        command("fish", URL, LIST, True, None)


@pytest.mark.parametrize("text", ["@@HOME@@", "it's '@@HOME@@'", "$TPL_TOKEN"])
def test_no_text_stands_for_a_variable(text: str, tmp_path: Path) -> None:
    body = {"method": "x", "params": {"requestData": text}}
    assert bash_body(command("bash", URL, body, True, None), tmp_path) == body
    assert cmd_body(command("cmd", URL, body, True, None)) == body
    compile(command("python", URL, body, True, None), "<form>", "exec")
