"""The processes of a run: fronts and workers, each spoken to by lines of JSON."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import certifi

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LONGEST_S = 180.0


class Stuck(Exception):
    """A process did not answer, or ended."""


class Talker:
    """A process that answers each line with a line."""

    def __init__(self, words: list[str], env: dict[str, str], **more: Any) -> None:
        self.name = " ".join(words[-2:])
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, cwd=ROOT,
            **more,
        )  # fmt: skip
        self._rest = b""

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise Stuck(f"{self.name} has ended") from None
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """Return the next line, or give up after a while."""
        out = self.process.stdout
        assert out is not None
        ends = time.monotonic() + LONGEST_S
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(max(0.0, ends - time.monotonic())):
                    raise Stuck(f"{self.name} did not answer within {LONGEST_S:g} s")
                piece = os.read(out.fileno(), 1 << 16)
                if not piece:
                    raise Stuck(f"{self.name} has ended")
                self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return dict(json.loads(line))

    def close(self) -> None:
        """End it, in its own way if it can."""
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Rig:
    """Fronts and workers that all end with it.

    Parameters
    ----------
    folder : Path
        A temporary folder: certificates, and the workers' home.
    npm : Path or None
        A folder whose ``node_modules`` holds the npm package, if there is one.
    """

    def __init__(self, folder: Path, npm: Path | None) -> None:
        self.folder, self.npm = folder, npm
        self._stack = ExitStack()
        self._number = 0
        # Nothing of the person's own: no saved session, no .netrc, no proxy.
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy")
        }
        self.env.update(HOME=str(folder), XDG_CONFIG_HOME=str(folder))
        self.env.update(PYTHONWARNINGS="ignore", PYTHONHASHSEED="0")
        # Compiled modules as an installation has them, wherever this one keeps none.
        self.env.update(PYTHONPYCACHEPREFIX=str(folder / "pycache"))
        for name in ("REQUESTS_CA_BUNDLE", "PYTHONDONTWRITEBYTECODE"):
            self.env.pop(name, None)

    def __enter__(self) -> Rig:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def absent(self, peer: str) -> str:
        """Return why a peer cannot be measured here; empty if it can."""
        if peer == "npm":
            if shutil.which("node") is None:
                return "Node is not installed"
            if self.npm is None:
                return "the npm package is not there (see benchmarks/README.md)"
        if peer == "curl" and shutil.which("curl") is None:
            return "curl is not installed"
        if peer == "py" and find_spec("tplinkcloud") is None:
            return "tplink-cloud-api is not installed"
        return ""

    def front(self, devices: int) -> tuple[Talker, dict[str, str]]:
        """Start a front; return it and what a client has to know."""
        self._number += 1
        place = self.folder / f"front-{self._number}"
        words = [sys.executable, "-m", "benchmarks.front"]
        words += ["--devices", str(devices), "--folder", str(place)]
        front = Talker(words, self.env)
        self._stack.callback(front.close)
        target = {str(k): str(v) for k, v in front.hear().items()}
        roots = place / "roots.pem"
        public = Path(certifi.where()).read_bytes()
        ours = Path(target["ca_file"]).read_bytes()
        roots.write_bytes(ours + public)
        # py trusts a chain of its own, which it reads for each device.
        py_roots = place / "py_roots.pem"
        spec = find_spec("tplinkcloud")
        folders = spec.submodule_search_locations if spec else None
        chain = Path((folders or ["?"])[0]) / "certs" / "tplink-ca-chain.pem"
        py_roots.write_bytes(ours + (chain.read_bytes() if chain.exists() else b""))
        return front, {**target, "roots": str(roots), "py_roots": str(py_roots)}

    def worker(
        self, peer: str, target: dict[str, str], *, files: int | None = None
    ) -> Talker:
        """Start a client, logged in; *files* bounds what it may have open."""
        env, words = dict(self.env), [sys.executable, "-m", "benchmarks.worker", peer]
        if peer == "npm":
            env["NODE_EXTRA_CA_CERTS"] = target["ca_file"]
            words = ["node", str(HERE / "npm_worker.js"), str(self.npm)]
        if files is not None:
            words = ["sh", "-c", f'ulimit -n {files} && exec "$@"', "sh", *words]
        worker = Talker(words, env)
        worker.name = peer
        self._stack.callback(worker.close)
        worker.ask({"do": "open", "target": target})
        return worker

    def workers(
        self, peers: Iterable[str], target: dict[str, str]
    ) -> dict[str, Talker]:
        """Start each of *peers* that is here."""
        return {p: self.worker(p, target) for p in peers if not self.absent(p)}

    def timed(self, words: list[str]) -> tuple[float, bool]:
        """Run a command to its end; return the wall time in ms, and if it went well."""
        began = time.perf_counter()
        run = subprocess.run(
            words, env=self.env, cwd=ROOT, capture_output=True, timeout=LONGEST_S,
            check=False,
        )  # fmt: skip
        took_ms = (time.perf_counter() - began) * 1000
        if run.returncode:
            print(run.stderr.decode()[-500:], file=sys.stderr)
        return took_ms, run.returncode == 0
