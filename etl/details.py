"""How are the cells of the columns that were taken to be read? Dates, words, ages, scale, keys, rows to leave out, and places by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from etl import mapping_sql
from etl.cells import Cells, distinct_rows, opened, western
from etl.contract import CODE_LENGTHS, Column, Source, list_name
from etl.dates import ORDER_WORDS, ORDERS, DateReading, read_dates
from etl.fit import are_years, candidates, choices, is_coded, is_list, meaning
from etl.headers import PLACE, SAME
from etl.mapping import LeaveOut, MappedColumn, place_target, synonyms_file
from etl.matching import LEVELS, gazetteer_with, nearest
from etl.proposal_toml import column_text
from etl.proposed import CONSTANT, FINGERPRINT, SKIP, Asked, Candidate, Proposal, Question, Taken

VALUES_ASKED = 30
NUMBERS_SHOWN = 4
UNLIKE_FROM = 0.99   # of the cells of a number; a file may hold a row twice
HOME = "Cambodia"
DATE_TYPES = ("date", "month", "timestamp")
SCALES = ((1, 5), (0, 4), (0, 100), (0, 10), (0, 5), (1, 10), (1, 4), (1, 3))   # lowest and highest, the commonest first
SCALES_SHOWN = 4
ODD_AT_MOST = 0.2   # of the cells may lie off a scale that is offered
FEW_ODD = 0.05      # so few (or one cell) do not make it a less likely one
REPEATED_FROM = 0.01   # of the rows; fewer are corrections sent twice
BY_ALL_CELLS = Candidate(FINGERPRINT, "none: tell rows apart by all their cells (equal rows count once)")
COUNTS_LINES = "it only counts the lines: another file begins with 1 again, and its rows would replace these"
_PHONE = re.compile(r"(?:\+?855|0)\d{8,9}")
_RANGE = re.compile(r"(\d+)\s*(?:-|–|to|ដល់)\s*(\d+)")


def fill(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """The draft with everything its columns need to be read, and the questions that come of it."""
    steps: tuple[Callable[[Proposal, Source, Asked], Proposal], ...] = (
        _key, _dates, _ages, _words, _scale, _constants, _repeated_keys, _places,
    )  # fmt: skip
    for step in steps:
        draft = step(draft, source, asked)
    order = {column.name: number for number, column in enumerate(source.columns)}
    questions = sorted(draft.questions, key=lambda one: (not one.is_required, order.get(one.target, len(order)), -one.rows))
    return replace(draft, questions=tuple(questions))


def _ask(draft: Proposal, *questions: Question) -> Proposal:
    return replace(draft, questions=(*draft.questions, *questions))


def _without(draft: Proposal, target: str) -> Proposal:
    return replace(draft, taken=tuple(one for one in draft.taken if one.target != target))


def _with(draft: Proposal, changed: Taken) -> Proposal:
    return replace(draft, taken=tuple(changed if one.target == changed.target else one for one in draft.taken))


# -- keys ------------------------------------------------------------------------------------------------------------------------


def _key(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """A file without numbers may be numbered by its own cells; a column that repeats itself is no number of rows."""
    if len(source.key) != 1 and not source.numbered_by:
        return draft
    target = source.key[0]
    used = _telling(draft, source, asked) if source.numbered_by else _without(draft, target).mapping().used_headers()
    if asked.answers.get(f"column:{target}") == FINGERPRINT:
        return replace(draft, taken=(Taken(MappedColumn(target, used, "fingerprint"), SAME, "as answered", False), *draft.taken))
    questions = []
    for question in draft.questions:
        if question.target == target and question.kind == "column":
            listed = list(question.candidates)
            if len(source.key) == 1:
                listed = [one for one in listed if _is_numbering(asked.cells[one.answer])]
            if not source.numbered_by:
                listed += _unlike(asked, {*draft.mapping().used_headers(), *(one.answer for one in listed)})
            counts = [replace(one, reason=COUNTS_LINES) for one in listed if _counts_lines(asked.cells[one.answer])]
            others = [one for one in listed if not _counts_lines(asked.cells[one.answer])]
            way = _by_the_thing(draft, source, asked, used) if source.numbered_by else BY_ALL_CELLS
            question = replace(question, candidates=(*others, way, *counts))
        questions.append(question)
    draft = replace(draft, questions=tuple(questions))
    taken = next((one for one in draft.taken if one.target == target and one.score < SAME), None)
    if taken is None or len(taken.column.headers) != 1:
        return draft
    header = taken.column.headers[0]
    way = _by_the_thing(draft, source, asked, used) if source.numbered_by else BY_ALL_CELLS
    if len(source.key) == 1 and not _is_numbering(asked.cells[header]):
        ways = (Candidate(header, header, taken.score, f"{taken.reason}, but it repeats itself"), way)
        sentence = f"{source.column(target).label}: {header} repeats itself. Does it number the rows?"
    elif source.numbered_by and not taken.is_certain and _counts_lines(asked.cells[header]):
        ways = (way, Candidate(header, header, reason=COUNTS_LINES))
        sentence = f"{source.column(target).label}: {header} counts 1, 2, 3. Is it a number of theirs that no other file gives?"
    else:
        return draft
    return _ask(_without(draft, target), Question(f"column:{target}", sentence, ways, is_required=True))


def _by_the_thing(draft: Proposal, source: Source, asked: Asked, used: Sequence[str]) -> Candidate:
    """To tell things apart by what they are, and what that would do to the rows of this file."""
    by = [*used, *(header for one in draft.taken if one.target in source.key[1:] for header in one.column.headers)]
    rows, distinct = distinct_rows(asked.table, list(dict.fromkeys(by))) if by else (0, 0)
    reason = f"{rows - distinct:,} rows would replace another" if rows > distinct else ""
    return Candidate(FINGERPRINT, f"none: tell them apart by {', '.join(used)}", reason=reason)


def _telling(draft: Proposal, source: Source, asked: Asked) -> tuple[str, ...]:
    """The headers that tell which thing a row is about, in the file's order. Of columns for one fact the first that is never empty."""
    found = {place_target(one.target): one.column.headers for one in draft.places} | {one.target: one.column.headers for one in draft.taken}
    every = max((cells.filled for cells in asked.cells.values()), default=0)
    named: set[str] = set()
    for entry in source.numbered_by:
        columns = [headers for one in ([entry] if isinstance(entry, str) else entry) if (headers := found.get(one))]
        whole = next((headers for headers in columns if all(asked.cells[one].filled == every for one in headers)), None)
        named.update(*([whole] if whole else columns))
    return tuple(header for header in draft.headers if header in named)


