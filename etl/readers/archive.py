"""What lies in a zip or gzip file? Each member is unpacked by number, never by name, and no more of it than is allowed."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import IO, cast

from warehouse import Problem

MOST_MEMBERS = 1_000
MOST_BYTES = 4 << 30  # unpacked, all members together
FREE_BYTES = 256 << 20  # so much may be unpacked whatever the size of the file
MOST_TIMES = 100  # beyond that: so many times the size of the file; records pack to a fifth or a fiftieth
PIECE = 1 << 20
NOT_MEMBERS = ("__MACOSX/", ".")


@dataclass(frozen=True)
class Member:
    """A file of an archive: the name people see, and where its bytes were put."""

    name: str
    path: Path


def allowed(path: Path) -> int:
    """How many bytes a packed file may unpack to."""
    return min(MOST_BYTES, max(FREE_BYTES, path.stat().st_size * MOST_TIMES))


def check_declared(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Raise Problem when the members, by what the archive says of them, are too many, too large, or locked by a password."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS * 10:
        raise _too_many(name, len(members))
    if sum(member.file_size for member in members) > allowed(path):
        raise too_large(name)
    if any(member.flag_bits & 1 for member in members):
        raise Problem(
            what=f"{name} is protected by a password.",
            meaning="It cannot be unpacked without it, so nothing was loaded from it.",
            action="Unpack it yourself and put the files inside it into the folder.",
        )


def unpack(path: Path, folder: Path, name: str = "") -> Iterator[Member]:
    """The members of a zip, one after the other. Raises Problem when it is damaged, locked, or larger than it may be."""
    name = name or path.name
    left = allowed(path)
    try:
        with zipfile.ZipFile(path) as archive:
            check_declared(archive, path, name)
            members = [member for member in archive.infolist() if _is_wanted(member)]
            if len(members) > MOST_MEMBERS:
                raise _too_many(name, len(members))
            for number, member in enumerate(members):
                target = folder / f"member{number}"
                with archive.open(member) as packed:
                    left -= _copy(packed, target, left, name)
                yield Member(shown_name(member.filename), target)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise damaged(name) from error


def unpack_gzip(path: Path, folder: Path, name: str = "") -> Member:
    """The one file of a gzip. Raises Problem as `unpack` does."""
    name = name or path.name
    target = folder / "member"
    try:
        with gzip.open(path) as packed:
            _copy(cast(IO[bytes], packed), target, allowed(path), name)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise damaged(name) from error
    return Member(name.removesuffix(".gz"), target)


def shown_name(name: str) -> str:
    """The last part of a member's name, whatever path it pretends to; never used to write anything."""
    last = PureWindowsPath(name.replace("\0", "")).name or "unnamed"
    return last.encode("utf-8", "replace").decode("utf-8")


def damaged(name: str) -> Problem:
    """The sentence for an archive that cannot be unpacked."""
    return Problem(
        what=f"{name} cannot be unpacked.",
        meaning="It is damaged or cut short, so nothing was loaded from it.",
        action="Pack or download it again, or put the files inside it into the folder.",
    )


def too_large(name: str) -> Problem:
    """The sentence for a file that unpacks to more than is sane."""
    return Problem(
        what=f"{name} unpacks to far more than a file of its size should.",
        meaning="Such files are made to fill up a machine, so it was not opened.",
        action="If it is a real export, unpack it yourself and put the files inside it into the folder.",
    )


def _too_many(name: str, members: int) -> Problem:
    return Problem(
        what=f"{name} holds {members:,} files.",
        meaning=f"An archive may hold {MOST_MEMBERS:,}, so it was not opened.",
        action="Unpack it yourself and put the files with records into the folder.",
    )


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    last = member.filename.replace("\\", "/").rsplit("/", 1)[-1]  # nothing, for a folder
    return bool(last) and not member.filename.startswith(NOT_MEMBERS[0]) and not last.startswith(NOT_MEMBERS[1])


def _copy(packed: IO[bytes], target: Path, most: int, name: str) -> int:
    size = 0
    with target.open("wb") as written:
        while piece := packed.read(PIECE):
            size += len(piece)
            if size > most:
                raise too_large(name)
            written.write(piece)
    return size
