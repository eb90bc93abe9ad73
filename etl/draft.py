"""Which header is which column of a source? One draft a source: columns taken, and questions about those that are not clear."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from etl.contract import Column, Source, list_name
from etl.fit import fit, is_list, place_fit
from etl.headers import LIKELY, PART_OF, PLACE, SAME, TAKEN_FROM, NameMatch, is_form_export, name_matches, vocabulary
from etl.mapping import MappedColumn, place_target, plain_header
from etl.matching import LEVELS
from etl.proposed import CONSTANT, FINGERPRINT, SKIP, Asked, Candidate, Proposal, Question, Taken

MARGIN = 5.0           # how far the next header must be behind
FIT_OF_SYNONYM = 0.5   # share of cells that must fit, by how surely the header names the column
FIT_OF_LIKELY = 0.8
FIT_ALONE = 0.95       # cells alone make a candidate
ALONE = 50.0
ASKED_FROM_WORDS = 70.0   # where cells cannot tell
FORM_NUMBER = 95.0        # score of a submission's number
CANDIDATES_SHOWN = 5
TELLING = ("sex", "age_group", "commune_code", "service_code")   # columns whose cells are like no others
NUMBERED_BY_FORMS = ("submission_id", "request_id")   # what one form sent is one of
FORM_KEYS = (("meta/rootUuid", "_uuid"), ("meta-instanceID", "KEY"), ("instanceID", "KEY"))

Fitting = Callable[[str, str], "float | None"]   # column or place, header -> share of the cells that fit


def draft_for(source: Source, asked: Asked) -> Proposal:
    """Columns taken and column questions for one source; dates, values and the rest come later (etl.details)."""
    headers = asked.table.answers
    words = vocabulary(source)
    matches = {header: name_matches(header, headers, words) for header in headers}
    columns = {column.name: column for column in source.columns}

    def fitting(target: str, header: str) -> float | None:
        kind = target
        if target in columns and target != "age_group":
            column = columns[target]
            kind = list_name(column) + target if column.reference or column.spellings else column.type
        if (kind, header) not in asked.fits:
            cells, level = asked.cells[header], target.removeprefix(PLACE)
            asked.fits[kind, header] = (
                place_fit(level, cells, asked.known) if target.startswith(PLACE) else fit(columns[target], cells, asked.known, asked.today)
            )
        return asked.fits[kind, header]

    _codes_or_names(matches, columns, fitting)
    answered = {answer for key, answer in asked.answers.items() if key.startswith("column:")}
    taken: list[Taken] = []
    places: list[Taken] = []
    questions: list[Question] = []
    constants: dict[str, str] = {}
    for target in [*columns, *(PLACE + level for level in LEVELS)]:
        answer = asked.answers.get(f"column:{target}")
        if answer is not None and (answer in headers or answer.startswith(CONSTANT) or answer in (SKIP, FINGERPRINT)):
            if answer in headers:
                level = next((one for one in LEVELS if target in (PLACE + one, place_target(one))), "")
                is_name = target.startswith(PLACE) or (
                    level
                    and (fitting(target, answer) or 0) < FIT_OF_SYNONYM
                    and (level == "facility" or (fitting(PLACE + level, answer) or 0) >= FIT_OF_SYNONYM)
                )
                chosen = Taken(MappedColumn(level if is_name else target, (answer,)), SAME, "as answered", False)
                (places if is_name else taken).append(chosen)
            elif answer.startswith(CONSTANT) and answer != CONSTANT:
                constants[target] = answer.removeprefix(CONSTANT)
            continue
        named = sorted(
            (
                (found[target], header)
                for header, found in matches.items()
                if target in found and header not in answered
            ),
            key=lambda pair: (-pair[0].score, headers.index(pair[1])),
        )
        is_words = target.startswith(PLACE) or is_list(columns[target])
        good = [(match, header) for match, header in named if _is_good(match, fitting(target, header), is_words)]
        if target.startswith(PLACE):
            places += [_taken(target.removeprefix(PLACE), match, header) for match, header in good]
            continue
        filled = [(match, header) for match, header in good if asked.cells[header].filled] or good
        key = _form_key(source, target, headers) if not filled or plain_header(filled[0][1]) != plain_header(target) else None
        if key:
            taken.append(key)
        elif filled and (len(filled) == 1 or filled[0][0].score - filled[1][0].score >= MARGIN):
            others = tuple(_candidate(match, header, fitting(target, header)) for match, header in named if header != filled[0][1])
            taken.append(replace(_taken(target, *filled[0]), others=others[:CANDIDATES_SHOWN]))
        elif filled:
            near = [(match, header) for match, header in filled if filled[0][0].score - match.score < MARGIN]
            listed = tuple(_candidate(match, header, fitting(target, header)) for match, header in near)
            sentence = f"{columns[target].label}: {len(near)} columns may hold it. Which one does?"
            questions.append(Question(f"column:{target}", sentence, listed, columns[target].is_required))
        else:
            questions += _unfilled(columns[target], named, fitting)
    coded = {one.target for one in taken if one.is_certain}
    places = [one for one in places if one.is_certain or place_target(one.target) not in coded]
    places = [one for one in places if _is_of_use(one.target, columns, places)]
    taken, places, shared = _each_header_once(taken, places, columns)
    draft = Proposal(headers, source.name, (), tuple(taken), tuple(places), constants=constants)
    return replace(draft, questions=tuple(_still_open([*questions, *shared], draft, source, asked, fitting)))


def _codes_or_names(matches: dict[str, dict[str, NameMatch]], columns: Mapping[str, Column], fitting: Fitting) -> None:
    """A header may name a place's code or its name (`commune`); the cells say which it holds. Neither: it stays as it was named."""
    for header, found in matches.items():
        for level in LEVELS:
            code, place = place_target(level), PLACE + level
            if code not in columns:
                continue
            if place in found and (fitting(code, header) or 0) >= FIT_OF_LIKELY:
                better = found.pop(place)
                found[code] = max(found.get(code, better), better, key=lambda match: match.score)
            elif (
                code in found
                and level != "facility"
                and (fitting(code, header) or 0) < FIT_OF_SYNONYM
                and (fitting(place, header) or 0) >= FIT_OF_SYNONYM
            ):
                found[place] = replace(found.pop(code), is_certain=False)


