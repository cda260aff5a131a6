"""From folders, patterns, files, lists of files and manifests to items with ids."""

from __future__ import annotations

import glob
import operator
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spectrograms._common.files import as_text
from spectrograms.audio.suffixes import AUDIO_SUFFIXES
from spectrograms.corpus.collections.readers import reader_of
from spectrograms.corpus.inputs import far
from spectrograms.corpus.inputs.braces import expanded
from spectrograms.corpus.inputs.datasets import is_dataset, refuse_splits, rows_of
from spectrograms.corpus.inputs.duplicates import check, settle
from spectrograms.corpus.inputs.folders import files_in, matching, suffix_of
from spectrograms.corpus.inputs.items import Item, content_of, id_of, item_in, item_of, unpacked, weight
from spectrograms.corpus.inputs.kinds import refuse_container
from spectrograms.corpus.inputs.manifests import items_of, suffix_in
from spectrograms.errors import InvalidInputError
from spectrograms.places.paths import folder_of
from spectrograms.places.urls import Url, placed

# How many suffixes a line names.
_NAMED = 10
# Keys of a dict that hold the sound itself.
_CONTENTS = ("bytes", "file", "samples", "data", "audio")

__all__ = ["AUDIO_SUFFIXES", "Inputs", "Item", "find_inputs", "weight"]

# How many suffixes are counted separately: with names such as take.0001 there may be one for each file.
_MOST_SUFFIXES = 50


class Inputs(list[Item]):
    """The items found, and what was left out.

    Attributes
    ----------
    left_out : dict
        How many files of folders and patterns were left out, by suffix, the most frequent first; also
        ``"hidden"``, ``"link"`` (to something found under another name), ``"no suffix"`` and ``"other"``.
    n_duplicates : int
        Items dropped because of their id, with ``on_duplicate="first"``.
    """

    def __init__(self, items: Iterable[Item], left_out: Mapping[str, int], n_duplicates: int = 0) -> None:
        super().__init__(items)
        self.left_out: dict[str, int] = dict(left_out)
        self.n_duplicates: int = n_duplicates
        self._checked = tuple(self)

    def are_checked(self) -> bool:
        """Whether these are still the items that were found."""
        return len(self) == len(self._checked) and all(map(operator.is_, self, self._checked))


