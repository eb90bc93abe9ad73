"""Quantiles and tails of the usual distributions, from scipy.special: scipy.stats takes half a second to load, which a server start feels.

Values and arrays alike; not a number where a distribution is not defined.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special


def normal_quantile(p: float) -> float:
    """Below which value a standard normal variable lies with chance `p`."""
    return float(special.ndtri(p))


def normal_tail(x: ArrayLike) -> NDArray[np.float64]:
    """The chance that a standard normal variable exceeds `x`."""
    return np.asarray(special.ndtr(-np.asarray(x, dtype=float)))


def t_quantile(p: float, freedom: ArrayLike) -> NDArray[np.float64]:
    """Below which value Student's t lies with chance `p`; with infinite freedom it is the normal one."""
    freedom = np.asarray(freedom, dtype=float)
    return np.where(np.isinf(freedom), special.ndtri(p), special.stdtrit(freedom, p))


def t_tail(x: ArrayLike, freedom: ArrayLike) -> NDArray[np.float64]:
    """The chance that Student's t exceeds `x`."""
    x, freedom = np.asarray(x, dtype=float), np.asarray(freedom, dtype=float)
    return np.where(np.isinf(freedom), special.ndtr(-x), special.stdtr(freedom, -x))


def chi_squared_tail(x: ArrayLike, freedom: ArrayLike) -> NDArray[np.float64]:
    """The chance that chi-squared exceeds `x`."""
    return np.asarray(special.chdtrc(freedom, x))


def f_quantile(p: float, above: float, below: float) -> float:
    """Below which value F lies with chance `p`; `above` and `below` are the degrees of freedom of the two variances."""
    return float(special.fdtri(above, below, p))


def binomial_chances(n: int, p: float) -> NDArray[np.float64]:
    """The chance of at most 0, 1, 2 … `n` of `n`."""
    return np.asarray(special.bdtr(np.arange(n + 1), n, p))
