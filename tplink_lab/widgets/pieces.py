"""Pieces that the widgets share: text to copy, files to save, a style, a bundle.

ipywidgets cannot reach the clipboard. An HTML widget may hold a ``<button>`` with an
inline handler, though, and that works in JupyterLab, Notebook 7 and Voilà without any
more libraries. The handler is a constant: it copies the text of the element beside it,
so what is copied is what is shown. Where scripts are refused, the text can still be
selected by hand.
"""

from __future__ import annotations

import base64
import html
import re
from typing import Any

__all__ = [
    "SHEET",
    "bundle_with",
    "copied_text",
    "copy_button",
    "download",
    "plain_of",
    "style",
    "table",
]

# What ipywidgets does not do, on pages that run scripts; the widgets work without.
#
# JupyterLab takes arrows and letters pressed in a dropdown for commands of its own:
# "d" twice deletes the cell. This asks it to leave them alone. It looks at the element
# that has the focus, and no further up.
#
# A button's tooltip is a mere description: a list of buttons read aloud is "Turn off"
# thirty times. Where the tooltip begins with the button's words, it becomes its name.
#
# `.lab-said` becomes a live region that stays, while its words change.
SHEET = (
    "<style onload=\"const w=this.closest('.widget-vbox');if(w){"
    "w.addEventListener('focusin',e=>{if(e.target.tagName==='SELECT')"
    "e.target.dataset.lmSuppressShortcuts='true'});"
    "const name=()=>{"
    "for(const b of w.querySelectorAll('button[title]')){"
    "const t=b.title,x=b.textContent.trim();"
    "if(x&&t.startsWith(x)){if(b.ariaLabel!==t)b.ariaLabel=t}"
    "else b.removeAttribute('aria-label')}"
    "for(const s of w.querySelectorAll('.lab-said > .widget-html-content'))"
    "if(s.role!=='status')s.role='status'};"
    "name();new MutationObserver(name).observe(w,{subtree:true,childList:true,"
    "characterData:true,attributes:true,attributeFilter:['title']})}\">"
)

# `execCommand` serves pages without a secure context and browsers that ask first.
# The line beside the button is a live region, so a screen reader hears what happened.
_COPY = (
    "const b=this,f=b.closest('.lab-copy'),t=f.querySelector('.lab-copied-text'),"
    "s=f.querySelector('.lab-copy-said');"
    "const old=()=>{const r=document.createRange();r.selectNodeContents(t);"
    "const g=getSelection();g.removeAllRanges();g.addRange(r);"
    "const ok=document.execCommand('copy');g.removeAllRanges();b.focus();return ok};"
    "const say=(ok)=>{s.textContent=ok?'Copied':'Not copied: select it by hand'};"
    "if(navigator.clipboard)navigator.clipboard.writeText(t.textContent)"
    ".then(()=>say(true),()=>say(old()));else say(old());"
)


def copy_button(what: str) -> str:
    """Return a button that copies the ``lab-copied-text`` beside it.

    Parameters
    ----------
    what : str
        What it copies, for its name and its tooltip.
    """
    name = html.escape(f"Copy {what}", quote=True)
    return (
        f"<button type='button' class='jupyter-button lab-copy-button' title='{name}' "
        f"aria-label='{name}' onclick=\"{_COPY}\">Copy</button>"
        "<span class='lab-copy-said' role='status'></span>"
    )


def copied_text(text: str, what: str) -> str:
    """Return *text* as a block that scrolls, with a button that copies it.

    Examples
    --------
    >>> "&lt;b&gt;" in copied_text("<b>", "the command")
    True
    """
    name = html.escape(what, quote=True)
    return (
        f"<div class='lab-copy'>{copy_button(what)}<pre class='lab-copied-text' "
        f"tabindex='0' role='region' aria-label='{name}'>"
        f"{html.escape(text)}</pre></div>"
    )


def download(content: bytes, file_name: str, kind: str, words: str) -> str:
    """Return a link that saves *content*: it is in the page, not on the kernel's disk.

    Parameters
    ----------
    content : bytes
        The file.
    file_name : str
        What the browser calls it.
    kind : str
        Its media type, such as ``"text/csv"``.
    words : str
        What the link says.
    """
    data = base64.b64encode(content).decode()
    return (
        f"<a class='lab-download' download='{html.escape(file_name, quote=True)}' "
        f"href='data:{kind};base64,{data}'>{html.escape(words)}</a>"
    )


