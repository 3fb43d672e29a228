"""The command ``tplink-lab``: the lessons, the practice cloud, the recorder.

Whatever goes wrong is one line on stderr and exit code 2; a traceback would be our
bug.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tplink_lab import __version__
from tplink_lab.errors import BadInput, TPLinkLabError
from tplink_lab.lessons import DEFAULT_FOLDER, copy_lessons

__all__ = ["main"]

FIRST_LESSON = "00_start_here.ipynb"


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``tplink-lab`` and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after ``tplink-lab``; by default those of the command line.
    """
    for stream in (sys.stdout, sys.stderr):
        # A Windows console's code page may lack a letter; then it prints "?".
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if argv is None else argv)
    about_the_command = ("-h", "--help", "--version")
    if not words or (words[0].startswith("-") and words[0] not in about_the_command):
        words.insert(0, "lab")
    try:
        parser = _parser(words[0])
        return _run(parser.parse_args(words))
    except TPLinkLabError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.strerror or error}: {error.filename or 'the system'}")
    except KeyboardInterrupt:
        return 130


def _complain(text: str) -> int:
    # What an error advises in a notebook, in a terminal's words.
    for words in ("login", "logout"):
        text = text.replace(f"tl.{words}(...)", f"tplink-lab {words} EMAIL")
    print(f"tplink-lab: {' '.join(text.split())}", file=sys.stderr)
    return 2


