"""Open the lab, or check it. Needs nothing but Python.

    python lab.py                open JupyterLab on the lessons
    python lab.py lab anna       open it on copies of the lessons, in the folder anna
    python lab.py test           run every check
    python lab.py format         tidy the code
    python lab.py lessons        run all lessons and keep their fresh outputs
    python lab.py wheels         fetch what the lab needs into the folder wheels, for
                                 machines without internet: copy the whole folder
    python lab.py help           show this text
    python lab.py practice       and login, logout, doctor, explain, snapshot, record,
                                 dashboard: what tplink-lab does, without installing it

On Windows: py lab.py. What follows a command is passed on:

    python lab.py lab --no-browser --port 9000
    python lab.py test tests/practice -k token
    python lab.py practice --help

The first start makes the environment .venv; delete that folder to start afresh.
"""

# This file must parse on Python 3.8 and may import the standard library only: it
# has to tell the owner of an old Python what is missing.
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
STAMP = "tplink-lab-stamp.json"
EXTRAS = ("lab", "test")  # the later one brings the earlier one along
WHEELS = "wheels"  # where it is there, nothing is fetched from the internet
FIRST_LESSON = "00_start_here.ipynb"
# Commands of tplink-lab, which is not on the PATH in a checkout.
TOOLS = (
    "practice", "login", "logout", "doctor", "explain", "snapshot", "record",
    "dashboard",
)  # fmt: skip


class Trouble(Exception):
    """Something the person at the keyboard has to know, in plain words."""


def say(text, to=None):
    """Print at once: the next line often comes from another process."""
    print(text, file=to, flush=True)


# The environment


def python_of(venv):
    """Return where the interpreter of the environment *venv* is."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def check_python(version=None, have_module=None):
    """Raise Trouble if this Python cannot make the environment."""
    version = tuple(version or sys.version_info[:3])
    have_module = have_module or importlib.util.find_spec
    here = f"{'.'.join(map(str, version))} ({sys.executable})"
    if version < OLDEST_PYTHON:
        raise Trouble(
            f"The lab needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer; "
            f"this one is {here}. Start lab.py with a newer one, as in: "
            "python3.12 lab.py (Windows: py -3.12 lab.py)"
        )
    missing = [name for name in ("venv", "ensurepip") if have_module(name) is None]
    if missing:
        raise Trouble(
            f"Python {here} comes without the module {' and '.join(missing)}, which "
            "makes environments. On Debian or Ubuntu: sudo apt install "
            f"python{version[0]}.{version[1]}-venv (or python3-venv). Then run this "
            "command again."
        )


def fingerprint(pyproject, place):
    """Return what an installation depends on: a change means installing again.

    The place counts because an editable installation names it: a project folder
    that was moved or copied has to be installed again.
    """
    text = "\n".join((pyproject, str(place)))
    return hashlib.sha256(text.encode()).hexdigest()


def read_stamp(venv):
    """Return what was installed into *venv*: ``{}`` unless an install finished."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def needs_install(stamp, wanted, extra):
    """Whether *extra* has to be installed, given the stamp of the last install."""
    if stamp.get("fingerprint") != wanted or stamp.get("extra") not in EXTRAS:
        return True
    return EXTRAS.index(stamp["extra"]) < EXTRAS.index(extra)


def extra_to_install(stamp, extra):
    """Return the richer one of *extra* and what is there: nothing gets outdated."""
    known = [name for name in (extra, stamp.get("extra")) if name in EXTRAS]
    return max(known, key=EXTRAS.index)


