"""Which pieces of the screen are drawn by ourselves: squares for communes, lines that lead somewhere, facts about the page."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

_LINKS = st.components.v2.component(
    "pulse_links",
    html="<ul></ul>\n",
    css="""
:host{display:block;font-family:var(--st-font);color:var(--st-text-color)}
ul{list-style:none;margin:0;padding:0}
li+li{border-top:1px solid var(--st-border-color)}
a{display:grid;padding:.5rem .25rem;color:inherit;text-decoration:none;line-height:1.6;border-radius:4px}
a:hover{background:var(--st-secondary-background-color)} a:hover .name{text-decoration:underline}
a:focus-visible{outline:3px solid var(--st-text-color);outline-offset:1px}
.name{font-weight:600} .what{font-size:.875rem;color:var(--st-gray-text-color);font-variant-numeric:tabular-nums}
""",
    js="""
export default function({data, parentElement, setTriggerValue}) {
  const make = (tag, cls, text) => { const e = document.createElement(tag); e.className = cls; e.textContent = text; return e; };
  parentElement.querySelector('ul').replaceChildren(...data.map(item => {
    const li = document.createElement('li'), a = document.createElement('a');
    a.href = item.href;                                          // a real address: open in a new tab, copy, read aloud
    a.onclick = e => { if (e.metaKey || e.ctrlKey || e.shiftKey) return; e.preventDefault(); setTriggerValue('opened', item.code); };
    a.append(make('span', 'name', item.name), make('span', 'what', item.what)); li.append(a); return li; }));
}
""",
)


def link_list(items: Sequence[dict[str, str]], *, key: str) -> str | None:
    """Lines that wrap and lead somewhere: `href`, `code`, `name`, `what`. Returns the code of the one that was opened."""
    return _LINKS(data=list(items), key=key, on_opened_change=lambda: None).opened


_TILES = st.components.v2.component(
    "pulse_tiles",
    html='<ul class="key"></ul><div class="map"></div>\n',
    css="""
:host{display:block;container-type:inline-size;--line:#75828F;font-family:var(--st-font);color:var(--st-text-color)}
.key{list-style:none;margin:0 0 1.25rem;padding:0;display:flex;flex-wrap:wrap;gap:.4rem 1.25rem;font-size:.875rem;line-height:1.6}
.key li{display:flex;align-items:center;gap:.5rem}
.map{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:1.25rem 1.5rem}
h3{margin:0 0 .35rem;font-size:.875rem;font-weight:600;line-height:1.6;display:flex;justify-content:space-between;gap:.5rem;max-width:11rem}
h3 span{font-weight:400;color:var(--st-gray-text-color);white-space:nowrap}
h2{grid-column:1/-1;margin:.25rem 0 -.5rem;font-size:1rem;font-weight:650;line-height:1.6;
  border-bottom:1px solid var(--st-border-color);padding-bottom:.25rem}
.tiles{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:4px;max-width:11rem}
.tile{all:unset;box-sizing:border-box;aspect-ratio:1;min-width:24px;display:grid;place-items:center;border-radius:4px;
  line-height:1;border:1.5px solid transparent}
button.tile{cursor:pointer}
.key .tile{width:24px}
.better{background:var(--st-blue-text-color);color:var(--st-background-color);font-weight:700}
.worse{background:var(--st-orange-text-color);color:var(--st-background-color);font-weight:700}
.open{border-color:var(--line)}
.few{border:1.5px dashed var(--line);color:var(--st-gray-text-color);font-size:.8125rem}
.away{background:var(--st-secondary-background-color);border-color:var(--st-border-color)}
button:hover{outline:2px solid var(--st-text-color);outline-offset:1px}
button:focus-visible,button[aria-current=true]{outline:3px solid var(--st-text-color);outline-offset:2px}
@container (max-width:480px){.map{grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem}
  .tiles{grid-template-columns:repeat(5,minmax(0,1fr))}}
""",
    js="""
const make = (tag, cls, text) => {
  const e = document.createElement(tag); if (cls) e.className = cls; if (text) e.textContent = text; return e; };
export default function({data, parentElement, setTriggerValue}) {
  parentElement.querySelector('.key').replaceChildren(...data.key.map(k => {
    const li = make('li'), s = make('span', 'tile ' + k.kind, k.sign); s.setAttribute('aria-hidden', 'true');
    li.append(s, k.text); return li; }));
  const parts = [];
  let province = null;
  for (const d of data.districts) {
    if (data.provinces > 1 && d.province !== province) { province = d.province; parts.push(make('h2', '', province)); }
    const box = make('section'), h = make('h3', '', d.name), tiles = make('div', 'tiles'); h.append(make('span', '', d.count));
    for (const t of d.tiles) {
      const b = make('button', 'tile ' + t.kind, t.sign); b.type = 'button'; b.title = t.text; b.setAttribute('aria-label', t.text);
      b.onclick = () => setTriggerValue('opened', t.code);
      tiles.append(b);
    }
    box.append(h, tiles); parts.push(box);
  }
  parentElement.querySelector('.map').replaceChildren(...parts);
}
""",
)


def tile_grid(districts: Sequence[dict[str, Any]], marks: Sequence[dict[str, str]], *, key: str) -> str | None:
    """Equal squares, one a commune, in blocks by district, because area is not importance; returns the code that was opened.

    A district has `name`, `province`, `count` and `tiles` (`code`, `kind`, `sign`, `text`); `marks` are the lines of the key.
    """
    provinces = len({d["province"] for d in districts})
    return _TILES(
        data={"key": list(marks), "districts": list(districts), "provinces": provinces}, key=key, on_opened_change=lambda: None
    ).opened


_PAGE = st.components.v2.component(
    "pulse_page",
    js="""
export default function({data, parentElement, setStateValue}) {
  document.documentElement.lang = data.lang;                     // Streamlit always says "en"
  const now = getComputedStyle(parentElement.host).colorScheme.includes('dark') ? 'dark' : 'light';
  if (now !== data.theme) setStateValue('theme', now);           // called again by Streamlit when the theme changes
}
""",
)


def page_facts(language: str) -> None:
    """Tell the browser the page's language; run again when the reader changes the theme (charts are coloured on the server)."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    _PAGE(data={"lang": language, "theme": theme}, key="page-facts", width=1, height=1, on_theme_change=lambda: None)