def find_inputs(inputs: Any, on_duplicate: str = "error") -> Inputs:
    """List everything that `inputs` stand for, in a fixed order.

    Parameters
    ----------
    inputs : str, path, dict, Item, or iterable of them
        - A folder: the sound files in it, at any depth, in the order of their names; the id is the path
          within the folder without the suffix. Sound files have the suffix of a format that libsndfile reads.
          Names that begin with a dot are left out, and so are links to what is in the folder anyway; what is
          left out is counted. FIFOs, devices, broken links and folders that cannot be listed are included,
          and fail when they are read.
        - A pattern with ``*``, ``?`` or ``[``: the files that match, ``**`` for any depth; the id is the
          path without the suffix, and without a leading ``/`` or ``../``. A pattern that ends in a suffix
          includes every file with it, any other only sound files.
        - An audio file; the id is as for a pattern.
        - A list: a ``.txt``, ``.lst`` or ``.list`` file of paths, one a line, relative to the list's folder.
        - A manifest: a ``.csv``, ``.tsv`` or ``.jsonl`` file with ``path`` and optionally ``id``, ``start``
          and ``duration`` in seconds (or NeMo's ``audio_filepath`` and ``offset``), or a ``.json`` file of
          such objects, one a line or in a list. A row without an id gets its path without the suffix as
          one, with ``@start`` behind it if a start is given. Whatever else a row has becomes columns of the
          store. Rows with NeMo's ``shard_id`` are looked up in ``audio_<shard_id>.tar`` beside the manifest.
        - Lhotse's cuts or recordings, ``.jsonl`` or ``.jsonl.gz``, with their sound in files.
        - An archive: a ``.tar``, packed or not (``.tar.gz``, ``.tgz``, ``.tar.bz2``, ``.tar.xz``), in
          WebDataset's layout: every sound file in it; the id is its path within the archive without the
          suffix. Members of the same key (the name up to its first dot) are columns: the entries of
          ``.json``, and ``.txt`` and ``.cls`` under these names.
        - A table: a ``.parquet`` file, or a file or stream of Arrow's (``.arrow``, ``.feather``, ``.ipc``),
          with a column ``audio`` of Hugging Face's kind (``struct<bytes, path>``), of contents or of paths,
          and optionally those of a manifest. A row without an id gets one from its path, or its number.
        - Many names: ``shards/train-{0000..0127}.tar``, ``{dev,test}.csv``.
        - A data set of Hugging Face's, with a column of sound, which is not decoded by it; all contents are
          held in memory here, but not by :func:`extract`.
        - Kaldi's ``wav.scp`` with ids and paths, cut by a file ``segments`` beside it if there is one. The
          paths are relative to the current folder, or to its own if the file does not exist there.
        - A URL of any of these in an object store, such as ``s3://bucket/recordings``: what lies below a
          name, or matches it, a list, an archive, a table, a sound file. Lists may have URLs as paths; ids
          do not have the scheme. The settings of a URL (``?endpoint_override=...``) are pyarrow's.
        - A dict with these keys; others are further columns of the store. With ``bytes``, the content of a
          file, ``file``, an open one, or ``samples``, an array of shape (n_samples,) or (n_channels,
          n_samples), and ``sample_rate``, a path is just a name. ``audio`` holds the like in one dict, as
          rows of Hugging Face's data sets do.
    on_duplicate : {"error", "suffix", "first"}
        What to do about equal ids. ``suffix`` keeps the suffix of those files (``x.wav``, ``x.flac``), and
        adds a number if they are still equal; ``first`` drops all but the first.

    Returns
    -------
    list of Item
        With attributes ``left_out``, a dict of counts by suffix, and ``n_duplicates``.

    Raises
    ------
    FileNotFoundError
        If an input does not exist.
    OSError
        If it cannot be read.
    InvalidInputError
        If two items have the same id, a manifest cannot be understood, an input is an archive of another
        kind or a URL that leads nowhere, or there is nothing to extract.
    TypeError
        If an input is none of these.

    See Also
    --------
    extract : Takes the same inputs.
    Item : One of them.

    Examples
    --------
    >>> from spectrograms.corpus import find_inputs
    >>> items = find_inputs("recordings")
    >>> [item.id for item in items], items.left_out
    (['first', 'second'], {'.md': 1})

    A part of a file, as a row of a manifest would say it:

    >>> find_inputs({"path": "recordings/second.wav", "start": 0.5, "duration": 1.0})[0].start
    0.5
    """
    check(on_duplicate)
    if isinstance(inputs, Inputs) and inputs.are_checked():
        return inputs
    found = _Found()
    if isinstance(inputs, Inputs):
        found.left_out.update(inputs.left_out)
        found.n_duplicates = inputs.n_duplicates
    refuse_splits(inputs)
    if isinstance(inputs, (str, os.PathLike, dict, Item)):
        inputs = [inputs]
    elif is_dataset(inputs):
        inputs = rows_of(inputs)
    if isinstance(inputs, (bytes, bytearray, memoryview)) or not isinstance(inputs, Iterable):
        raise TypeError(f"inputs must be a path, or an iterable of them, got {type(inputs).__name__}")
    for source in inputs:
        found.add(source)
    found.settle_far()
    if not found.items:
        raise InvalidInputError(f"inputs must hold at least one file, got none{_left_out(found.left_out)}")
    items, dropped = settle(found.items, found.odd, on_duplicate)
    return Inputs(items, _few(found.left_out), found.n_duplicates + dropped)


