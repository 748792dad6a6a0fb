"""Reads folders and object stores whole, piece by piece, for the scan: what cannot be read says so."""

from __future__ import annotations

import gzip
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from afas_mailchimp.errors import ConfigurationError

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

BLOCK = 1 << 20
_PACKED = b"\x1f\x8b"

Piece = tuple[str, Iterator[bytes]]
"""Where, and its bytes; reading them raises ConfigurationError where they cannot be read."""


class FolderPlace:
    """Every file of a folder; what is packed with gzip is unpacked.

    :param folder: that must exist; links in it are followed, so that a mounted log folder is not left out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pieces(self) -> Iterator[Piece]:
        """Return every file, and every folder for the sake of its name.

        :raises ConfigurationError: there is no such folder.
        """
        if not self._folder.is_dir():
            raise ConfigurationError(f"{self._folder} is not a folder.")
        yield from self._below(self._folder, set())

    def _below(self, folder: Path, seen: set[tuple[int, int]]) -> Iterator[Piece]:
        try:
            found, paths = folder.stat(), sorted(folder.iterdir())
        except OSError as error:
            yield self._name(folder), unreadable(error)
            return
        if (found.st_dev, found.st_ino) in seen:
            return
        seen.add((found.st_dev, found.st_ino))
        for path in paths:
            yield from self._entry(path, seen)

    def _entry(self, path: Path, seen: set[tuple[int, int]]) -> Iterator[Piece]:
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            # A link to nothing, or a file that has just gone.
            mode = 0
        except OSError as error:
            yield self._name(path), unreadable(error)
            return
        if stat.S_ISREG(mode):
            yield self._name(path), file_blocks(path)
            return
        yield self._name(path), iter(())
        if stat.S_ISDIR(mode):
            yield from self._below(path, seen)

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self._folder))


class StorePlace:
    """Every object below an address of an object store, by Airflow's own way to it.

    :param address: such as ``s3://bucket/logs`` or ``s3://connection@bucket/logs``.
    :raises ConfigurationError: the address or its library is of no use.
    """

    def __init__(self, address: str) -> None:
        from airflow.sdk import ObjectStoragePath  # noqa: PLC0415 - heavy, and only here

        try:
            self._base = ObjectStoragePath(address)
            self._there = self._base.exists()
        except Exception as error:  # noqa: BLE001 - each store has errors of its own
            raise ConfigurationError(
                f"The object store does not answer ({type(error).__name__}): are its address, its connection and the "
                "package for its kind right?"
            ) from None

    def pieces(self) -> Iterator[Piece]:
        """Return every object.

        :raises ConfigurationError: the store has nothing at this address.
        """
        if not self._there:
            raise ConfigurationError("The object store has nothing at this address.")
        yield from self._below(self._base)

    def _below(self, folder: ObjectStoragePath) -> Iterator[Piece]:
        # Folder by folder: a search by pattern leaves out in silence what it may not list.
        try:
            paths = sorted((path for path in folder.iterdir() if path != folder), key=str)
            kinds = [path.is_dir() for path in paths]
        except Exception as error:  # noqa: BLE001 - each store has errors of its own
            yield self._name(folder), unreadable(error)
            return
        for path, is_folder in zip(paths, kinds, strict=True):
            if is_folder:
                yield self._name(path), iter(())
                yield from self._below(path)
            else:
                yield self._name(path), _blocks(lambda path=path: cast("Any", path).open("rb"))  # type: ignore[misc]

    def _name(self, path: ObjectStoragePath) -> str:
        return str(path.relative_to(self._base))


def file_blocks(path: Path) -> Iterator[bytes]:
    """Return the bytes of a file in pieces."""
    return _blocks(lambda: path.open("rb"))


def unreadable(error: Exception) -> Iterator[bytes]:
    """Return bytes that cannot be read: who tries is told why, by the kind of error and never by its text."""
    yield from ()
    raise ConfigurationError(f"cannot be read ({type(error).__name__}).")


def _blocks(open_file: Callable[[], Any]) -> Iterator[bytes]:
    try:
        with open_file() as file:
            block = file.read(BLOCK)
            if block[: len(_PACKED)] == _PACKED:
                file.seek(0)
                with gzip.GzipFile(fileobj=file) as unpacked:
                    while block := unpacked.read(BLOCK):
                        yield block
            while block:
                yield block
                block = file.read(BLOCK)
    except Exception as error:  # noqa: BLE001 - damaged packing has three kinds of errors, and each store its own
        yield from unreadable(error)
