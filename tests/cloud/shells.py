"""How cmd.exe, the C runtime and PowerShell read a command line.

Written from Microsoft's rules ("Parsing C command-line arguments", "How the command
shell parses", "about_Quoting_Rules"), so that the forms we print can be checked on
any system.
"""

import re


def cmd_expanded(line: str, environment: dict[str, str]) -> str:
    """Return *line* after cmd.exe: ``%NAME%`` first, then quotes and carets.

    Raises ``AssertionError`` where an unquoted special character would start a
    pipe, a second command or a redirection.
    """
    line = re.sub("%([^%]+)%", lambda m: environment.get(m[1].rstrip("^"), m[0]), line)
    out, quoted, index = "", False, 0
    while index < len(line):
        char = line[index]
        if char == '"':
            quoted = not quoted
        elif not quoted and char == "^":
            index += 1
            char = line[index]
        elif not quoted:
            assert char not in "&|<>", f"cmd.exe would act on {char!r}"
        out += char
        index += 1
    return out


def c_arguments(line: str) -> list[str]:
    """Return the arguments that a Windows program such as curl.exe gets."""
    arguments: list[str] = []
    current, quoted, started, index = "", False, False, 0
    while index < len(line):
        char = line[index]
        if char == "\\":
            run = len(re.match(r"\\+", line[index:])[0])  # type: ignore[index]
            index += run
            if index < len(line) and line[index] == '"':
                current += "\\" * (run // 2)
                if run % 2:
                    current += '"'
                    index += 1
            else:
                current += "\\" * run
            started = True
            continue
        if char == '"':
            quoted, started = not quoted, True
        elif char in " \t" and not quoted:
            if started:
                arguments.append(current)
            current, started = "", False
        else:
            current, started = current + char, True
        index += 1
    return [*arguments, current] if started else arguments


def powershell_string(text: str, environment: dict[str, str]) -> str:
    """Return the value of a PowerShell expression of quoted strings and ``+``."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    value = ""
    while text:
        if text.startswith("'"):
            match = re.match(r"'((?:[^']|'')*)'", text)
            assert match, text
            value += match[1].replace("''", "'")
        elif text.startswith("$env:"):
            match = re.match(r"\$env:(\w+)", text)
            assert match
            value += environment[match[1]]
        else:
            raise AssertionError(f"not a PowerShell string: {text!r}")
        text = text[match.end() :].strip()
        if text:
            assert text.startswith("+"), text
            text = text[1:].strip()
    return value