class Stream:
    """Inputs that are found while they are asked for; each may stand for many.

    Parameters
    ----------
    inputs : iterator
    on_duplicate : {"error", "first"}

    Attributes
    ----------
    left_out : dict
    n_duplicates : int
        As of :class:`Inputs`, of those found so far.

    Raises
    ------
    InvalidInputError
        If ids shall be given suffixes, for which all must be known; later, if there is no input, or an id
        comes again.
    """

    def __init__(self, inputs: Iterator[Any], on_duplicate: str) -> None:
        if check(on_duplicate) == "suffix":
            raise InvalidInputError("on_duplicate 'suffix' must know all inputs: give a list")
        self._inputs, self._on_duplicate = inputs, on_duplicate
        self.left_out: dict[str, int] = {}
        self.n_duplicates: int = 0

    @staticmethod
    def of(inputs: Any, on_duplicate: str) -> Stream | None:
        """A stream of an iterator or a data set; None of anything else, which is listed."""
        if is_dataset(inputs):
            inputs = rows_of(inputs)
        return Stream(inputs, on_duplicate) if isinstance(inputs, Iterator) else None

    def __iter__(self) -> Iterator[Item]:
        ids: set[str] = set()
        counts: Counter[str] = Counter()
        for source in self._inputs:
            found = _Found()
            found.add(source)
            counts.update(found.left_out)
            self.left_out = _few(counts)
            for item in found.items:
                if item.id not in ids:
                    ids.add(item.id)
                    yield item
                elif self._on_duplicate == "first":
                    self.n_duplicates += 1
                else:
                    where = as_text(item.path)
                    raise InvalidInputError(f"ids must differ, got {item.id!r} again, for {where!r}")
        if not ids:
            raise InvalidInputError(f"inputs must hold at least one file, got none{_left_out(counts)}")


