"""How is a proposal written down? As a mapping file for a person to read, correct and keep, with the reason beside each line."""

from __future__ import annotations

import json
from collections.abc import Sequence

from etl.mapping import OPEN, MappedColumn, place_target
from etl.matching import LEVELS
from etl.proposed import Candidate, Proposal, Question, Taken

CANDIDATES_WRITTEN = 4


def write(proposal: Proposal) -> str:
    """The file. What is still open stands in it as comments, and the file cannot be used before a required one is answered."""
    parts = [_top(proposal), _recognise(proposal), _columns_to_rows(proposal), _columns(proposal), _values(proposal)]
    parts += [_constants(proposal), _places(proposal), *_leave_out(proposal)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _top(proposal: Proposal) -> str:
    lines = [
        "# Proposed from the file's headers and cells. Read every line, correct what is wrong, and keep the file beside the data.",
        f"name = {_text(proposal.name)}",
        f"source = {_text(proposal.source)}" if proposal.source else "# source = ?  # open: what does the file hold?",
    ]
    if not proposal.source:
        lines += [f"#   {_said(one)}" for one in proposal.questions[0].candidates]
    asked = {one.answer for question in proposal.questions for one in question.candidates}
    ignored = [header for header in proposal.unused if header not in asked]
    if ignored and proposal.source:
        lines.append(f"ignore = {_list(ignored)}  # not loaded, masked in rows set aside")
    return "\n".join(lines)


def _recognise(proposal: Proposal) -> str:
    used = proposal.mapping().file_headers()
    return f"[recognise]\nheaders = {_list(used)}" if used else ""


def _columns_to_rows(proposal: Proposal) -> str:
    rows = proposal.columns_to_rows
    if not rows.columns:
        return ""
    lines = [f"columns = {_list(rows.columns)}", f"header = {_text(rows.header)}", f"cell = {_text(rows.cell)}"]
    for question in proposal.questions:
        if question.kind == "rows":
            lines[:1] = _open(question, lines[0])
    return "\n".join(["[columns_to_rows]", *lines])


def _columns(proposal: Proposal) -> str:
    lines = ["[columns]"]
    lines += [f"{one.target} = {column_text(one.column)}  # {_reason(one)}" for one in proposal.taken]
    places = {place_target(one.target) for one in proposal.places}
    for question in proposal.questions:
        if question.kind in ("column", "dates") and question.target not in places:
            lines += _open(question, *(question.lines or (f"{question.target} = ?",)))
    return "\n".join(lines)


def _values(proposal: Proposal) -> str:
    blocks = []
    asked = [question for question in proposal.questions if question.kind == "value"]
    for target in dict.fromkeys([*proposal.values, *(question.target for question in asked)]):
        is_taken = any(one.target == target for one in proposal.taken)
        lines = [f"[values.{target}]" if is_taken else f"# [values.{target}]"]
        lines += [f"{_text(written)} = {_text(meant)}" for written, meant in proposal.values.get(target, {}).items()]
        for question in asked:
            if question.target == target:
                lines += _open(question, f"{_text(question.key.split(':', 2)[2])} = ?")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _constants(proposal: Proposal) -> str:
    lines = [f"{target} = {_text(value)}" for target, value in proposal.constants.items()]
    for question in proposal.questions:
        if question.kind == "scale":
            lines += _open(question, "scale_min = ?, scale_max = ?")
    return "\n".join(["[constants]", *lines]) if lines else ""


def _places(proposal: Proposal) -> str:
    if not proposal.places:
        return ""
    lines = ["[places]"]
    for level in LEVELS:
        named = [one for one in proposal.places if one.target == level]
        if named:
            headers = [header for one in named for header in one.column.headers]
            lines.append(f"{level} = {_list(headers)}  # {'; '.join(dict.fromkeys(map(_reason, named)))}")
    asked = [question for question in proposal.questions if question.kind == "place"]
    if proposal.place_names or asked:
        lines += ["", "[places.names]", *(f"{_text(name)} = {_text(code)}" for name, code in proposal.place_names.items())]
        for question in asked:
            lines += _open(question, f"{_text(question.key.split(':', 2)[2])} = ?")
    return "\n".join(lines)


def _leave_out(proposal: Proposal) -> list[str]:
    parts = []
    for one in proposal.leave_out:
        named = "keep" if one.keep else "values"
        parts.append(
            f"[[leave_out]]\ncolumn = {_text(one.header)}\n{named} = {_list(one.keep or one.values)}\nreason = {_text(one.reason)}"
        )
    for question in proposal.questions:
        if question.kind == "keep":
            table = f"[[leave_out]]\ncolumn = {_text(question.key.partition(':')[2])}\nkeep = {_list([OPEN])}"
            parts.append("\n".join([*_open(question), table]))
        elif question.kind == "register":
            parts.append("\n".join(_open(question)))
    return parts


def _open(question: Question, *to_write: str) -> list[str]:
    """An open question as comments: the sentence, the lines to complete, the candidates."""
    needed = "needed" if question.is_required else "optional"
    lines = [f"# open, {needed}: {_one_line(question.sentence)}" + (f" ({question.rows:,} rows)" if question.rows else "")]
    lines += [f"# {_one_line(line)}" for line in to_write]
    return lines + [f"#   {_said(one)}" for one in question.candidates[:CANDIDATES_WRITTEN]]


def _said(one: Candidate) -> str:
    score = f"{one.score:.0f}" if one.score else ""
    about = ", ".join(part for part in (score, one.reason) if part)
    return _one_line(f"{one.label} ({about})" if about else one.label)


def _reason(one: Taken) -> str:
    return _one_line(f"{one.reason} ({one.score:.0f}){'' if one.is_certain else ', to be checked'}")


def column_text(column: MappedColumn) -> str:
    """What stands behind a column's name under [columns]."""
    if column.combine == "from" and not (column.steps or column.dates):
        return _text(column.headers[0])
    source = _text(column.headers[0]) if column.combine == "from" else _list(column.headers)
    parts = [f"{column.combine} = {source}"]
    if column.steps:
        steps = ", ".join(_text(step) if value is None else f"{{ {step} = {_text(value)} }}" for step, value in column.steps)
        parts.append(f"steps = [{steps}]")
    if column.dates:
        parts.append(f"dates = {_text(column.dates[0]) if len(column.dates) == 1 else _list(column.dates)}")
    return f"{{ {', '.join(parts)} }}"


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(value: object) -> str:
    """A TOML string; JSON's escapes are TOML's, save that DEL must be escaped too."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    """Nothing a file holds may end a comment: no line ends, no control signs."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