def table(
    columns: list[str], rows: list[list[str]], caption: str, *, escape: bool = True
) -> str:
    """Return an HTML table; its first column names the row.

    Examples
    --------
    >>> table(["a"], [["<"]], "One").count("&lt;")
    1
    """
    told = html.escape if escape else str
    head = "".join(f"<th scope='col'>{html.escape(c)}</th>" for c in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<th scope='row'>{told(cell)}</th>" if n == 0 else f"<td>{told(cell)}</td>"
            for n, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f"<table class='lab-table'><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def style(extra: str = "") -> str:
    """Return the style of the widgets, with *extra* rules.

    Colours are the theme's own, with fallbacks for pages without a theme.
    """
    return f"{SHEET}{_STYLE}{extra}</style>"


def bundle_with(bundle: dict[str, Any] | None, text: str, page: str) -> dict[str, Any]:
    """Return a widget's bundle with what stands in for it in places without widgets."""
    return (bundle or {}) | {"text/plain": text, "text/html": page}


def plain_of(page: str) -> str:
    """Return HTML as text, a line for each row of a table.

    Examples
    --------
    >>> plain_of("<tr><td>a</td><td>&lt;</td></tr><tr><td>b</td></tr>")
    'a  <\\nb'
    """
    text = re.sub(r"</(tr|caption|p|li)>", "\n", page)
    text = re.sub(r"</(td|th)>", "  ", text)
    lines = html.unescape(re.sub(r"<[^>]+>", "", text)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


_STYLE = """
.tplink-lab { max-width: 70em; padding-right: 4px; }
.tplink-lab .lab-line { flex-wrap: wrap; align-items: center; gap: 2px 8px; }
.tplink-lab .widget-html-content, .tplink-lab .jupyter-widgets .widget-html-content {
  line-height: 1.4; color: var(--jp-ui-font-color1, inherit); white-space: normal;
  overflow-wrap: anywhere; }
.tplink-lab .lab-wide, .tplink-lab .lab-wide .widget-html-content { width: 100%; }
.tplink-lab .lab-wide .widget-html-content { overflow-x: auto; }
.tplink-lab .lab-small { color: var(--jp-ui-font-color2, inherit);
  font-size: var(--jp-ui-font-size1, 13px); }
.tplink-lab .widget-label { color: var(--jp-ui-font-color1, inherit); }
.tplink-lab table.lab-table { border-collapse: collapse; text-align: left;
  font-size: var(--jp-ui-font-size1, 13px); margin: 4px 0; }
.tplink-lab table.lab-table caption { text-align: left; padding: 2px 0;
  color: var(--jp-ui-font-color1, inherit); }
.tplink-lab table.lab-table th, .tplink-lab table.lab-table td { text-align: left;
  padding: 3px 10px 3px 0; vertical-align: top; background: transparent;
  border-bottom: 1px solid var(--jp-border-color2, #8886);
  color: var(--jp-ui-font-color1, inherit); overflow-wrap: normal; }
.tplink-lab table.lab-table tbody tr { background: transparent; }
.tplink-lab pre { color: var(--jp-ui-font-color1, inherit); max-height: 22em;
  overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; margin: 2px 0 8px;
  padding: 6px; background: transparent; line-height: 1.35;
  font: 12.5px var(--jp-code-font-family, monospace);
  border: 1px solid var(--jp-border-color2, #8886); }
.tplink-lab .lab-copy-button { min-height: 26px; padding: 0 10px; margin-right: 8px;
  cursor: pointer; color: var(--jp-ui-font-color1, inherit);
  background: var(--jp-layout-color2, #8883); border: 1px solid
  var(--jp-border-color1, #888); }
.tplink-lab .lab-copy-said { font-size: var(--jp-ui-font-size1, 13px); }
/* ipywidgets draws the arrow in black, which the dark does not show. */
.tplink-lab .widget-dropdown select { appearance: auto; padding-right: 2px;
  background-image: none; }
.tplink-lab a.lab-download { color: var(--jp-content-link-color, inherit);
  text-decoration: underline; }
.tplink-lab button:focus-visible, .tplink-lab a:focus-visible, .tplink-lab
  pre:focus-visible, .tplink-lab select:focus-visible, .tplink-lab
  input:focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2);
  outline-offset: 1px; }
"""
