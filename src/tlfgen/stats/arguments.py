"""What the statistics are given: the checks that several of them share."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def times_and_events(time: npt.ArrayLike, event: npt.ArrayLike) -> tuple[Floats, Whole]:
    """Arrays of times and of 0/1 events; a ValueError for what is no such thing."""
    t, e = np.asarray(time, float), np.asarray(event)
    if t.ndim != 1 or t.shape != e.shape:
        raise ValueError("times and events are two lists of one length")
    if not np.isfinite(t).all() or (t < 0).any():
        raise ValueError("a time is missing, infinite or negative")
    return t, zeros_and_ones(e)


def zeros_and_ones(event: npt.ArrayLike) -> Whole:
    """An array of 0 and 1; a ValueError where there is another value or none."""
    e = np.asarray(event)
    if not np.isin(e, (0, 1)).all():
        raise ValueError("an event is 1, its absence 0")
    return e.astype(np.int64)


def labels_of(values: npt.ArrayLike, subjects: int, what: str) -> tuple[tuple[Any, ...], Whole]:
    """The different labels in order, and the number (from 0) of each subject's.

    ValueError where a subject has none, or where there are not as many as subjects.
    """
    given = np.asarray(values)
    if given.shape != (subjects,):
        raise ValueError(f"there is one {what} a subject: {subjects} of them, not {given.size}")
    # a NaN is the only value that differs from itself
    if any(v is None for v in given.tolist()) or (given != given).any():
        raise ValueError(f"a subject has no {what}; leave it out or give it one")
    labels, number = np.unique(given, return_inverse=True)
    return tuple(labels.tolist()), number.astype(np.int64)


def columns_of(covariates: npt.ArrayLike, subjects: int) -> Floats:
    """Covariates as subjects by covariates; a ValueError where a value is missing or a row."""
    x = np.asarray(covariates, float)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) != subjects or not x.shape[1]:
        raise ValueError(f"covariates have one row for each of the {subjects} subjects, not shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("a covariate has a missing or an infinite value; leave the subject out")
    return x


def dependent(x: Floats) -> bool:
    """A covariate is constant or a linear combination of the others, whatever its unit."""
    if not len(x) or (np.ptp(x, axis=0) == 0).any():
        return True
    return bool(np.linalg.matrix_rank((x - x.mean(axis=0)) / x.std(axis=0)) < x.shape[1])


def one_of(value: str, allowed: Any, what: str) -> None:
    """A ValueError where the value is none of a Literal's."""
    if value not in get_args(allowed):
        raise ValueError(f"the {what} {value!r} is none of {', '.join(map(repr, get_args(allowed)))}")


def two_sided(level: float) -> float:
    """The normal quantile z of two-sided limits; a ValueError where the level is no proportion."""
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise ValueError(f"the level {level} does not lie between 0 and 1")
    return float(ndtri((1 + level) / 2))