def _unlike(asked: Asked, known: set[str]) -> list[Candidate]:
    """The columns besides those known that are filled in every row and (nearly) never repeat themselves, but hold no phone numbers."""
    every = max((cells.filled for cells in asked.cells.values()), default=0)
    found = [
        (cells.filled - cells.distinct, header)
        for header, cells in asked.cells.items()
        if header not in known and cells.filled == every and cells.distinct >= UNLIKE_FROM * every and cells.share(_is_phone) < UNLIKE_FROM
    ]
    reasons = {header: f"{repeated:,} of its cells repeat another" if repeated else "no two cells are alike" for repeated, header in found}
    ordered = sorted(found, key=lambda pair: pair[0])[:NUMBERS_SHOWN]   # columns stay in the file's order where they are alike
    return [Candidate(header, header, reason=reasons[header]) for _, header in ordered]


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(re.sub(r"[\s().-]", "", western(text))))


def _is_numbering(cells: Cells) -> bool:
    """Nearly every filled cell is another one; a file may hold a row twice."""
    return cells.filled > 0 and cells.distinct >= 0.8 * cells.filled


def _counts_lines(cells: Cells) -> bool:
    """Do the cells count 1, 2, 3 …, perhaps more than once?"""
    return cells.filled > 1 and {western(text) for text in cells.values} == {str(number) for number in range(1, cells.distinct + 1)}


