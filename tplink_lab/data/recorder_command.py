"""The command ``tplink-lab record``: a recorder in the foreground."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from tplink_lab.cloud import Cloud
from tplink_lab.data.recorder import Recorder
from tplink_lab.data.recorder_limits import POLITE_INTERVAL_S

__all__ = ["add_arguments", "run"]

DESCRIPTION = """\
Sample devices into a history file until Ctrl-C; recording into a file that is there
goes on after its last row. Read it, meanwhile too, with tl.history("FILE") in Python.
A session that `tplink-lab login` saved is used; else the password is asked for.
Nothing is ever switched: the account is opened read-only.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Teach a parser what `run` needs."""
    parser.description = DESCRIPTION
    parser.add_argument("file", metavar="FILE", help="such as plugs.sqlite")
    account = parser.add_mutually_exclusive_group()
    account.add_argument("--email", metavar="E", help="which account, if several")
    account.add_argument(
        "--practice", action="store_true", help="a practice cloud, running on real time"
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        help="log in here, instead of at TP-Link: a practice cloud on this machine",
    )
    parser.add_argument(
        "--devices", nargs="+", metavar="NAME", help="which ones (default: all)"
    )
    parser.add_argument(
        "--interval-s",
        type=float,
        default=POLITE_INTERVAL_S,
        metavar="S",
        help="from one sweep to the next (default: %(default)g)",
    )
    parser.add_argument(
        "--sweeps", type=int, metavar="N", help="stop after so many (default: never)"
    )
    parser.add_argument(
        "--backfill",
        action="store_true",
        help="first fetch the daily energy that devices remember",
    )


def run(args: argparse.Namespace, cloud: Cloud) -> int:
    """Record until done, SIGTERM or Ctrl-C; a summary is the last line."""
    recorder = Recorder(args.file, cloud, args.devices, interval_s=args.interval_s)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        if args.backfill:
            print(f"backfilled {recorder.backfill()} days", flush=True)
        print(f"recording into {args.file}; Ctrl-C stops", flush=True)
        recorder.run(args.sweeps)
    except KeyboardInterrupt:
        pass  # the way to stop it: the summary says how it went
    finally:
        signal.signal(signal.SIGTERM, before)
    status = recorder.status()
    print(status, flush=True)
    if status.problem:
        print(f"tplink-lab record: {status.problem}", file=sys.stderr)
    return 1 if status.problem else 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
