"""The distribution of minus a variable, in SciPy's form."""

from __future__ import annotations

from typing import Any

from scipy import stats


def reflected(frozen: Any) -> Any:
    """SciPy's frozen distribution of minus a variable.

    Parameters
    ----------
    frozen : scipy.stats frozen distribution
        Of the variable.

    Returns
    -------
    scipy.stats frozen distribution
        With the same shapes and scale, and minus the location.
    """
    kind = _ReflectedContinuous if isinstance(frozen.dist, stats.rv_continuous) else _ReflectedDiscrete
    params = {**frozen.kwds, "loc": -frozen.kwds.get("loc", 0.0)}
    return kind(frozen.dist)(*frozen.args, **params)


class _Reflected:
    """What both kinds say by the distribution of the variable itself, in standard form."""

    def __new__(cls, *_: Any, **__: Any) -> Any:
        return object.__new__(cls)

    def __init__(self, of: Any, **settings: Any):
        self.of = of
        settings = {"a": -of.b, "b": -of.a, "name": f"reflected_{of.name}", "shapes": of.shapes} | settings
        super().__init__(**settings)

    def _updated_ctor_param(self) -> dict[str, Any]:
        return {"of": self.of}

    def _argcheck(self, *shapes: Any) -> Any:
        return self.of._argcheck(*shapes)

    def _get_support(self, *shapes: Any) -> tuple[Any, Any]:
        low, high = self.of._get_support(*shapes)
        return -high, -low

    def _ppf(self, q: Any, *shapes: Any) -> Any:
        return -self.of._isf(q, *shapes)

    def _isf(self, q: Any, *shapes: Any) -> Any:
        return -self.of._ppf(q, *shapes)

    def _rvs(self, *shapes: Any, size: Any = None, random_state: Any = None) -> Any:
        return -self.of._rvs(*shapes, size=size, random_state=random_state)

    def _stats(self, *shapes: Any) -> tuple[Any, ...]:
        mean, variance, skewness, kurtosis = (self.of.stats(*shapes, moments=kind) for kind in "mvsk")
        return -mean, variance, -skewness, kurtosis

    def _entropy(self, *shapes: Any) -> Any:
        return self.of._entropy(*shapes)


class _ReflectedContinuous(_Reflected, stats.rv_continuous):
    def _pdf(self, x: Any, *shapes: Any) -> Any:
        return self.of._pdf(-x, *shapes)

    def _logpdf(self, x: Any, *shapes: Any) -> Any:
        return self.of._logpdf(-x, *shapes)

    def _cdf(self, x: Any, *shapes: Any) -> Any:
        return self.of._sf(-x, *shapes)

    def _sf(self, x: Any, *shapes: Any) -> Any:
        return self.of._cdf(-x, *shapes)

    def _logcdf(self, x: Any, *shapes: Any) -> Any:
        return self.of._logsf(-x, *shapes)

    def _logsf(self, x: Any, *shapes: Any) -> Any:
        return self.of._logcdf(-x, *shapes)


class _ReflectedDiscrete(_Reflected, stats.rv_discrete):
    def _pmf(self, k: Any, *shapes: Any) -> Any:
        return self.of._pmf(-k, *shapes)

    def _logpmf(self, k: Any, *shapes: Any) -> Any:
        return self.of._logpmf(-k, *shapes)

    def _cdf(self, k: Any, *shapes: Any) -> Any:
        return self.of._sf(-k - 1, *shapes)

    def _sf(self, k: Any, *shapes: Any) -> Any:
        return self.of._cdf(-k - 1, *shapes)
