"""The practice cloud as a process of its own: `tplink-lab practice`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from types import FrameType
from typing import TextIO

from .cloud import PracticeCloud
from .errors import PracticeError

PASSWORD_VARIABLE = "TPLINK_LAB_PRACTICE_PASSWORD"  # noqa: S105 - a name, no password

DESCRIPTION = f"""\
Serve a practice cloud on loopback until interrupted. Prints one line of JSON when it is
ready: url, email, password, regions, keys (what signed calls are signed with) and, with
--tls, ca_file. Trouble (offline devices, expired tokens, rate limits) is made in Python
only, with tplink_lab.practice; nothing sent over HTTP can cause it. A password on the
command line can be read in the list of processes: set {PASSWORD_VARIABLE} instead.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Teach a parser what `main` needs."""
    parser.description = DESCRIPTION
    parser.add_argument(
        "--port",
        type=int,
        default=0,
        metavar="N",
        help="of the entry; the other region takes N+1 (default: free ones)",
    )
    parser.add_argument(
        "--home",
        metavar="FILE_OR_FOLDER",
        help="a home in JSON, or a folder of dumps (default: a household of ours)",
    )
    parser.add_argument("--email", metavar="E", help="in place of the home's own")
    parser.add_argument(
        "--password",
        metavar="P",
        help=f"in place of the home's own; better set {PASSWORD_VARIABLE}",
    )
    parser.add_argument(
        "--now", metavar="ISO8601", help="the practice clock's start, else the real one"
    )
    parser.add_argument(
        "--clock",
        choices=("standing", "running"),
        help="standing if --now is given, else running",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="default: 1")
    parser.add_argument(
        "--latency-ms",
        type=float,
        default=0.0,
        metavar="N",
        help="added to every answer",
    )
    parser.add_argument(
        "--tls",
        metavar="FOLDER",
        help="serve https and write the certificate to trust, ca.pem, into FOLDER",
    )
    parser.add_argument(
        "--token-lifetime-s",
        type=float,
        default=30 * 86400.0,
        metavar="N",
        help="default: 30 days",
    )


def main(
    args: argparse.Namespace, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Serve until SIGINT or SIGTERM; 0 then, 2 if it could not start."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    # Before the first line is printed: whoever reads it may already want us to stop.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        cloud = PracticeCloud(
            args.home,
            email=args.email,
            password=args.password or os.environ.get(PASSWORD_VARIABLE) or None,
            seed=args.seed,
            now=args.now,
            clock=args.clock,
            latency_s=args.latency_ms / 1000,
            port=args.port,
            tls=args.tls,
            token_lifetime_s=args.token_lifetime_s,
        ).start()
    except PracticeError as error:
        print(f"tplink-lab practice: {error}", file=err or sys.stderr)
        return 2
    ready = {
        "url": cloud.url,
        "email": cloud.email,
        "password": cloud.password,
        "regions": cloud.regions,
        "keys": cloud.keys,
    }
    if cloud.ca_file is not None:
        ready["ca_file"] = str(cloud.ca_file)
    try:
        print(json.dumps(ready), file=out or sys.stdout, flush=True)
        while not stop.wait(0.5):
            pass
    finally:
        cloud.stop()
    return 0