class _Found:
    """Collects what is found."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.odd: set[int] = set()
        # Objects of a store that somebody has named, which must be there.
        self.named: set[int] = set()
        self.left_out: Counter[str] = Counter()
        self.n_duplicates = 0

    def add(self, source):
        """Add everything that one input stands for."""
        if isinstance(source, Item):
            self.items.append(_of_item(source))
        elif isinstance(source, dict):
            self.items.append(_of_dict(source))
        elif isinstance(source, (str, os.PathLike)) and isinstance(os.fspath(source), str):
            path = placed(source, "an input")
            if isinstance(path, Url):
                for name in expanded(path.full):
                    self._add_url(Url(name))
                return
            for name in [path] if os.path.lexists(path) else expanded(path):
                self._add_path(name)
        else:
            raise TypeError(f"an input must be a path, a dict or an Item, got {type(source).__name__}")

    def _add_path(self, path):
        if os.path.isdir(path):
            before = self.left_out.copy()
            found = files_in(path, self.left_out)
            if not found:
                none = _left_out(self.left_out - before)
                raise InvalidInputError(f"folder {as_text(path)!r} must hold audio files, got none{none}")
            self._add_files(found, path)
            return
        if not os.path.lexists(path) and glob.has_magic(path):
            self._add_files(matching(path, self.left_out), None)
            return
        if not os.path.exists(path):
            raise FileNotFoundError(f"input {as_text(path)!r} does not exist")
        if not self._add_listed(path):
            if suffix_of(path) not in AUDIO_SUFFIXES:
                refuse_container(path)
            self.items.append(Item(id_of(path), path))

    def _add_url(self, url):
        """Add an object, or those of a folder or a pattern."""
        if far.is_pattern(url):
            for place in far.matching(url, self.left_out):
                if suffix_in(place.url) is not None or not self._add_listed(place.url):
                    self._add_far(place, place.url)
            return
        if self._add_listed(url):
            return
        if suffix_of(url) in AUDIO_SUFFIXES:
            self.named.add(len(self.items))
            self._add_far(far.Far(url), url)
            return
        before = self.left_out.copy()
        there = far.found_in(url, self.left_out)
        if there is None:
            # Named otherwise than sound is; what it is shows when it is read.
            self.named.add(len(self.items))
            refuse_container(url)
            self._add_far(far.Far(url), url)
        elif not there:
            raise InvalidInputError(
                f"folder {str(url)!r} must hold audio files, got none{_left_out(self.left_out - before)}"
            )
        for name, place in there or ():
            self._add_far(place, name)

    def _add_far(self, place, name):
        self.items.append(Item(id_of(name), str.__str__(place.url), data=place))

    def settle_far(self):
        """Ask the stores about all objects that they have not told about, many at a time."""
        unknown = [
            k
            for k, item in enumerate(self.items)
            if isinstance(item.data, far.Far) and item.data.size is None
        ]
        if not unknown:
            return
        for k, place in zip(unknown, far.settled([self.items[k].data for k in unknown]), strict=True):
            if place is not None:
                self.items[k] = self.items[k]._replace(data=place)
            elif k in self.named:
                far.expect(self.items[k].data)

    def _add_listed(self, path):
        """Add what a list, a manifest, an archive or a table holds; False if a file is none of these."""
        if (suffix := suffix_in(path)) is not None:
            self.items += items_of(path, suffix)
        elif (reader := reader_of(path, self.left_out)) is not None:
            before = len(self.items)
            folder = folder_of(path)
            self.items.extend(item_in(*entry, folder) for entry in reader.entries())
            if len(self.items) == before:
                raise InvalidInputError(f"input {as_text(path)!r} must hold recordings, got none")
        else:
            return False
        return True

    def _add_files(self, found, root):
        for path, odd in found:
            if not odd and root is None and suffix_in(path) is None and self._add_listed(path):
                continue
            if odd:
                self.odd.add(len(self.items))
            self.items.append(Item(id_of(path if root is None else os.path.relpath(path, root)), path))


def _of_item(item):
    fields = {**(item.columns or {}), **dict(zip(item._fields[:4], item, strict=False))}
    return item_of(fields, "", "an Item", content_of(item.data, "an Item: data"))


def _of_dict(fields):
    """An item from a dict: of a manifest's columns, of an Item's, or of a row of Hugging Face's."""
    fields = dict(fields)
    if isinstance(columns := fields.get("columns"), dict):
        del fields["columns"]
        fields = {**columns, **fields}
    elif columns is None:
        fields.pop("columns", None)
    given = [name for name in _CONTENTS if fields.get(name) is not None]
    if not given:
        return item_of(fields, "", "an input")
    name = given[0]
    value, where = fields[name], f"an input: {name}"
    if name == "audio":
        fields, value = unpacked(fields, where)
    elif name == "samples":
        value = value, fields.get("sample_rate", fields.get("sampling_rate"))
    elif name == "data" and not isinstance(value, (bytes, bytearray, memoryview, tuple)):
        return item_of(fields, "", "an input")  # somebody's column of that name
    return item_of(fields, "", "an input", content_of(value, where))


def _few(left_out):
    """The counts by suffix, the largest first, limited to a number that fits in a report."""
    ranked = sorted(left_out.items(), key=lambda entry: (-entry[1], entry[0]))
    counts = dict(ranked[:_MOST_SUFFIXES])
    if len(ranked) > _MOST_SUFFIXES:
        counts["other"] = counts.get("other", 0) + sum(count for _, count in ranked[_MOST_SUFFIXES:])
    return counts


def _left_out(counts):
    words = left_out_words(_few(counts))
    return f" ({words})" if words else ""


def left_out_words(counts: dict[str, int]) -> str:
    """What was left out, in one line, the most frequent first; empty if nothing was."""
    if not counts:
        return ""
    ranked = sorted(counts.items(), key=lambda entry: -entry[1])
    words = [f"{count} {name}" for name, count in ranked[:_NAMED]]
    if len(ranked) > _NAMED:
        words.append(f"{sum(count for _, count in ranked[_NAMED:])} others")
    return f"left out: {', '.join(words)}"