def _is_of_use(level: str, columns: Mapping[str, Column], places: Sequence[Taken]) -> bool:
    """A level that is no column of the source still tells which commune of a name is meant."""
    below = LEVELS[LEVELS.index(level) + 1 :]
    return place_target(level) in columns or any(one.target in below and place_target(one.target) in columns for one in places)


def _is_good(match: NameMatch, fits: float | None, is_words: bool) -> bool:
    """May a header be taken for a column? The less its name says, the more its cells must. Under its own name words may be foreign."""
    if match.score < TAKEN_FROM:
        return False
    if fits is None or (match.score >= SAME - 1 and is_words):
        return True
    return fits >= (FIT_OF_SYNONYM if match.is_certain or is_words else FIT_OF_LIKELY)


def _taken(target: str, match: NameMatch, header: str) -> Taken:
    return Taken(MappedColumn(target, (header,)), match.score, match.reason, match.is_certain)


def _candidate(match: NameMatch, header: str, fits: float | None) -> Candidate:
    said = "" if fits is None else f"; {fits:.0%} of its cells fit"
    return Candidate(header, header, round(match.score), match.reason + said)


def _form_key(source: Source, target: str, headers: Sequence[str]) -> Taken | None:
    """The number KoboToolbox or ODK gives a submission; the root's number stays when a submission is edited."""
    if not is_form_export(headers) or target not in NUMBERED_BY_FORMS or source.key != (target,):
        return None
    by_plain = {plain_header(header): header for header in reversed(headers)}
    for wanted in FORM_KEYS:
        present = tuple(by_plain[plain_header(one)] for one in wanted if plain_header(one) in by_plain)
        if present and plain_header(wanted[0]) in by_plain:
            column = MappedColumn(target, present, "first_of", steps=(("remove", "uuid:"),))
            return Taken(column, FORM_NUMBER, "the number the form's server gives", target == "submission_id")
    if "_uuid" in headers:
        column = MappedColumn(target, ("_uuid",))
        return Taken(column, FORM_NUMBER, "the number the form's server gives", target == "submission_id")
    return None


