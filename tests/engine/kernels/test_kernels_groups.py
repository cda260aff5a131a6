"""Groups of frames against single frames: the same bytes, whatever stands beside."""

import numpy as np
import pytest

from spectrograms._engine.fourier.rfft import short_transforms

from ...support.kernels import COMPLEX, aligned, at, split4_table
from ...support.together import together


def single_frame(k, dtype, z, table, combine_table, n, rows, kind):
    """The half spectrum of one frame, or its powers, by the kernels for one frame."""
    out = aligned(n // 2 + 1, dtype if kind == "power" else COMPLEX[dtype])
    if rows == 4:
        getattr(k, f"split4_{kind}")(at(z), at(table), at(out), n)
    else:
        planar = aligned(n + k.width, dtype)
        k.combine(at(z), at(combine_table), at(planar), n, rows)
        getattr(k, f"planar_{kind}")(at(planar), at(table), at(out), n)
    return out


@pytest.mark.parametrize("kind", ["power", "complex"])
@together(("rows", "length"), short_transforms())
def test_a_group_gives_the_bytes_of_its_frames(k, dtype, rows, length, kind, rng):
    n, group = 2 * rows * length, k.group
    padded = -(-length // k.width) * k.width
    stride = rows * padded + 3 * k.width
    z = aligned((group, stride), COMPLEX[dtype])
    z[:] = np.nan  # behind the rows, and what fills them up
    values = z[:, : rows * padded].reshape(group, rows, padded)[:, :, :length]
    values[:] = rng.standard_normal((2, *values.shape)).T.swapaxes(0, 2) @ [1, 1j]
    values[-1] *= np.geomspace(1e-12, 1e12, length)
    table, combine_table = split4_table(k, n, dtype), None
    if rows > 4:
        combine_table = aligned(k.combine_table_len(n, rows), dtype)
        k.combine_table(n, rows, at(combine_table))
    expected = np.stack([single_frame(k, dtype, row, table, combine_table, n, rows, kind) for row in z], 1)
    assert np.isfinite(expected).all()
    turned = aligned((n + 1, group), dtype)
    turned[-1] = 17
    for ld, offset in ((group, 0), (64, 0), (group + 3, 1)):
        out = aligned((n // 2 + 1, ld), expected.dtype, offset)
        out[:] = 17
        arguments = at(z), 2 * stride, at(turned), combine_table is not None and at(combine_table), at(table)
        getattr(k, f"group_{kind}")(*arguments, at(out), ld, n, rows)
        assert out[:, :group].tobytes() == expected.tobytes()
        assert (out[:, group:] == 17).all(), "wrote beyond the group"
        assert (turned[-1] == 17).all(), "wrote beyond the scratch"


def test_a_frame_without_numbers_stays_alone(k, dtype, rng):
    n = 256
    z = aligned((k.group, n // 2), COMPLEX[dtype])
    z[:] = rng.standard_normal(z.shape)
    turned, power = aligned((n, k.group), dtype), aligned((n // 2 + 1, k.group), dtype)
    table = split4_table(k, n, dtype)
    for lost in range(k.group):
        z[lost] = np.nan
        k.group_power(at(z), n, at(turned), None, at(table), at(power), k.group, n, 4)
        assert (np.isnan(power).all(0) == (np.arange(k.group) <= lost)).all()
        assert np.isfinite(power[:, lost + 1 :]).all()
