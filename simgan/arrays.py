"""Array types, and the checks of arrays at the doors of public functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgan.errors import ConfigError, Words

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Float32Array = NDArray[np.float32]
AnyFloatArray = NDArray[np.floating]
Numbers = ArrayLike
"""Numbers as people have them: a list, an array, a series or a frame of pandas or polars."""

_KINDS = {
    "b": "true and false",
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
    "U": "text",
    "S": "bytes",
    "T": "text",
    "V": "records",
}
_LARGEST = 10.0  # log return of a day: the price grows 22,000-fold
_LEAST_RANGE = 1e-12  # of log returns: that of a constant is a matter of rounding
_MISSING = ("NoneType", "NAType", "NaTType")  # the last two are those of pandas


def expect_shape(values: AnyFloatArray, axes: Sequence[str], owner: str) -> None:
    """Refuse an array whose number of axes is not that of `axes` or that is empty along one.

    Raises
    ------
    ConfigError
        Names the axes that were expected and the shape that came.
    """
    if values.ndim != len(axes) or 0 in values.shape:
        axis = axes[0] + "," if len(axes) == 1 else ", ".join(axes)
        raise ConfigError(owner, "shape", Words(values.shape), f"({axis}), none of them 0")


def expect_finite(values: AnyFloatArray, owner: str) -> None:
    """Refuse NaN and infinity. Statistics never skip them in silence."""
    bad = np.count_nonzero(~np.isfinite(values))
    if bad:
        raise ConfigError(
            owner, "values", Words(f"{bad} of {values.size} not finite"), "finite numbers only"
        )


def whole_rows(values: AnyFloatArray) -> NDArray[np.bool_]:
    """Tell which rows of an array (rows, columns) have a finite number in each column.

    In the log returns of several assets these are the days on which all of them traded.
    """
    return np.asarray(np.isfinite(values).all(axis=1))


def expect_log_returns(values: AnyFloatArray, owner: str) -> None:
    """Refuse values that are not finite, that are constant, or that are no log returns of a day.

    Raises
    ------
    ConfigError
    """
    expect_finite(values, owner)
    largest = np.max(np.abs(values), initial=0.0)
    if largest > _LARGEST:
        found = Words(f"up to ±{largest:.3g}")
        raise ConfigError(
            owner, "values", found, "log returns of a day; are these prices or percent?"
        )
    if values.size and np.ptp(values) < _LEAST_RANGE:
        raise ConfigError(owner, "values", Words("constant"), "log returns that vary")


def numbers_of(values: object, owner: str, name: str) -> AnyFloatArray:
    """Read numbers from a list, an array, or a series or frame of pandas or polars.

    An array of floating point numbers stays as it is. A masked one has NaN where it is masked. No
    package is imported for a frame.

    Parameters
    ----------
    values : object
    owner, name : str
        The function and its argument, for messages.

    Raises
    ------
    ConfigError
        It holds text, dates, gaps or lists of different lengths, or it is no array at all.
    """
    array = _array_of(values, owner, name)
    if array.dtype.kind == "f":
        floats: AnyFloatArray = array.astype(array.dtype, copy=False)
        return floats
    if array.dtype.kind in "iu":
        return array.astype(np.float64)
    if array.dtype.kind == "O":
        return _of_objects(array, owner, name)
    found = _KINDS.get(array.dtype.kind, str(array.dtype))
    raise ConfigError(owner, name, Words(found), "numbers")


def _array_of(values: object, owner: str, name: str) -> NDArray[np.generic]:
    """Return the array of a list or of an object that knows itself as an array."""
    if isinstance(values, np.ma.MaskedArray):
        return _unmasked(values)
    if isinstance(values, np.ndarray):
        return values
    is_list = isinstance(values, Sequence) and not isinstance(values, (str, bytes))
    if not (is_list or isinstance(values, (Real, Decimal)) or hasattr(values, "__array__")):
        kind = Words(f"an object of type {type(values).__name__}")
        raise ConfigError(owner, name, kind, "numbers: a list, an array, a series or a frame")
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        kind = Words(f"an object of type {type(values).__name__}")
        allowed = "numbers in rows of the same length"
        raise ConfigError(owner, name, kind, allowed) from error


def _unmasked(values: np.ma.MaskedArray) -> NDArray[np.generic]:
    """Return an array with NaN in place of the numbers that are masked."""
    if values.dtype.kind in "fiu" and np.ma.is_masked(values):
        floats = values if values.dtype.kind == "f" else values.astype(np.float64)
        return np.asarray(np.ma.filled(floats, np.nan))
    return np.asarray(values.data)


def _of_objects(array: NDArray[np.generic], owner: str, name: str) -> FloatArray:
    """Read Python's numbers, with whole numbers, decimals and fractions among them."""
    items: Iterable[object] = array.ravel().tolist()
    items = list(items)
    gaps = sum(type(item).__name__ in _MISSING for item in items)
    _expect_complete(gaps, len(items), owner, name)
    for item in items:
        if isinstance(item, bool) or not isinstance(item, (Real, Decimal)):
            found = "text" if isinstance(item, str) else f"an object of type {type(item).__name__}"
            raise ConfigError(owner, name, Words(f"{found} among them"), "numbers only")
    return np.array([float(item) for item in items]).reshape(array.shape)  # type: ignore[arg-type]


def _expect_complete(gaps: int, size: int, owner: str, name: str) -> None:
    if gaps:
        raise ConfigError(
            owner,
            name,
            Words(f"{gaps:,} of {size:,} missing"),
            "numbers without gaps; leave these rows out, such as by dropna()",
        )
