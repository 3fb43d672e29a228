"""The monitor's picture: an inline SVG in the theme's own colours, and a PNG to keep.

The SVG is ours: a dozen lines on two axes, redrawn every few seconds in a thread.
It takes its text colour from the page, so one drawing serves light and dark.
matplotlib, without pyplot and its global state, draws the PNG when it is asked for.
"""

from __future__ import annotations

import html
import io
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tplink_lab.widgets.power import Meter, Sample

__all__ = ["chart_png", "chart_svg", "described", "mark"]

# Okabe and Ito's colours, told apart by colour-blind people too, and legible on white
# and on black; the dashes repeat the difference.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56a0d0")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2")
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 220, 76, 24, 16


def mark(number: int) -> str:
    """Return the line of a meter for the table: its colour and its dashes."""
    return (
        "<svg width='34' height='10' aria-hidden='true'><line x1='1' x2='33' y1='5' "
        f"y2='5' {_stroke(number)}/></svg>"
    )


def described(meters: Sequence[Meter]) -> str:
    """Return the picture in words."""
    told = []
    for meter in meters:
        if meter.power_w is not None:
            told.append(f"{meter.alias} {meter.power_w:.1f} W")
        else:
            why = meter.problem.short if meter.problem else "not heard yet"
            told.append(f"{meter.alias}: {why}")
    return "Power over time. Now: " + ("; ".join(told) or "no meters") + "."


def runs(samples: Sequence[Sample], gap_s: float) -> Iterator[list[Sample]]:
    """Split samples where one failed or too much time went by: gaps stay gaps.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = [datetime(2026, 11, 1, 18, m, tzinfo=UTC) for m in (0, 1, 9)]
    >>> [len(run) for run in runs([Sample(t, 1.0) for t in at], 90)]
    [2, 1]
    """
    run: list[Sample] = []
    for sample in samples:
        far = run and (sample.at - run[-1].at).total_seconds() > gap_s
        if run and (far or sample.power_w is None):
            yield run
            run = []
        if sample.power_w is not None:
            run.append(sample)
    if run:
        yield run


def chart_svg(meters: Sequence[Meter], window_s: float, gap_s: float) -> str:
    """Return the picture as SVG, its words in ``aria-label``.

    Parameters
    ----------
    meters : sequence of Meter
        What to draw.
    window_s : float
        How much time the picture spans, in s.
    gap_s : float
        How far apart two samples are joined at most, in s.
    """
    moments = [m.samples[-1].at for m in meters if m.samples]
    if not moments:
        return "<p>… asking the meters</p>"
    end = max(moments)
    seen_w = [s.power_w for m in meters for s in m.samples if s.power_w is not None]
    step_w = _step(max(seen_w, default=0.0))
    top_w = max(step_w, math.ceil(max(seen_w, default=0.0) / step_w) * step_w)

    def x(at: datetime) -> float:
        ago_s = (end - at).total_seconds()
        return WIDTH - 8 - (WIDTH - LEFT - 8) * min(ago_s / window_s, 1)

    def y(power_w: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * power_w / top_w

    parts = []
    for n in range(round(top_w / step_w) + 1):
        level = y(n * step_w)
        parts.append(
            f"<line x1='{LEFT}' x2='{WIDTH - 8}' y1='{level:.1f}' y2='{level:.1f}' "
            "stroke='currentColor' stroke-opacity='0.2'/><text text-anchor='end' "
            f"x='{LEFT - 6}' y='{level + 4:.1f}'>{n * step_w:g} W</text>"
        )
    for n in range(5):
        at = end - timedelta(seconds=window_s * n / 4)
        anchor = "end" if n == 0 else "middle"
        words = at.astimezone().strftime("%H:%M:%S" if window_s < 3600 else "%H:%M")
        parts.append(
            f"<text text-anchor='{anchor}' x='{x(at):.1f}' "
            f"y='{HEIGHT - 6}'>{words}</text>"
        )
    # The zone of who looks: a picture of the house's own time may stand beside it.
    parts.append(f"<text x='2' y='{HEIGHT - 6}'>{end.astimezone():%Z}</text>")
    for number, meter in enumerate(meters):
        for run in runs(meter.samples, gap_s):
            points = " ".join(f"{x(s.at):.1f},{y(s.power_w or 0):.1f}" for s in run)
            if len(run) > 1:
                parts.append(
                    f"<polyline fill='none' points='{points}' {_stroke(number)}/>"
                )
            last = points.rsplit(" ", 1)[-1].split(",")
            parts.append(
                f"<circle cx='{last[0]}' cy='{last[1]}' r='3' "
                f"fill='{COLORS[number % len(COLORS)]}'/>"
            )
    name = html.escape(described(meters), quote=True)
    return (
        f"<svg class='lab-chart' role='img' aria-label='{name}' viewBox='0 0 {WIDTH} "
        f"{HEIGHT}' width='100%' style='max-width:{WIDTH}px' fill='currentColor' "
        f"font-size='12'>{''.join(parts)}</svg>"
    )


def chart_png(meters: Sequence[Meter], window_s: float, gap_s: float) -> bytes:
    """Return the picture as a PNG, drawn by matplotlib.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import DateFormatter
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    zone = datetime.now().astimezone().tzinfo
    for number, meter in enumerate(meters):
        label: str | None = meter.alias.replace("$", r"\$")
        for run in runs(meter.samples, gap_s):
            axes.plot(
                [s.at for s in run],  # type: ignore[arg-type]
                [s.power_w or 0.0 for s in run],
                color=COLORS[number % len(COLORS)],
                marker="." if len(run) == 1 else "",
                label=label,
            )
            label = None
    moments = [m.samples[-1].at for m in meters if m.samples]
    if moments:
        end = max(moments)
        axes.set_xlim(end - timedelta(seconds=window_s), end)  # type: ignore[arg-type]
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M", tz=zone))  # type: ignore[no-untyped-call]
    axes.set(ylabel="power [W]", ylim=(0, None), title=f"Live power, {zone} time")
    if axes.lines:
        axes.legend(loc="upper left", fontsize="small")
    saved = io.BytesIO()
    figure.savefig(saved, format="png")
    return saved.getvalue()


def _stroke(number: int) -> str:
    dashes = DASHES[number // len(COLORS) % len(DASHES)] or DASHES[number % len(DASHES)]
    return (
        f"stroke='{COLORS[number % len(COLORS)]}' stroke-width='2' "
        f"stroke-dasharray='{dashes}'"
    )


def _step(largest_w: float) -> float:
    """Return a round step that divides the axis in about four."""
    rough = max(largest_w, 1.0) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
