"""Columns of a shard."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from spectrograms._common.extras import require

#: Key of our metadata: the description in a shard's schema, the statistics beside each batch.
METADATA = b"spectrograms"
#: Columns with the state of the file that a row was computed from: size and modification time, if known, and
#: a checksum of the content. Stores that differ only in these hold the same features.
SOURCE_COLUMNS = ("source_size", "source_mtime_ns", "source_hash")


def arrow_schema(description: str, dtype: str) -> Any:
    """Columns of a shard.

    Parameters
    ----------
    description : str
        JSON text for the metadata.
    dtype : str
        Type of the features.
    """
    return columns(dtype).with_metadata({METADATA: description.encode()})


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
    fields = [pa.field(name, kind, nullable=False) for name, kind in kinds.items()]
    # Null if not known. Shards of earlier versions lack these columns.
    fields += [pa.field(name, kind) for name, kind in sources.items()]
    return pa.schema(fields)


def column_types(dtype: str) -> dict[str, Any]:
    """Arrow type of each column of a shard whose features are of `dtype`."""
    return {field.name: field.type for field in _columns(dtype)}