def _unfilled(column: Column, named: Sequence[tuple[NameMatch, str]], fitting: Fitting) -> list[Question]:
    """The question about a column no header was taken for: always when it is required, else only when something speaks for a header."""
    listed = []
    for match, header in named:
        fits = fitting(column.name, header)
        is_near = match.score >= ASKED_FROM_WORDS if fits is None else fits >= FIT_OF_LIKELY or match.score >= LIKELY
        if match.score >= PART_OF and (is_near or column.is_required):
            listed.append(_candidate(match, header, fits))
    if not listed and not column.is_required:
        return []
    return [Question(f"column:{column.name}", f"{column.label}: which column holds it?", tuple(listed), column.is_required)]


def _each_header_once(
    taken: Sequence[Taken], places: Sequence[Taken], columns: Mapping[str, Column]
) -> tuple[list[Taken], list[Taken], list[Question]]:
    """A header that two columns took stays with the one it names better; where that is not clear both are asked about."""
    by_header: dict[str, list[Taken]] = {}
    for one in (*taken, *places):
        for header in one.column.headers:
            by_header.setdefault(header, []).append(one)
    dropped: set[int] = set()
    questions = []
    for header, claims in by_header.items():
        claims.sort(key=lambda one: -one.score)
        if len(claims) < 2:
            continue
        is_clear = claims[0].score - claims[1].score >= MARGIN
        for loser in claims[1 if is_clear else 0 :]:
            dropped.add(id(loser))
            if loser.target in columns and loser not in places:
                listed = (Candidate(header, header, round(loser.score), loser.reason),)
                sentence = f"{columns[loser.target].label}: is it in {header}?"
                questions.append(Question(f"column:{loser.target}", sentence, listed, columns[loser.target].is_required))
    return [one for one in taken if id(one) not in dropped], [one for one in places if id(one) not in dropped], questions


def _still_open(
    questions: Iterable[Question], draft: Proposal, source: Source, asked: Asked, fitting: Fitting
) -> list[Question]:
    """Questions without candidates that others took; columns nobody named, if their cells are like no others; none that a place answers."""
    used = {header for one in (*draft.taken, *draft.places) for header in one.column.headers}
    filled = {place_target(one.target) for one in draft.places} | set(draft.constants)
    free = [header for header in asked.table.answers if header not in used]
    found: dict[str, Question] = {}
    for question in questions:
        if question.target in filled:
            continue
        kept = [one for one in question.candidates if one.answer not in used]
        if kept or question.is_required:
            found[question.target] = replace(question, candidates=tuple(kept))
    taken = {one.target for one in draft.taken}
    for column in source.columns:
        if column.name in taken | filled or f"column:{column.name}" in asked.answers or column.when_empty:
            continue
        if not (column.is_required or column.name in TELLING) or not (is_list(column) or column.type in ("date", "month", "timestamp")):
            continue
        old = found.get(column.name, Question(f"column:{column.name}", f"{column.label}: which column holds it?", (), column.is_required))
        listed = {one.answer for one in old.candidates}
        more = []
        for header in free:
            cells = asked.cells[header]
            fits = fitting(column.name, header) if header not in listed and cells.distinct > 1 else None
            if fits is not None and fits >= FIT_ALONE:
                more.append(Candidate(header, header, ALONE, f"{fits:.0%} of its cells fit"))
        if more or column.is_required:
            found[column.name] = replace(old, candidates=(*old.candidates, *more)[:CANDIDATES_SHOWN])
    return [replace(one, candidates=one.candidates[:CANDIDATES_SHOWN]) for one in found.values()]