def _repeated_keys(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """Several rows of one facility, service and month, told apart by a column nobody uses: one of them would hide the others."""
    parts = {one.target: one.column.headers for one in draft.taken if one.column.headers}
    parts |= {place_target(one.target): one.column.headers[:1] for one in draft.places}
    key = [header for target in source.key for header in parts.get(target, ())]
    if len(source.key) < 2 or not all(one in parts or one in draft.constants for one in source.key):
        return draft
    used = set(draft.mapping().used_headers())
    telling = [header for header in asked.table.answers if header not in used and 1 < asked.cells[header].distinct <= 50]
    rows, distinct = distinct_rows(asked.table, key) if telling else (0, 0)
    if rows - distinct <= REPEATED_FROM * rows:
        return draft
    for header in telling:
        cells = asked.cells[header]
        if distinct_rows(asked.table, [*key, header])[1] < rows:
            continue
        answer = asked.answers.get(f"keep:{header}")
        if answer:
            reason = f"only rows with {answer} in {header} are counted"
            return replace(draft, leave_out=(*draft.leave_out, LeaveOut(header, (), (answer.strip().lower(),), reason)))
        if answer == SKIP:
            return draft
        listed = tuple(Candidate(value, value, reason=f"{count:,} rows") for value, count in list(cells.values.items())[:10])
        what = ", ".join(source.column(target).label.lower() for target in source.key)
        sentence = f"Several rows speak of the same thing ({what}) and differ in {header}. Which of its values is the one to count?"
        return _ask(draft, Question(f"keep:{header}", sentence, listed, is_required=True, rows=rows - distinct))
    return draft


# -- dates and numbers -----------------------------------------------------------------------------------------------------------


def _dates(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """Formats for every column of dates; a column whose order is open follows another that one program wrote alike, or is asked about."""
    readings: dict[str, DateReading] = {}
    for one in draft.taken:
        if source.column(one.target).type in DATE_TYPES and one.column.combine == "from":
            order = asked.answers.get(f"dates:{one.target}", "")
            readings[one.target] = _reading(one, source, asked, order if order in ORDERS else "")
    decided = {reading.shape: (target, reading) for target, reading in readings.items() if reading.how in ORDERS and reading.shape}
    contradicted = any(reading.how == "mixed" for reading in readings.values()) or len({one.how for _, one in decided.values()}) > 1
    alike: dict[tuple[str, ...], list[Taken]] = {}   # columns of one shape have one answer
    for target, reading in readings.items():
        taken = next(one for one in draft.taken if one.target == target)
        if reading.how == "undecided" and reading.shape in decided and not contradicted:
            other, example = decided[reading.shape]
            reading = _reading(taken, source, asked, example.how)
            reading = replace(reading, evidence=f"written as {other} is, where {example.evidence}")
        if reading.is_open:
            draft = _without(draft, target)
            alike.setdefault(reading.shape if reading.how == "undecided" else (target,), []).append(taken)
        elif reading.formats:
            reason = f"{taken.reason}; {reading.evidence}"
            draft = _with(draft, replace(taken, column=replace(taken.column, dates=reading.formats), reason=reason))
    for columns in alike.values():
        draft = _ask(draft, *_dates_question(columns, readings[columns[0].target], source, asked))
    return draft


def _reading(one: Taken, source: Source, asked: Asked, order: str) -> DateReading:
    cells = asked.cells[one.column.headers[0]]
    never_later = re.compile(rf"\b{one.target}(?:::date)? <= {{today}}")
    is_past = any(never_later.search(rule.is_true) for rule in source.own_rules)
    return read_dates(cells.values, asked.today, source.column(one.target).type, order, cells.in_order, is_past)


def _dates_question(columns: Sequence[Taken], reading: DateReading, source: Source, asked: Asked) -> tuple[Question, ...]:
    """Which way round are the dates of these columns? Day first is offered first where all cells allow it, because Cambodia writes so."""
    target, is_required = columns[0].target, any(source.column(one.target).is_required for one in columns)
    if asked.answers.get(f"dates:{target}") == SKIP and not is_required:
        return ()
    default = reading.possible[0] if reading.possible else ""   # no order reads 32/13/2024
    usual = f"usual in {HOME}" if reading.how == "undecided" and default == "day_first" else ""
    listed = tuple(Candidate(order, ORDER_WORDS[order], reason=usual if order == default else "") for order in reading.possible)
    named = " and ".join(f"{source.column(one.target).label} ({one.column.headers[0]})" for one in columns)
    lines = []
    for one in columns if default else ():
        formats = _reading(one, source, asked, default).formats
        lines.append(f"{one.target} = {column_text(replace(one.column, dates=formats))}")
    sentence = f"{named}: {reading.evidence}. Which way round are its dates?"
    return (Question(f"dates:{target}", sentence, listed, is_required, lines=tuple(lines)),)


def _ages(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """Ages in years become age groups."""
    for one in draft.taken:
        if one.target == "age_group" and one.column.combine == "from" and are_years(asked.cells[one.column.headers[0]]):
            changed = replace(one.column, steps=(("age_group", None),))
            return _with(draft, replace(one, column=changed, reason=f"{one.reason}; ages in years become groups"))
    return draft


def _scale(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """The scale of the ratings: stated in columns, in the headers, or by the only scale the cells allow; else asked."""
    filled = {one.target for one in draft.taken} | set(draft.constants)
    if not any(column.name == "scale_min" for column in source.columns) or {"scale_min", "scale_max"} <= filled:
        return draft
    kept = tuple(one for one in draft.questions if one.target not in ("scale_min", "scale_max"))
    draft = replace(draft, questions=kept, taken=tuple(one for one in draft.taken if one.target not in ("scale_min", "scale_max")))
    on_scale = {column.name for column in source.columns if column.is_on_scale}
    rated = [one for one in draft.taken if one.target in on_scale]
    seen: Counter[float] = sum((_ratings(one, draft, asked) for one in rated), Counter())
    answer = _RANGE.fullmatch(asked.answers.get("scale", "").strip())
    is_asked = any(question.target in on_scale for question in draft.questions)
    if answer or not (seen or is_asked):
        # Without ratings the scale is of no matter, but the contract asks for one.
        return _scaled(draft, (int(answer[1]), int(answer[2])) if answer else SCALES[0])
    if not seen:
        sentence = "From what to what do the ratings go? No column of numbers is known to hold them yet."
        return _ask(draft, Question("scale", sentence, is_required=True, is_free=True))
    headers = [header for one in rated for header in draft.columns_to_rows.in_file(one.column.headers[0])]
    stated = {(int(low), int(high)) for header in headers for low, high in _RANGE.findall(header)}
    possible = _possible_scales(seen)
    whole = [scale for scale, odd in possible.items() if not odd]
    if len(stated) == 1 and all(low <= min(seen) and max(seen) <= high for low, high in stated):
        return _scaled(draft, next(iter(stated)))
    if not stated and whole == list(possible) == [(0, 100)]:
        return _scaled(draft, (0, 100))
    ranges = {one.column.headers[0]: _ratings(one, draft, asked) for one in rated}
    said = "; ".join(f"{header}: {min(values):g} to {max(values):g}" for header, values in ranges.items() if values)
    listed = []
    for low, high in dict.fromkeys([*sorted(stated), *list(possible)[:SCALES_SHOWN]]):
        odd = _off_scale(seen, low, high)
        reason = f"{sum(seen.values()) - odd:,} of {sum(seen.values()):,} cells fit; the others are set aside" if odd else ""
        listed.append(Candidate(f"{low}-{high}", f"{low} to {high}", reason=reason))
    sentence = f"From what to what do the ratings go? The cells hold {said}, which does not tell."
    return _ask(draft, Question("scale", sentence, tuple(listed), is_required=True, is_free=True))


def _possible_scales(seen: Mapping[float, int]) -> dict[tuple[int, int], int]:
    """The scales that (nearly) all cells fit, each with how many do not, the likeliest first. One twice as long as its cells is none."""
    cells = sum(seen.values())
    found = {}
    for low, high in SCALES:
        odd = _off_scale(seen, low, high)
        highest = max((rating for rating in seen if low <= rating <= high), default=0)
        if odd <= max(1, ODD_AT_MOST * cells) and odd < cells and high <= 2 * highest:
            found[low, high] = odd
    return dict(sorted(found.items(), key=lambda pair: pair[1] > max(1, FEW_ODD * cells)))


def _off_scale(seen: Mapping[float, int], low: int, high: int) -> int:
    return sum(rows for rating, rows in seen.items() if not low <= rating <= high)


def _ratings(one: Taken, draft: Proposal, asked: Asked) -> Counter[float]:
    """The ratings in a column's cells and how often each is written, and those that its words were said to mean."""
    meant = draft.values.get(one.target, {})
    found: Counter[float] = Counter()
    for written, rows in asked.cells[one.column.headers[0]].values.items():
        text = western(meant.get(written.lower(), written))
        if _is_number(text):
            found[float(text)] += rows
    return found


def _scaled(draft: Proposal, scale: tuple[int, int]) -> Proposal:
    return replace(draft, constants={**draft.constants, "scale_min": str(scale[0]), "scale_max": str(scale[1])})


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d+(?:\.\d+)?", text))


# -- words -----------------------------------------------------------------------------------------------------------------------


def _words(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """What each word of a list column means. Where the contract might misread them, all have to be told, or the column is left out."""
    for one in draft.taken:
        column = source.column(one.target)
        has_list = is_list(column) and bool(asked.known.spellings.get(list_name(column)))
        if not (has_list or column.is_on_scale) or one.column.combine != "from" or one.column.steps:
            continue
        cells = asked.cells[one.column.headers[0]]
        if not is_list(column):
            draft = _worded_ratings(draft, one, cells, asked)
            continue
        is_trap = _is_trap(column, cells)
        meant: dict[str, str] = {}
        open_questions: list[Question] = []
        for written, rows in cells.values.items():
            key = f"value:{one.target}:{written}"
            found = meaning(column, written, asked.known)
            if key in asked.answers:
                if asked.answers[key] != SKIP:
                    meant[written.lower()] = asked.answers[key]
            elif is_trap or not found.how:
                open_questions.append(_value_question(column, key, written, rows, asked, is_trap))
            elif found.how == "declared":
                meant[written.lower()] = found.value
        if open_questions and is_trap:
            draft = _without(draft, one.target)
        elif meant:
            draft = replace(draft, values={**draft.values, one.target: meant})
        draft = _ask(draft, *open_questions[:VALUES_ASKED])
    return draft


def _worded_ratings(draft: Proposal, one: Taken, cells: Cells, asked: Asked) -> Proposal:
    """Ratings in words (Very satisfied, 5 - very good): what number each stands for is for a person to say."""
    meant: dict[str, str] = {}
    for written, rows in cells.values.items():
        key = f"value:{one.target}:{written}"
        if _is_number(western(written)):
            continue
        if key not in asked.answers:
            listed = tuple(Candidate(number, number, reason="the number in it") for number in re.findall(r"\d+", western(written)))
            draft = _ask(draft, Question(key, f"Which rating is “{written}”?", listed, rows=rows, is_free=True))
        elif asked.answers[key] != SKIP:
            meant[written.lower()] = asked.answers[key]
    return replace(draft, values={**draft.values, one.target: meant}) if meant else draft


def _is_trap(column: Column, cells: Cells) -> bool:
    """Would the contract read these words, and perhaps wrongly? 1 and 2 for yes and no; H and M for man and woman."""
    letters = {western(text).lower() for text in cells.values}
    return is_coded(cells) if column.type == "boolean" else column.name == "sex" and {"h", "m"} <= letters


def _value_question(column: Column, key: str, written: str, rows: int, asked: Asked, is_trap: bool) -> Question:
    level = next((one for one in LEVELS if list_name(column) in CODE_LENGTHS and column.name == place_target(one)), "")
    if level:
        places = nearest(written, level, asked.known.places, synonyms_file())
        listed = tuple(Candidate(place.code, place.label(), round(score)) for place, score in places)
        return Question(key, f"{column.label}: which one is “{written}”?", listed, rows=rows, is_free=True)
    near = [] if written.strip().isdigit() else candidates(column, written, asked.known)
    words = [Candidate(value, value, score) for value, score in near]
    words += [Candidate(value, value) for value in choices(column, asked.known) if value not in [one for one, _ in near]]
    sentence = f"{column.label}: what does “{written}” mean?"
    return Question(key, sentence, tuple(words), column.is_required and is_trap, rows)


def _constants(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """A required word that no column holds may be the same for the whole file."""
    questions = []
    filled = {one.target for one in draft.taken} | {question.target for question in draft.questions if question.kind == "dates"}
    names = {column.name for column in source.columns}
    for question in draft.questions:
        column = next((one for one in source.columns if one.name == question.target), None)
        basis = column.fills_itself_from & names if column and question.kind == "column" and not question.candidates else set()
        if basis and basis <= filled:
            continue
        if question.kind == "column" and column and column.is_required and is_list(column):
            same = tuple(Candidate(CONSTANT + value, f"{value} in every row") for value in choices(column, asked.known))
            question = replace(question, candidates=(*question.candidates, *same))
        elif question.kind == "column" and column and column.is_required and column.name != source.key[0]:
            question = replace(question, is_free=True)   # a day, a commune: =2024-06-30 for a file that is all of one
        questions.append(question)
    return replace(draft, questions=tuple(questions))


# -- places ----------------------------------------------------------------------------------------------------------------------


def _places(draft: Proposal, source: Source, asked: Asked) -> Proposal:
    """Names of places that are not certain, with the places nearest to them."""
    if not draft.places:
        return draft
    prefix = "place:"
    names = {key.split(":", 2)[2]: code for key, code in asked.answers.items() if key.startswith(prefix) and code != SKIP}
    draft = replace(draft, place_names=names)
    has_register = bool(asked.known.places.codes["facility"])
    facility = next((column for column in source.columns if column.name == "facility_id"), None)
    if facility and facility.is_required and not has_register and any(one.target == "facility" for one in draft.places):
        sentence = "The facilities are written by name, and there is no register of facilities to find them in. Load the register first."
        return _ask(draft, Question("register", sentence, is_required=True))
    known = gazetteer_with(asked.known.places, names.items(), synonyms_file())
    mapping = draft.mapping()
    with opened(asked.table) as (connection, relation):
        connection.execute(f"create temp table seen as select * from {relation}")
        table = mapping_sql.look_up_places(connection, mapping, asked.table.headers, "seen", known)
        doubts = connection.execute(
            "select field, value, any_value(candidates), count(*) as rows from "
            f"({mapping_sql.unmatched_places(mapping, asked.table.headers, 'seen', table)}) group by field, value order by rows desc, value"
        ).fetchall()
    for level, value, said, rows in doubts[:VALUES_ASKED]:
        if (level == "facility" and not has_register) or f"place:{level}:{value}" in asked.answers:
            continue
        if said.startswith(("read as ", "not looked for")):
            continue
        listed = tuple(
            Candidate(place.code, place.label(), round(score)) for place, score in nearest(value, level, known, synonyms_file())
        )
        sentence = f"Which {level} is “{value}”? ({said.partition(';')[0]})"
        draft = _ask(draft, Question(f"{PLACE}{level}:{value}", sentence, listed, rows=rows, is_free=True))
    return draft

