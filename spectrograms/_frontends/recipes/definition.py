"""A frontend before its parameters are known: a name, a table of parameters, and what makes a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from spectrograms._common.limits import MAX_RATE
from spectrograms.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from spectrograms._frontends.recipes.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One row of the table of frontends.

    Attributes
    ----------
    name, summary : str
    rate : int or None
        The sample rate or its default; None if it must be given.
    fixed : bool
        Whether no rate but `rate` is taken.
    parameters : dict of str to Kind
    layout : str
        ``"time"`` for (frames, rows), ``"bins"`` for (rows, frames).
    dtype : str
        Of the result, unless the recipe says otherwise.
    build : callable
        (rate, parameters as a namespace) -> fields of the recipe.
    shorter : callable or None
        (parameters, n_samples) -> parameters for so short a signal, where the toolkit changes them.
    """

    name: str
    summary: str
    rate: int | None
    fixed: bool = False
    parameters: dict[str, Any]
    layout: str
    dtype: str = "float32"
    build: Callable[..., dict[str, Any]]
    shorter: Callable[..., Any] | None = None

    def read_rate(self, value: Any) -> Any:
        """Check a sample rate; None takes the default."""
        if value is None:
            if self.rate is None:
                raise TypeError(f"{self.name} needs sample_rate: it has no default")
            return self.rate
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"sample_rate must be a number, got {shown(value)}")
        # NumPy would compare the limits in the type of its own number.
        rate: Any = value if isinstance(value, int) else float(value)
        if not 0 < rate <= MAX_RATE:
            raise InvalidInputError(f"sample_rate must be > 0 and at most {MAX_RATE:g}, got {shown(value)}")
        if self.fixed and rate != self.rate:
            raise InvalidInputError(
                f"sample_rate must be {self.rate} for {self.name}, got {value:g}: resample the audio first, "
                f"for example with read_audio(path, sample_rate={self.rate})"
            )
        return int(rate) if float(rate).is_integer() else float(rate)

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Check parameters; return all of them, defaults included."""
        for name in given:
            if name not in self.parameters:
                known = ("sample_rate", "precision", *self.parameters)
                raise TypeError(f"{self.name} has no parameter {shown(name)}{nearest(name, known)}")
        values = {}
        for name, kind in self.parameters.items():
            if name not in given:
                if kind.required:
                    raise TypeError(f"{self.name} needs {name}: it has no default")
                values[name] = kind.default
            else:
                values[name] = kind.read(name, given[name])
        return values

    def recipe(self, rate: Any, values: dict[str, Any]) -> Recipe:
        """Build the recipe."""
        from spectrograms._frontends.recipes.recipe import Recipe

        try:
            built = self.build(rate, SimpleNamespace(**values))
        except OverflowError:  # from a float that was to become a number of samples
            raise InvalidInputError(
                f"parameters of {self.name} ask for a size beyond every integer"
            ) from None
        return Recipe(rate=float(rate), **{"layout": self.layout, "dtype": self.dtype, **built})


def table(**shared: Any) -> Callable[..., Definition]:
    """What makes the rows of a toolkit's table: each has what is `shared`, unless it says otherwise."""

    def row(
        name: str, summary: str, build: Callable[..., Any], parameters: dict[str, Any], **own: Any
    ) -> Definition:
        columns = {**shared, **own}
        return Definition(name=name, summary=summary, build=build, parameters=parameters, **columns)

    return row


def nearest(name: str, known: Iterable[str], count: int | None = None) -> str:
    """The end of an error about an unknown name: the nearest one, or all of them, or how many there are."""
    import difflib  # for errors only

    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5 if count is None else 0.75)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; it has {', '.join(known)}" if count is None else f"; frontends() lists all {count}"