def _parser(wanted: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tplink-lab",
        description="A lab bench for TP-Link's smart-home cloud. Without a command "
        "it copies the lessons and opens JupyterLab.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    lab = commands.add_parser("lab", help="copy the lessons and open JupyterLab")
    lessons = commands.add_parser("lessons", help="copy the lessons only")
    for command in (lab, lessons):
        command.description = (
            "Copies the lessons into FOLDER. A lesson that you ran or changed is "
            "kept, one that you deleted is copied again."
        )
        command.add_argument(
            "folder",
            metavar="FOLDER",
            nargs="?",
            default=DEFAULT_FOLDER,
            help="where the lessons go (default: %(default)s)",
        )
    lab.add_argument(
        "--no-browser", action="store_true", help="print the address, open no browser"
    )
    lab.add_argument("--port", type=_port, help="the port JupyterLab listens on")

    enter = commands.add_parser("login", help="log in and save the session")
    enter.description = (
        "Asks for the password, and for the code of the second factor if there is "
        "one. Saves the session, never the password, for tl.resume() in a notebook."
    )
    leave = commands.add_parser("logout", help="forget a saved session")
    doctor = commands.add_parser("doctor", help="tell what is wrong and what to do")
    doctor.description = (
        "Examines clock, network, certificates, logins and every device of a saved "
        "session. Exit code 1 if anything failed."
    )
    for command in (enter, leave):
        command.add_argument("email", metavar="EMAIL", help="the account's address")
    enter.add_argument(
        "--url", help="where, instead of TP-Link: a practice cloud on this machine"
    )
    doctor.add_argument(
        "email", metavar="EMAIL", nargs="?", help="which saved session, if several"
    )
    doctor.add_argument(
        "--practice", action="store_true", help="examine a practice cloud instead"
    )
    doctor.add_argument(
        "--save", metavar="FILE", help="write a bundle to share, without any secret"
    )
    snapshot = commands.add_parser("snapshot", help="print a device as a file to share")
    snapshot.description = (
        "Prints all that a device of a saved session says, as JSON, with names, ids "
        "and places replaced: a home that tplink-lab practice --home brings to life."
    )
    snapshot.add_argument("name", metavar="NAME", help="the device's name or id")
    snapshot.add_argument("--email", metavar="E", help="which session, if several")
    snapshot.add_argument(
        "--practice", action="store_true", help="a device of the practice cloud"
    )
    explain = commands.add_parser("explain", help="tell what an error code means")
    explain.add_argument("code", metavar="CODE", help="such as -20571")

    practice = commands.add_parser(
        "practice", help="run the practice cloud until it is stopped"
    )
    record = commands.add_parser("record", help="record devices into a history file")
    dashboard = commands.add_parser(
        "dashboard", help="serve the control panel and live power as a web page"
    )
    dashboard.add_argument("--port", type=_port, help="the port it listens on")
    # A room is opened only for who goes there: --help needs no server, no pandas.
    if wanted == "practice":
        import_module("tplink_lab.practice.process").add_arguments(practice)
    if wanted == "record":
        import_module("tplink_lab.data.recorder_command").add_arguments(record)
    if wanted == "dashboard":
        import_module("tplink_lab.dashboard").add_arguments(dashboard)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give 1 to 65535")
    return int(text)


def _run(args: argparse.Namespace) -> int:
    if args.command == "practice":
        return _practice(args)
    if args.command in ("login", "logout", "doctor", "snapshot", "explain"):
        return _account(args)
    if args.command == "record":
        return _record(args)
    if args.command == "dashboard":
        return _dashboard(args)
    if args.command == "lab" and find_spec("jupyterlab") is None:
        # Before anything is copied: the folder would be left without its use.
        raise TPLinkLabError(
            "JupyterLab is not installed here.",
            next_step='Install it: pip install "tplink-lab[lab]"',
        )
    copied = copy_lessons(args.folder)
    for line in copied.lines():
        print(line, flush=True)
    if args.command == "lessons":
        return 0
    return _become(_jupyter(copied.folder, args.port, open_browser=not args.no_browser))


def _account(args: argparse.Namespace) -> int:
    # Inside, for `tplink-lab lab` needs none of it.
    import tplink_lab as tl

    if args.command == "explain":
        print(tl.explain(args.code))
    elif args.command == "logout":
        tl.logout(args.email)
        print(f"The session of {args.email} is forgotten.")
    elif args.command == "snapshot":
        opened = tl.practice() if args.practice else tl.resume(args.email)
        with opened as cloud:
            shared = [cloud.device(args.name).snapshot()]
        print(json.dumps(shared, indent=1, ensure_ascii=False))
    elif args.command == "login":
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", tl.errors.AppNotLoggedIn)
            cloud = tl.login(args.email, url=args.url, remember=True)
        cloud.close()
        for warning in warned:
            print(warning.message)
        print(f"Logged in to {' and '.join(cloud.sessions)}; the session is saved.")
    else:
        with tl.practice() if args.practice else tl.resume(args.email) as cloud:
            report = tl.doctor(cloud)
            print(report)
            if args.save:
                print(f"The bundle is {report.save(args.save)}.")
            return 1 if report.fails else 0
    return 0


def _practice(args: argparse.Namespace) -> int:
    from tplink_lab.practice import PracticeError
    from tplink_lab.practice.process import main as run_practice

    try:
        return run_practice(args)
    except PracticeError as error:
        raise BadInput(str(error)) from error


def _record(args: argparse.Namespace) -> int:
    from tplink_lab.cloud.store import saved_emails
    from tplink_lab.data.recorder_command import run
    from tplink_lab.entering import login, resume
    from tplink_lab.opening import practice

    if args.practice:
        with practice(clock="running", now=None) as cloud:
            return run(args, cloud)
    saved = args.url is None and (args.email is None or args.email in saved_emails())
    if saved:
        opened = resume(args.email, read_only=True)
    else:
        opened = login(args.email, url=args.url, read_only=True)
    with opened as cloud:
        return run(args, cloud)


def _dashboard(args: argparse.Namespace) -> int:
    from tplink_lab import dashboard

    words = dashboard.command(
        args.port, is_dark=args.dark, open_browser=not args.no_browser
    )
    os.environ.pop(dashboard.ACCOUNT, None)
    if args.account:
        os.environ[dashboard.ACCOUNT] = args.account
    return _become(words)


def _jupyter(folder: Path, port: int | None, *, open_browser: bool) -> list[str]:
    """Return the command that opens JupyterLab on *folder*."""
    command = [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(folder)]
    if (folder / FIRST_LESSON).is_file():
        command.append(f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}")
    if port is not None:
        command += ["--port", str(port), "--ServerApp.port_retries=0"]
    if not open_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Jupyter refuses root, which is who one is in most containers. The server
        # listens on this machine only and asks for its token all the same.
        command.append("--allow-root")
    return command


def _become(command: list[str]) -> int:
    """Turn into *command*, so that signals and Ctrl-C reach it alone."""
    sys.stdout.flush()
    if sys.platform != "win32":
        os.execv(command[0], command)  # noqa: S606 (no shell is the point)
    # Windows has no exec that the console would wait for. Jupyter asks back at
    # Ctrl-C, so we must outlive it.
    process = subprocess.Popen(command)  # noqa: S603 (our own words, no shell)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