def works(venv, modules="sys, pip"):
    """Whether *venv* is whole: its Python starts, is new enough and has pip."""
    if not python_of(venv).is_file():
        return False
    question = f"import {modules}; sys.exit(sys.version_info < {OLDEST_PYTHON!r})"
    try:
        answer = subprocess.run(
            [str(python_of(venv)), "-c", question],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return answer.returncode == 0


def clear_broken(venv):
    """Remove what an interrupted start left at *venv*, and only that."""
    if not venv.exists() and not venv.is_symlink():
        return
    ours = venv.is_dir() and not venv.is_symlink()
    if ours and any(venv.iterdir()):
        ours = (venv / "pyvenv.cfg").is_file() or python_of(venv).exists()
    if not ours:
        raise Trouble(
            f"{venv} is in the way: it is no Python environment. Move it elsewhere, "
            "then run this command again."
        )
    say(f"Removing the unusable environment {venv} ...", sys.stderr)
    try:
        shutil.rmtree(str(venv))
    except OSError as error:
        raise Trouble(
            f"Could not remove {venv}: {error.strerror}. Close what uses it, delete "
            "the folder and run this command again."
        ) from None


def ensure_environment(extra, from_wheels=True):
    """Make ``.venv`` hold the project with *extra*; return its Python.

    *from_wheels*: install the lab from the folder of that name, if it is there.
    """
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = fingerprint(pyproject, ROOT)
    stamp = read_stamp(VENV)
    python = python_of(VENV)
    if not needs_install(stamp, wanted, extra) and works(VENV, "sys"):
        return str(python)
    check_python()
    if not works(VENV):
        clear_broken(VENV)
        # What a command prints may be on its way into a file; this is not for it.
        say("Making the environment .venv (once) ...", sys.stderr)
        if call([sys.executable, "-m", "venv", str(VENV)]):
            raise Trouble(
                f"Python could not make {VENV}; its reason stands above. Check that "
                "the folder is writable and the disk not full."
            )
        stamp = {}
    extra = extra_to_install(stamp, extra)
    say(
        "Installing the lab into .venv (a minute or more, only this once) ...",
        sys.stderr,
    )
    started = time.monotonic()
    # Without its stamp a half-finished installation is done again.
    (VENV / STAMP).unlink(missing_ok=True)
    install(str(python), extra, from_wheels)
    settle(VENV)
    text = json.dumps({"fingerprint": wanted, "extra": extra})
    half = VENV / (STAMP + ".half")
    half.write_text(text, encoding="utf-8")
    half.replace(VENV / STAMP)
    say(f"Installed in {time.monotonic() - started:.0f} s.", sys.stderr)
    return str(python)


def settle(venv):
    """Tell JupyterLab not to ask about its news over the first lesson."""
    settings = venv / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    (settings / "overrides.json").write_text(json.dumps(quiet), encoding="utf-8")


def install(python, extra, from_wheels=True):
    """Install the project with *extra*; raise Trouble with pip's last words."""
    command = [python, "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--editable", f".[{extra}]"]
    offline = from_wheels and extra == "lab" and (ROOT / WHEELS).is_dir()
    if offline:
        command += ["--no-index", "--find-links", WHEELS]
    lines = []
    live = sys.stdout.isatty()
    pip = subprocess.Popen(
        command,
        cwd=str(ROOT),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    try:
        for line in pip.stdout:
            lines.append(line.rstrip())
            if live:
                print("\r\x1b[K  " + line.strip()[:72], end="", flush=True)
        status = pip.wait()
    except BaseException:
        stop(pip)
        raise
    finally:
        pip.stdout.close()
        if live:
            print("\r\x1b[K", end="", flush=True)
    if status:
        # pip's own words go above ours: the last line should say what to do.
        print("\n".join([line for line in lines if line][-12:]), file=sys.stderr)
        raise Trouble(explain_pip(status, "\n".join(lines), offline))


def explain_pip(status, text, from_wheels=False):
    """Return what to tell when pip ended with *status* after saying *text*."""
    unfound = (
        "Could not find a version|No matching distribution|ConnectionError|Max retries"
        "|Failed to establish|name resolution|ProxyError|timed out"
    )
    if "No space left" in text:
        advice = "The disk is full: the lab takes about 700 MB."
    elif from_wheels and re.search(unfound + "|requires a different Python", text):
        advice = (
            "The folder wheels does not hold all of them: it may be of another system, "
            f"another Python than this {sys.version.split()[0]}, or of an older lab. "
            "Run lab.py wheels on a machine like this one that has internet; it adds "
            "to the folder."
        )
    elif re.search(unfound, text):
        advice = (
            "The packages could not be fetched. Is this machine online? Behind a proxy "
            "or with a mirror, tell pip by HTTPS_PROXY, PIP_INDEX_URL or pip.conf. For "
            "machines without internet: python lab.py wheels on one that has it."
        )
    else:
        advice = "Its reason stands above."
    return (
        f"pip could not install the lab (exit code {status}). {advice} Then run this "
        "command again: what is there already is kept."
    )


# Running things


def stop(process, patience_s=10.0):
    """End *process*, by force if it does not want to."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def call(command, env=None):
    """Run *command* in the project folder and return its exit code.

    Ctrl-C reaches the child too; it gets time to end its own way.
    """
    process = subprocess.Popen(command, cwd=str(ROOT), env=env)
    try:
        return process.wait()
    except KeyboardInterrupt:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            stop(process)
        raise
    except BaseException:
        stop(process)
        raise


def become(command):
    """Turn into *command*, so that signals and Ctrl-C reach it alone."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606 (no shell is the point)
    # Windows has no exec that the console would wait for. Jupyter asks back at
    # Ctrl-C, so we must outlive it.
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def lab_command(python, arguments, is_root=False):
    """Return the command that opens JupyterLab on the lessons."""
    command = [python, "-m", "jupyterlab", "--notebook-dir", str(ROOT / "notebooks")]
    given = " ".join(arguments)
    if (ROOT / "notebooks" / FIRST_LESSON).is_file() and "default_url" not in given:
        command.append("--LabApp.default_url=/lab/tree/" + FIRST_LESSON)
    if is_root and "--allow-root" not in arguments:
        # Jupyter refuses root, which is who one is in most containers. The server
        # listens on this machine only and asks for its token all the same.
        command.append("--allow-root")
    return command + list(arguments)


# The commands


def is_a_folder_for_copies(word):
    """Say if *word*, after `lab`, is no option and no notebook of JupyterLab's."""
    return word[:1] != "-" and not word.endswith(".ipynb")


def open_lab(arguments):
    """Open JupyterLab on the lessons, or on copies of them in a folder."""
    if arguments and is_a_folder_for_copies(arguments[0]):
        return use("lab", arguments)
    python = ensure_environment("lab")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    say("Opening JupyterLab; Ctrl-C ends it.")
    os.chdir(str(ROOT))
    return become(lab_command(python, arguments, is_root))


def use(name, arguments):
    """Run a command of tplink-lab, in the folder where the person is."""
    python = ensure_environment("lab")
    return become([python, "-m", "tplink_lab", name, *arguments])


def fetch_wheels(arguments):
    """Put every package of the lab, and what installs it, into a folder."""
    python = ensure_environment("lab", from_wheels=False)
    command = [python, "-m", "pip", "wheel", "--disable-pip-version-check", "--quiet"]
    wanted = [".[lab]", "hatchling", "editables"]
    half = ROOT / (WHEELS + ".half")
    shutil.rmtree(str(half), ignore_errors=True)
    if call([*command, "--wheel-dir", str(half), *wanted]):
        raise Trouble("pip could not fetch all packages; its reason stands above.")
    for own in half.glob("tplink_lab-*.whl"):
        own.unlink()  # the lab itself is this folder
    # Those of another system or Python stay: one folder may serve a mixed room.
    (ROOT / WHEELS).mkdir(exist_ok=True)
    fetched = list(half.iterdir())
    for wheel in fetched:
        wheel.replace(ROOT / WHEELS / wheel.name)
    half.rmdir()
    say(
        f"{len(fetched)} packages in {ROOT / WHEELS}, for this system and Python "
        f"{sys.version.split()[0]}; what was there for others stays. Copy the whole "
        "folder, without .venv, to the other machines; python lab.py then needs no "
        "internet there."
    )
    return 0


def tidy(arguments):
    """Format the code and repair what ruff can repair."""
    python = ensure_environment("test")
    where = list(arguments) or ["."]
    status = call([python, "-m", "ruff", "check", "--fix", *where])
    return call([python, "-m", "ruff", "format", *where]) or status


# Run by IPython in each kernel. Warnings become errors with the first cell and not
# before: PYTHONWARNINGS would act while the kernel starts, and from Python 3.12 on
# asyncio then warns the kernel's own libraries, so that it dies.
KERNEL_START_UP = """\
import warnings

def _warnings_are_errors(*_):
    get_ipython().events.unregister("pre_run_cell", _warnings_are_errors)
    warnings.simplefilter("error")
    # ipykernel about itself as it ends: an error there would hang for five seconds.
    warnings.filterwarnings("ignore", "For consistency", PendingDeprecationWarning)

get_ipython().events.register("pre_run_cell", _warnings_are_errors)
"""


def notebook_environment(scratch):
    """Return the environment that lessons are run in: warnings are errors there.

    pytest's ``-W error`` does not reach a kernel, so IPython is given a start-up
    file; the person's own ones stay out.
    """
    start_up = Path(scratch, "ipython", "profile_default", "startup")
    start_up.mkdir(parents=True, exist_ok=True)
    (start_up / "00-warnings.py").write_text(KERNEL_START_UP, encoding="utf-8")
    return dict(os.environ, IPYTHONDIR=str(Path(scratch, "ipython")))


NBVAL = ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", "tests/nbval.cfg"]
# nbval forgets to close a file. Our code runs in the kernels, not in this pytest.
NBVAL += ["-W", "ignore::ResourceWarning"]


def steps(python, scratch):
    """Return the checks in order: (title, command, environment, counts file)."""
    run = [python, "-m"]
    lessons = notebook_environment(scratch)
    plan = [
        ("ruff check", [*run, "ruff", "check", "."], None),
        ("ruff format", [*run, "ruff", "format", "--check", "."], None),
        ("mypy", [*run, "mypy"], None),
        (
            "unit tests and doctests",
            [
                *run,
                "pytest",
                "-q",
                "-rs",
                # Most of a test's time is waiting, and not for the processor.
                "--numprocesses=auto",
                "--maxprocesses=8",
                "--doctest-modules",
                "tplink_lab",
                "tests",
                "--ignore=tests/browser",
            ],
            None,
        ),
        (
            "lessons (nbval)",
            [*run, "pytest", "-q", "-rs", *NBVAL, "notebooks"],
            lessons,
        ),
        ("lessons in a browser", [*run, "pytest", "-q", "-rs", "tests/browser"], None),
    ]
    numbered = []
    for number, (title, command, env) in enumerate(plan):
        counts = None
        if "pytest" in command:
            counts = Path(scratch, f"counts-{number}.xml")
            command = [*command, "--junitxml", str(counts)]
        numbered.append((title, command, env, counts))
    return numbered


def count(report, status):
    """Return (passed, failed, skipped) of one check.

    *report* is pytest's JUnit file, or None for a check that is one by itself. An
    exit code other than 0 is at least one failure, whatever the file says.
    """
    passed = failed = skipped = 0
    if report is not None:
        try:
            suites = ElementTree.parse(str(report)).getroot().iter("testsuite")  # noqa: S314
            for suite in suites:
                bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
                skips = int(suite.get("skipped", 0))
                passed += int(suite.get("tests", 0)) - bad - skips
                failed, skipped = failed + bad, skipped + skips
        except (OSError, ElementTree.ParseError):
            pass  # pytest never got as far: the exit code tells
    elif status == 0:
        passed = 1
    if status and not failed:
        failed = 1
    return max(passed, 0), failed, skipped


def under_ci(environ):
    """Whether a build server is asking: then a skipped test is a failure."""
    return environ.get("CI", "").lower() not in ("", "0", "false", "no")


def verdict(results, strict, seconds):
    """Return the summary's lines and the exit code.

    *results* holds (title, seconds, (passed, failed, skipped)) for each check.
    """
    lines = ["", "Summary"]
    total = [0, 0, 0]
    for title, took, counts in results:
        total = [old + new for old, new in zip(total, counts)]  # noqa: B905 (3.8)
        word = "FAILED" if counts[1] else "ok"
        lines.append(
            "  {:<7} {:<26}{:>6} passed {:>4} failed {:>4} skipped {:>7.1f} s".format(
                word, title, *counts, took
            )
        )
    if strict and total[2]:
        lines.append(f"  CI is set: {total[2]} skipped count as failed.")
        total = [total[0], total[1] + total[2], 0]
    lines.append("{} passed, {} failed, {} skipped".format(*total))
    return lines, 1 if total[1] or not total[0] else 0


def check(arguments):
    """Run every check, or pytest alone with the arguments given."""
    python = ensure_environment("test")
    with tempfile.TemporaryDirectory(prefix="tplink-lab-") as scratch:
        if arguments:
            # A lesson is run by nbval, which plain pytest does not know.
            lesson = any(
                ".ipynb" in a or Path(a).name == "notebooks" for a in arguments
            )
            env = notebook_environment(scratch) if lesson else None
            extra = NBVAL if lesson else []
            return call([python, "-m", "pytest", *extra, *list(arguments)], env)
        begun = time.monotonic()
        results = []
        for title, command, env, counts in steps(python, scratch):
            say(f"\n== {title}")
            started = time.monotonic()
            status = call(command, env)
            results.append((title, time.monotonic() - started, count(counts, status)))
        lines, status = verdict(results, under_ci(os.environ), time.monotonic() - begun)
        for line in lines:
            say(line)
        return status


def refresh_lessons(arguments):
    """Run all lessons (or those named) and keep their outputs."""
    python = ensure_environment("test")
    with tempfile.TemporaryDirectory(prefix="tplink-lab-") as scratch:
        worker = [python, str(ROOT / "tests" / "refresh_lessons.py")]
        return call(worker + list(arguments), notebook_environment(scratch))


def show_help(arguments):
    """Show what lab.py can do."""
    print(__doc__.strip())
    return 0


COMMANDS = {
    "lab": open_lab,
    "test": check,
    "format": tidy,
    "lessons": refresh_lessons,
    "wheels": fetch_wheels,
    "help": show_help,
    "-h": show_help,
    "--help": show_help,
}


def main(arguments):
    """Run one command; return the exit code."""
    if not arguments or (arguments[0] not in COMMANDS and arguments[0][:1] == "-"):
        arguments = ["lab", *arguments]  # options alone are JupyterLab's
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS and name not in TOOLS:
        print(f"lab.py: there is no command {name!r}.\n", file=sys.stderr)
        print(__doc__.strip(), file=sys.stderr)
        return 2
    # A build server ends us by SIGTERM: the child must not outlive us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return use(name, rest) if name in TOOLS else COMMANDS[name](rest)
    except Trouble as trouble:
        print(f"lab.py: {trouble}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"lab.py: {error.strerror or error}: {error.filename or VENV}. If somebody "
            "else made this folder, copy it without .venv to a place of your own, and "
            "start lab.py there, with a Python that all users may run.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
