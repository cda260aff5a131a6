"""Many cases in one test, for cases so short that a test for each would mostly be overhead."""

import functools
import inspect
from collections import defaultdict

import pytest


def together(names, cases, *, ids=None, by=None):
    """Run a test for each of the cases, as one test that fails with all cases that fail.

    It takes the place of `pytest.mark.parametrize` where a test for each case costs more than what it checks.
    Two of them may stand on one test, like two parametrizations, and parametrizations beside them. Fixtures
    are those of the whole test: a case must leave nothing in them that harms the next. No case is skipped.

    Parameters
    ----------
    names : str or sequence of str
        Arguments of the test; several may stand in one string, between commas.
    cases : iterable
        A value for each case, or a tuple of them if there are several names.
    ids : iterable of str, or callable, optional
        What cases are called in the message, or what makes a name of a value; else the values are named.
    by : callable, optional
        Gives the group of a case from its values: there is a test for each group.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    cases = [(case,) if len(names) == 1 else tuple(case) for case in cases]
    if not cases or any(len(case) != len(names) for case in cases):
        raise ValueError(f"expected cases of {len(names)} values, got {cases!r}")
    if ids is None or callable(ids):
        named = [", ".join(map(ids or _short, case)) for case in cases]
    elif len(named := list(map(str, ids))) != len(cases):
        raise ValueError(f"expected {len(cases)} ids, got {len(named)}")
    groups = defaultdict(list)
    for name, case in zip(named, cases, strict=True):
        groups[str(by(*case)) if by else None].append((name, dict(zip(names, case, strict=True))))

    def decorate(function):
        @functools.wraps(function)
        def test(*, group=None, **fixtures):
            failures = []
            for name, case in groups[group]:
                try:
                    function(**fixtures, **case)
                except (Exception, pytest.fail.Exception) as error:
                    failures.append((name, error))
                except pytest.skip.Exception as error:
                    failures.append((name, AssertionError(f"a case among others was skipped: {error}")))
            if failures:
                for name, error in failures:
                    error.add_note(f"for {name}")
                which = "; ".join(name for name, _ in failures)
                message = f"{len(failures)} of {len(groups[group])} cases: {which}"
                raise BaseExceptionGroup(message, [error for _, error in failures])

        signature = inspect.signature(function)
        left = [parameter for name, parameter in signature.parameters.items() if name not in names]
        if by:
            left.append(inspect.Parameter("group", inspect.Parameter.KEYWORD_ONLY))
        test.__signature__ = signature.replace(parameters=left)
        return pytest.mark.parametrize("group", list(groups))(test) if by else test

    return decorate


def _short(value):
    text = getattr(value, "__name__", None) or repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
