"""Columns of a shard."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms.corpus.inputs.columns import INTEGER, NUMBER, TEXT, TRUTH
from spectrograms.corpus.stores.rounding import LEVELS, STEP_COLUMNS

#: Key of our metadata: the description in a shard's schema, the statistics beside each batch.
METADATA = b"spectrograms"
#: Columns with the state of the file that a row was computed from: size and modification time, if known, and
#: a checksum of the content. Stores that differ only in these hold the same features.
SOURCE_COLUMNS = ("source_size", "source_mtime_ns", "source_hash")


# Arrow's names of the kinds of further columns.
_KINDS = {"string": TEXT, "int64": INTEGER, "double": NUMBER, "bool": TRUTH}


def arrow_schema(description: str, dtype: str, further: Mapping[str, str] | None = None) -> Any:
    """Columns of a shard.

    Parameters
    ----------
    description : str
        JSON text for the metadata.
    dtype : str
        Type of the features.
    further : dict, optional
        Name and kind of each further column.
    """
    schema = columns(dtype)
    if further:
        pa = require("pyarrow", "the feature store")
        types = {kind: pa.type_for_alias(name) for name, kind in _KINDS.items()}
        schema = pa.schema([*schema, *(pa.field(name, types[kind]) for name, kind in further.items())])
    return schema.with_metadata({METADATA: description.encode()})


def further_kinds(schema: Any) -> dict[str, str]:
    """Name and kind of each further column of a shard; columns of other types are none."""
    own = set(_columns(LEVELS).names)
    found = [(field.name, _KINDS.get(str(field.type))) for field in schema if field.name not in own]
    return {name: kind for name, kind in found if kind is not None and schema.names.count(name) == 1}


def columns(dtype: str) -> Any:
    """Columns of a shard whose features are of `dtype`: a schema without metadata."""
    return _columns(dtype)


@lru_cache(maxsize=8)
def _columns(dtype):
    pa = require("pyarrow", "the feature store")
    # The storage of the extension type arrow.variable_shape_tensor: a plain struct, which every reader knows.
    features = pa.struct(
        [
            pa.field("data", pa.list_(pa.from_numpy_dtype(np.dtype(dtype))), nullable=False),
            pa.field("shape", pa.list_(pa.int32(), 2), nullable=False),
        ]
    )
    kinds = {
        "id": pa.string(),
        "path": pa.string(),
        "start_frame": pa.int64(),
        "n_frames": pa.int32(),
        "n_samples": pa.int64(),
        "sample_rate": pa.float64(),
        "duration": pa.float64(),
        "features": features,
    }
    sources = dict(zip(SOURCE_COLUMNS, (pa.int64(), pa.int64(), pa.string()), strict=True))
    if dtype == LEVELS:
        kinds |= dict.fromkeys(STEP_COLUMNS, pa.list_(pa.field("item", pa.float32(), nullable=False)))
    fields = [pa.field(name, kind, nullable=False) for name, kind in kinds.items()]
    # Null if not known. Shards of earlier versions lack these columns.
    fields += [pa.field(name, kind) for name, kind in sources.items()]
    return pa.schema(fields)


def column_types(dtype: str) -> dict[str, Any]:
    """Arrow type of each column of a shard whose features are of `dtype`."""
    return {field.name: field.type for field in _columns(dtype)}
