"""Is a CSV read as it was meant, whoever saved it with whatever program?"""

from pathlib import Path

import duckdb
import pytest

from etl.readers import TextTable, csv
from etl.stage import file_relation
from warehouse import Problem


def opened(folder: Path, data: bytes) -> TextTable:
    path = folder / "file.csv"
    path.write_bytes(data)
    return csv.open_table(path, csv.scan(path), folder / "copy.csv")


def rows(table: TextTable) -> list[tuple[object, ...]]:
    """(line, cells …) of every record."""
    return duckdb.connect().execute(f"from {file_relation(table, True, 'rejects')}").fetchall()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_separator_and_line_ends_do_not_matter(tmp_path: Path, encoding: str, separator: str, line_end: str) -> None:
    lines = [["name", "sex"], ["សុខ", "f"], ["a,b;c", "m"]]
    text = line_end.join(separator.join(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines) + line_end
    table = opened(tmp_path, text.encode(encoding))
    assert table.headers == ("name", "sex")
    assert rows(table) == [(2, "សុខ", "f"), (3, "a,b;c", "m")]


@pytest.mark.parametrize(("encoding", "text"), [("cp1252", "name,sex\nCafé “Élan”,f\n"), ("mac_roman", "name,sex\nCafé “Élan”,f\n")])
def test_old_one_byte_encodings_are_told_apart(tmp_path: Path, encoding: str, text: str) -> None:
    table = opened(tmp_path, text.encode(encoding))
    assert (table.encoding, rows(table)) == (encoding, [(2, "Café “Élan”", "f")])


def test_a_line_end_inside_quotes_belongs_to_the_cell_and_lines_stay_true(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('a,b\n1,"two\nlines"\n\n3,"he said ""no"""\n', encoding="utf-8")
    table = csv.tidy(path, "utf-8", ",", tmp_path / "copy.csv")
    assert rows(table) == [(2, "1", "two\u2028lines"), (5, "3", 'he said "no"')]


def test_rows_that_do_not_fit_are_kept_apart_with_their_line_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n1,2\n3\n4,5,6\n7,8\n", encoding="utf-8")
    table = csv.tidy(path, "utf-8", ",", tmp_path / "copy.csv")
    assert [(one.line, one.text, one.reason) for one in table.ragged] == [
        (3, "3", "it has 1 cells and the header 2"),
        (4, "4,5,6", "it has 3 cells and the header 2"),
    ]
    assert [row[0] for row in rows(table)] == [2, 5]


def test_a_quotation_mark_never_closed_costs_one_row_not_the_rest_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('a,b\n1,"oops\n' + "3,4\n" * 1000, encoding="utf-8")
    table = csv.tidy(path, "utf-8", ",", tmp_path / "copy.csv")
    assert (len(table.ragged), table.records) == (1, 1000)


def test_nul_bytes_are_left_out(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, b"a,b\n1\0,2\n")) == [(2, "1", "2")]


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    table = opened(tmp_path, b"a,b\n")
    assert (table.headers, table.records) == (("a", "b"), 0)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Problem, match="holds no table"):
        opened(tmp_path, data)


def test_headers_twice_or_empty_get_names_of_their_own(tmp_path: Path) -> None:
    assert opened(tmp_path, b"sex,Sex,,line\n1,2,3,4\n").headers == ("sex", "Sex_2", "column_3", "line_2")
