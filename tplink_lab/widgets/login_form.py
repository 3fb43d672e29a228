"""The login as a form: nothing blocks the kernel, and no state keeps the password."""

from __future__ import annotations

import html
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw  # type: ignore[import-untyped]
import traitlets

from tplink_lab.cloud.secret import Secret
from tplink_lab.cloud.signed import Challenge
from tplink_lab.entering import login
from tplink_lab.errors import (
    AppNotLoggedIn,
    BadInput,
    CloudError,
    SecondFactorNeeded,
    TPLinkLabError,
    WrongCode,
)
from tplink_lab.opening import practice
from tplink_lab.widgets.pieces import SHEET
from tplink_lab.widgets.rows import explain
from tplink_lab.widgets.view import close_all

if TYPE_CHECKING:
    from tplink_lab.cloud import Cloud

__all__ = ["LoginForm", "OnLogin"]

OnLogin = Callable[["Cloud"], object]
APPS = {"Kasa and Tapo": ("kasa", "tapo"), "Kasa": ("kasa",), "Tapo": ("tapo",)}
NAME = "tplink-lab login form"
CODE_PATIENCE_S = 600.0  # a code is good for some minutes only
TYPED = "taken; not kept in the page"

STYLE = (
    SHEET
    + """
.tplink-lab-login { max-width: 34em; }
.tplink-lab-login .widget-html-content { line-height: 1.4; white-space: normal;
  overflow-wrap: anywhere; color: var(--jp-ui-font-color1, inherit); }
.tplink-lab-login .widget-inline-hbox { width: auto; margin-right: 4px; }
.tplink-lab-login .widget-dropdown select { appearance: auto; padding-right: 2px;
  background-image: none; }
.tplink-lab-login .lab-why { width: auto;
  margin: 0 4px 6px 88px; }
.tplink-lab-login .lab-buttons { flex-wrap: wrap; gap: 4px; margin-left: 84px; }
.tplink-lab-login button { width: auto; }
.tplink-lab-login button:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px; }
</style>"""
)


