"""How does the results framework look? A table with one row an indicator on a desk, the same cells as cards on a phone."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

_TABLE = st.components.v2.component(
    "pulse_framework",
    html="<table><thead></thead><tbody></tbody></table>\n",
    css="""
:host{display:block;container-type:inline-size;font-family:var(--st-font);color:var(--st-text-color)}
table{border-collapse:collapse;width:100%;table-layout:fixed;font-size:.9375rem;line-height:1.5;font-variant-numeric:tabular-nums}
:host([lang=km]) table,table.km{line-height:1.75}
th,td{padding:.55rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--st-border-color)}
thead th{font-size:.8125rem;font-weight:600;color:var(--st-gray-text-color);border-bottom:1.5px solid var(--st-border-color)}
th:first-child,td:first-child,tbody th{padding-left:.25rem}
thead.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
col.name{width:29%} col.base{width:11%} col.due{width:13%} col.now{width:15%} col.goal{width:12%} col.way{width:20%}
tbody th{font-weight:400}
a{color:inherit;font-weight:600;text-decoration:underline;text-decoration-color:var(--st-border-color);text-underline-offset:3px}
a:hover{text-decoration-color:currentColor} a:focus-visible{outline:3px solid var(--st-text-color);outline-offset:2px;border-radius:2px}
small{display:block;font-size:.8125rem;color:var(--st-gray-text-color)}
.code{font-size:.8125rem;color:var(--st-gray-text-color);margin-right:.4rem}
.strong{font-weight:700;font-size:1.0625rem}
.quiet{color:var(--st-gray-text-color)}
tr.open{background:var(--st-secondary-background-color)}
.verdict{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .45rem;margin-top:.25rem}
.chip{padding:.05rem .45rem;border-radius:4px;font-size:.8125rem;white-space:nowrap}
.about{font-size:.8125rem;color:var(--st-gray-text-color)}
.better::before{content:'+ '} .worse::before{content:'! '}
.better{color:var(--st-blue-text-color);background:var(--st-blue-background-color)}
.worse{color:var(--st-orange-text-color);background:var(--st-orange-background-color)}
.open-chip{color:var(--st-gray-text-color);background:var(--st-gray-background-color)}
svg{display:block;width:100%;max-width:11rem;height:18px;margin:.2rem 0 .1rem;overflow:visible}
.track{stroke:var(--st-border-color);stroke-width:3} .gone{stroke:var(--st-text-color);stroke-width:3}
.mark{stroke:var(--st-text-color);stroke-width:1.5} .dot{fill:var(--st-text-color)}
.label{display:none}
@container (max-width:720px){
  thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)} colgroup{display:none}
  table,tbody{display:block}
  tr{display:grid;grid-template-columns:1fr 1fr;gap:.35rem 1rem;padding:.85rem .25rem;border-bottom:1px solid var(--st-border-color)}
  th,td{display:block;padding:0 !important;border:0} tbody th,td.way{grid-column:1/-1}
  .label{display:block;font-size:.8125rem;color:var(--st-gray-text-color)}
  svg{max-width:100%}
}
""",
    js="""
const NS = 'http://www.w3.org/2000/svg';
const make = (tag, cls, text) => {
  const e = document.createElement(tag); if (cls) e.className = cls; if (text) e.textContent = text; return e; };
const line = (cls, x1, x2, y1, y2) => { const e = document.createElementNS(NS, 'line');
  for (const [k, v] of Object.entries({class: cls, x1, x2, y1, y2})) e.setAttribute(k, v); return e; };
const way = row => {                                            // from the baseline (left) to the target (right)
  const svg = document.createElementNS(NS, 'svg'), at = v => Math.max(0, Math.min(100, v)) * 1.56 + 4;
  for (const [k, v] of Object.entries({viewBox: '0 0 164 18', preserveAspectRatio: 'xMinYMid', role: 'img', 'aria-label': row.way_text}))
    svg.setAttribute(k, v);
  svg.append(line('track', 4, 160, 10, 10));
  if (row.way !== null) svg.append(line('gone', 4, at(row.way), 10, 10));
  if (row.due_at !== null) svg.append(line('mark', at(row.due_at), at(row.due_at), 3, 17));
  if (row.way !== null) { const dot = document.createElementNS(NS, 'circle'); dot.setAttribute('class', 'dot');
    dot.setAttribute('cx', at(row.way)); dot.setAttribute('cy', 10); dot.setAttribute('r', 5); svg.append(dot); }
  return svg; };
const cell = (tag, cls, label, ...inside) => { const e = make(tag, cls); e.append(make('span', 'label', label), ...inside); return e; };
export default function({data, parentElement, setTriggerValue}) {
  const table = parentElement.querySelector('table'), head = make('tr');
  table.className = data.lang;
  table.setAttribute('aria-label', data.caption);
  table.querySelector('colgroup')?.remove();
  const columns = make('colgroup');
  for (const name of ['name', 'base', 'due', 'now', 'goal', 'way']) columns.append(make('col', name));
  table.prepend(columns);
  for (const words of data.heads) { const th = make('th', '', words); th.scope = 'col'; head.append(th); }
  table.querySelector('thead').replaceChildren(head);
  table.querySelector('thead').className = data.has_heads ? '' : 'unseen';
  table.querySelector('tbody').replaceChildren(...data.rows.map(row => {
    const tr = make('tr', row.is_open ? 'open' : ''), name = make('th'), a = make('a', '', row.name);
    name.scope = 'row';
    a.href = row.href; a.setAttribute('aria-expanded', row.is_open);
    a.onclick = e => { if (e.metaKey || e.ctrlKey || e.shiftKey) return; e.preventDefault(); setTriggerValue('opened', row.code); };
    name.append(make('span', 'code', row.code), a, make('small', '', row.source));
    const [, base, due, now, goal, last] = data.heads;
    const progress = make('span', row.is_told ? '' : 'quiet', row.progress), parts = [way(row), progress];
    if (row.chip) { const chip = make('div', 'verdict'); parts.push(chip);
    chip.append(make('span', 'chip ' + row.chip_kind, row.chip), make('span', 'about', row.chip_about)); }
    tr.append(name,
      cell('td', '', base, row.baseline, make('small', '', row.baseline_date)),
      cell('td', '', due, row.milestone, make('small', '', row.milestone_date)),
      cell('td', '', now, make('span', row.is_told ? 'strong' : 'quiet', row.value), make('small', '', row.span)),
      cell('td', '', goal, row.target, make('small', '', row.target_date)),
      cell('td', 'way', last, ...parts));
    return tr; }));
}
""",
)


def framework_table(
    heads: Sequence[str], rows: Sequence[dict[str, Any]], *, caption: str, language: str, key: str, has_heads: bool = True
) -> str | None:
    """A table of the framework, or the rest of one without its heads; returns the code of the indicator that was opened.

    `heads`: the six column heads. A row has `code`, `name`, `href`, `source`, `baseline`, `milestone`, `value`, `target`, each with its
    date or `span`; `progress`, `way` and `due_at` (percent of the way, or None) with `way_text`; `chip` with `chip_kind` and `chip_about`;
    `is_told`, `is_open`.
    """
    data = {"heads": list(heads), "rows": list(rows), "caption": caption, "lang": language, "has_heads": has_heads}
    return _TABLE(data=data, key=key, on_opened_change=lambda: None).opened
