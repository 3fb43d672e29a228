"""What an audit found, as a table to look at and as a frame."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, overload

import pandas as pd

from tplink_lab.data.columns import typed

__all__ = ["Audit", "Finding"]

SEVERITIES = ("problem", "warning", "notice")
SEVERITY = pd.CategoricalDtype(list(SEVERITIES), ordered=True)
TOPICS = ("offline", "clock", "schedule", "firmware", "wifi", "standby", "unchecked")
FINDING_DTYPES: dict[str, Any] = {
    "severity": SEVERITY,
    "topic": "category",
    "device": "str",
    "what": "str",
    "next_step": "str",
    "device_id": "str",
}


class Finding(NamedTuple):
    """One thing that wants a look.

    Attributes
    ----------
    severity : str
        ``"problem"``: something does not work; ``"warning"``: it may soon not;
        ``"notice"``: good to know.
    topic : str
        offline, clock, schedule, firmware, wifi, standby or unchecked.
    device : str
        The device's name, with its outlet's if it is about one.
    what : str
        What was found, in a sentence.
    next_step : str
        What to do about it.
    device_id : str
        The device's id.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     finding = tl.audit(cloud)[0]
    >>> finding.severity, finding.device, finding.what
    ('problem', 'Garage Heater', 'The cloud cannot reach it.')
    """

    severity: str
    topic: str
    device: str
    what: str
    next_step: str
    device_id: str


class Audit(Sequence[Finding]):
    """What :func:`tplink_lab.audit` found, the gravest first; shows as a table.

    Attributes
    ----------
    at : datetime
        When it was made (UTC).
    devices : int
        How many devices the account lists.

    Examples
    --------
    >>> import tplink_lab as tl
    >>> with tl.practice() as cloud:
    ...     report = tl.audit(cloud)
    >>> report.devices, report.to_frame()["topic"].tolist()
    (28, ['offline', 'firmware', 'standby', 'standby', 'unchecked'])
    """

    def __init__(self, findings: list[Finding], at: datetime, devices: int) -> None:
        self._findings = sorted(
            findings,
            key=lambda f: (SEVERITIES.index(f.severity), TOPICS.index(f.topic)),
        )
        self.at = at
        self.devices = devices

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a frame.

        Returns
        -------
        DataFrame
            ``severity`` (ordered category: problem, warning, notice), ``topic``
            (category), ``device``, ``what``, ``next_step``, ``device_id`` (str).
        """
        frame = typed([f._asdict() for f in self._findings], FINDING_DTYPES)
        frame.attrs["fetched_at"] = self.at.isoformat()
        return frame

    @overload
    def __getitem__(self, key: int) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> list[Finding]: ...
    def __getitem__(self, key: int | slice) -> Finding | list[Finding]:
        return self._findings[key]

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    def _summary(self) -> str:
        counts = [
            f"{count} {name}{'s' if count > 1 else ''}"
            for name in SEVERITIES
            if (count := sum(f.severity == name for f in self))
        ]
        found = ", ".join(counts) or "nothing to mend"
        return f"{self.devices} devices, {self.at:%Y-%m-%d %H:%M} UTC: {found}"

    def __repr__(self) -> str:
        lines = [self._summary()]
        for f in self:
            lines += [f"{f.severity:<8} {f.topic:<9} {f.device}: {f.what}"]
            lines += [f"{'':<18} -> {f.next_step}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        columns = Finding._fields[:-1]
        head = "".join(f"<th scope='col'>{name}</th>" for name in columns)
        body = "".join(
            "<tr>"
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in f[:-1])
            + "</tr>"
            for f in self
        )
        return (
            "<table class='tplink-lab-audit'>"
            f"<caption>{html.escape(self._summary())}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