class SecretField(ipw.Password):  # type: ignore[misc]
    """A field whose text leaves its state as soon as it has come.

    It is never echoed, and no state that is saved or sent holds it.
    """

    value = traitlets.Unicode("").tag(sync=True, echo_update=False)

    def __init__(self, **options: Any) -> None:
        self._taken: Secret | None = None
        super().__init__(continuous_update=False, **options)
        self._hint = self.placeholder
        self.observe(self._take, "value")

    def get_state(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return the state without the text, whoever asks."""
        state: dict[str, Any] = super().get_state(*args, **options)
        return {**state, "value": ""} if "value" in state else state

    def _take(self, change: Any) -> None:
        if change["new"]:
            self._taken = Secret(change["new"])
            change["new"] = ""
            self.value = ""
            self.placeholder = TYPED

    @property
    def has_text(self) -> bool:
        """Whether something was typed."""
        return self._taken is not None

    def pull(self) -> Secret:
        """Return what was typed, and forget it."""
        taken, self._taken = self._taken, None
        self.placeholder = self._hint
        return taken or Secret("")


class Asker:
    """Waits in the worker until a code is typed; asked again if it was wrong."""

    is_person = True

    def __init__(self, form: LoginForm) -> None:
        self._form = form
        self._came = threading.Event()
        self._code: Secret | None = None
        self._times = 0

    def __call__(self, challenge: Challenge) -> Secret:
        self._came.clear()
        self._code = None
        self._times += 1
        self._form._ask_code(challenge, is_again=self._times > 1)
        self._came.wait(CODE_PATIENCE_S)
        code, self._code = self._code, None
        if code is None:
            raise SecondFactorNeeded(
                "No code was given.",
                call="login",
                next_step="Press Log in again; a new code will come.",
            )
        return code

    def give(self, code: Secret | None) -> None:
        """Hand over what was typed; None gives up."""
        self._code = code
        self._came.set()


class LoginForm(ipw.VBox):  # type: ignore[misc]
    """The form; made by :func:`tplink_lab.widgets.login`, which tells about it."""

    def __init__(self, email: str, on_login: OnLogin | None, **options: Any) -> None:
        # Told in the form instead; this module only, so the filter can stay.
        warnings.filterwarnings(
            "ignore", category=AppNotLoggedIn, module=__name__.replace(".", r"\.")
        )
        self._on_login, self._options = on_login, options
        self._lock = threading.Lock()
        self._rest = threading.Event()
        self._rest.set()
        self._asker: Asker | None = None
        self._is_closed = False
        self.cloud: Cloud | None = None
        self.last_error: Exception | None = None
        self.email = ipw.Text(
            value=email,
            description="E-mail",
            placeholder="as in the Kasa or Tapo app",
            tooltip="The account's e-mail address",
            _dom_classes=["lab-email"],
        )
        self.password = SecretField(
            description="Password", placeholder="", _dom_classes=["lab-password"]
        )
        self.password.tooltip = "The account's password; it is not kept"
        self.app = ipw.Dropdown(
            options=list(APPS),
            description="App",
            tooltip="Which app's account and devices",
            _dom_classes=["lab-app"],
        )
        self.code = SecretField(
            description="Code", placeholder="from the mail", _dom_classes=["lab-code"]
        )
        self.code.tooltip = "The code that TP-Link sent"
        self.enter = _button("Log in", "Log in to TP-Link's cloud", "lab-enter")
        self.practice = _button(
            "Practice instead", "Open a practice cloud: no account needed", "lab-start"
        )
        self.send = _button("Send the code", "Give TP-Link the code", "lab-send")
        self.cancel = _button("Give up", "Stop this login", "lab-give-up")
        self.why = {key: _why(key) for key in ("email", "password", "code", "form")}
        self.status = ipw.HTML(_dom_classes=["lab-status", "lab-said"])
        line = ["lab-buttons"]
        self._code_rows = (
            self.code,
            self.why["code"],
            ipw.HBox([self.send, self.cancel], _dom_classes=line),
        )
        style = ipw.HTML(STYLE)
        style.layout.display = "none"
        rows = [style, self.email, self.why["email"], self.password]
        rows += [self.why["password"], self.app]
        rows += [ipw.HBox([self.enter, self.practice], _dom_classes=line)]
        rows += [*self._code_rows, self.why["form"], self.status]
        super().__init__(rows)
        self.add_class("tplink-lab-login")
        self._show_code(False)
        self.enter.on_click(lambda _: self._log_in())
        self.practice.on_click(lambda _: self._practise())
        self.send.on_click(lambda _: self._send_code())
        self.cancel.on_click(lambda _: self._give(None))

    def wait(self, timeout_s: float = 10) -> bool:
        """Wait until nothing is under way, or a code is asked for.

        Parameters
        ----------
        timeout_s : float
            How long at most.

        Returns
        -------
        bool
            False if it took too long.
        """
        return self._rest.wait(timeout_s)

    def close(self) -> None:
        """Stop what is under way, and remove the form. The cloud stays open."""
        if getattr(self, "_is_closed", True):
            return
        self._is_closed = True
        self._give(None)
        self.password.pull()
        close_all(self)

    # --- from the page ------------------------------------------------------------

    def _log_in(self) -> None:
        self._tell()
        email = self.email.value.strip()
        if "@" not in email:
            self._tell("email", "Type the account's e-mail address.")
        elif not self.password.has_text:
            self._tell("password", "Type the password.")
        else:
            secret = self.password.pull()
            apps = APPS[self.app.value]
            asker = self._asker = Asker(self)
            options = {k: v for k, v in self._options.items() if v is not None}
            self._begin(
                f"… logging in as {email}",
                lambda: login(email, secret, apps=apps, code=asker, **options),
            )

    def _practise(self) -> None:
        self._tell()
        kept = {k: self._options[k] for k in ("read_only", "protect")}
        self._begin("… starting a practice cloud", lambda: practice(**kept))

    def _send_code(self) -> None:
        self._tell()
        if not self.code.has_text:
            self._tell("code", "Type the code.")
            return
        self._give(self.code.pull())

    def _give(self, code: Secret | None) -> None:
        asker = self._asker
        if asker is not None:
            self._rest.clear()
            self._show_code(False)
            self._say("… checking the code" if code else "… stopping")
            asker.give(code)

    # --- in the worker --------------------------------------------------------------

    def _begin(self, words: str, enter: Callable[[], Cloud]) -> None:
        with self._lock:
            if self.enter.disabled or self._is_closed:
                return
            self.enter.disabled = self.practice.disabled = True
        self._rest.clear()
        self._say(words)
        threading.Thread(
            target=self._work, args=(enter,), name=NAME, daemon=True
        ).start()

    def _work(self, enter: Callable[[], Cloud]) -> None:
        try:
            cloud = enter()
        except Exception as error:  # noqa: BLE001 - told under the field it is about
            self._say("")
            self._explain(error)
        else:
            self._hand_over(cloud)
        finally:
            self._asker = None
            self._show_code(False)
            self.enter.disabled = self.practice.disabled = False
            self._rest.set()

    def _hand_over(self, cloud: Cloud) -> None:
        if self._is_closed:
            cloud.close()
            return
        self.cloud = cloud
        self._say(_welcome(cloud))
        for name, error in cloud.refused.items():
            self._tell("form", f"The {name} app is not logged in: {error}")
        if self._on_login is not None:
            try:
                self._on_login(cloud)
            except Exception as error:  # noqa: BLE001 - the login itself went well
                self._explain(error)

    def _explain(self, error: Exception) -> None:
        if not isinstance(error, TPLinkLabError):
            self.last_error = error
            text = explain(error).text.replace("panel.last_error", "form.last_error")
            self._tell("form", text)
            return
        self._tell(_field(error), str(error))

    def _ask_code(self, challenge: Challenge, *, is_again: bool) -> None:
        self._show_code(True)
        if is_again:
            self._tell("code", "That was not the code. Type it again.")
        self._say(f"TP-Link sent a code to {challenge.email} ({challenge.app} app).")
        self._rest.set()
        if self._is_closed and self._asker is not None:
            self._asker.give(None)

    # --- to the page ------------------------------------------------------------------

    def _show_code(self, is_wanted: bool) -> None:
        for row in self._code_rows:
            row.layout.display = None if is_wanted else "none"

    def _say(self, words: str) -> None:
        self.status.value = html.escape(words)

    def _tell(self, field: str = "", words: str = "") -> None:
        """Tell what is wrong under *field*; without one, forget what was told."""
        for key, label in self.why.items():
            if field in ("", key):
                told = f"<b>!</b> {html.escape(words)}"
                label.value = f"<span role='alert'>{told}</span>" if words else ""
                label.layout.display = None if words else "none"
        # A wrong code is told beside its field, unless that is hidden by now.
        if field == "code" and self._asker is None:
            self._code_rows[1].layout.display = None

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {}
        words = (
            "Login form: e-mail, password, app. It needs a live kernel: run the cell, "
            "or use tl.login(...) without it."
        )
        return bundle | {"text/plain": words, "text/html": f"<p>{words}</p>"}

    def __repr__(self) -> str:
        return f"<LoginForm: {self.cloud or 'nobody is logged in'}>"


def _field(error: TPLinkLabError) -> str:
    """Return the field that an error is about."""
    if isinstance(error, WrongCode | SecondFactorNeeded):
        return "form"  # the field for the code is gone by then
    code = error.error_code if isinstance(error, CloudError) else 0
    if code in (-20601, -20602, -20615):
        return "password"
    if code == -20600:
        return "email"
    if isinstance(error, BadInput) and "e-mail" in str(error).casefold():
        return "email"
    return "form"


def _welcome(cloud: Cloud) -> str:
    regions = {s.address.host for s in cloud.sessions.values()}
    where = "a practice cloud" if cloud.is_practice else ", ".join(sorted(regions))
    return f"● Logged in to {' and '.join(cloud.sessions)} at {where}."


def _button(words: str, tooltip: str, name: str) -> Any:
    return ipw.Button(description=words, tooltip=tooltip, _dom_classes=[name])


def _why(key: str) -> Any:
    label = ipw.HTML(_dom_classes=["lab-why", f"lab-why-{key}"])
    label.layout.display = "none"
    return label
