"""From the command to a JupyterLab that answers: ours, and a bare one.

python -m benchmarks.opening lab
python -m benchmarks.opening jupyter
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import Request, urlopen

from benchmarks.rig import ROOT

LONGEST_S = 60
# As lab.py does it from the second start on: the environment is there.
OURS = (
    "import lab, sys; lab.ensure_environment = lambda extra: sys.executable;"
    "sys.exit(lab.main(sys.argv[1:]))"
)


def main() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["--no-browser", "--port", str(port), "--IdentityProvider.token=known"]
    if sys.argv[1] == "lab":
        command = [sys.executable, "-c", OURS, "lab", *words]
    else:
        command = [sys.executable, "-m", "jupyterlab", "--allow-root", *words]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet)
    asked = Request(
        f"http://127.0.0.1:{port}/lab", headers={"Authorization": "token known"}
    )
    try:
        ends = time.monotonic() + LONGEST_S
        while server.poll() is None and time.monotonic() < ends:
            try:
                with urlopen(asked, timeout=10) as answer:
                    return int(answer.status != 200)
            except URLError:
                time.sleep(0.02)
        return 1
    finally:
        server.kill()
        server.wait()
        sys.stdout.flush()


if __name__ == "__main__":
    status = main()
    os._exit(status)
