"""The helper that runs many cases in one test says everything that separate tests would say."""

import inspect

import pytest

from ..support.together import together


def test_every_case_runs_and_every_failure_is_named():
    seen = []

    @together("a, b", [(1, 2), (3, 3), (5, 6)])
    def check(b, a, folder):
        seen.append((a, b, folder))
        assert a == b, f"{folder} differs"

    with pytest.raises(ExceptionGroup, match=r"2 of 3 cases: 1, 2; 5, 6") as caught:
        check(folder="here")
    assert seen == [(1, 2, "here"), (3, 3, "here"), (5, 6, "here")]
    assert [str(error).splitlines()[0] for error in caught.value.exceptions] == ["here differs"] * 2
    assert [error.__notes__ for error in caught.value.exceptions] == [["for 1, 2"], ["for 5, 6"]]
    assert list(inspect.signature(check).parameters) == ["folder"]


def test_nothing_is_raised_if_all_pass():
    @together("a", [1, 2])
    def check(a):
        assert a

    check()


def test_two_of_them_are_their_product():
    seen = []

    @together("a", "xy")
    @together("b", [1, 2], ids=["one", "two"])
    def check(a, b):
        seen.append((a, b))
        assert (a, b) != ("y", 2)

    with pytest.raises(ExceptionGroup, match="1 of 2 cases: 'y'") as caught:
        check()
    assert seen == [("x", 1), ("x", 2), ("y", 1), ("y", 2)]
    [inner] = caught.value.exceptions
    assert inner.args[0] == "1 of 2 cases: two"


@together("a, b", [("x", 1), ("y", 2), ("x", 3)], by=lambda a, b: a)
def test_a_group_has_its_own_cases(a, b, request):
    assert request.node.name == f"test_a_group_has_its_own_cases[{a}]"
    assert b in {"x": (1, 3), "y": (2,)}[a]


@pytest.mark.parametrize("leave", [pytest.skip, pytest.fail])
def test_a_case_can_be_neither_skipped_nor_fail_unseen(leave):
    @together("a", [1, 2], ids=str)
    def check(a):
        if a == 1:
            leave("left")

    with pytest.raises(BaseExceptionGroup, match="1 of 2 cases: 1"):
        check()


@pytest.mark.parametrize(
    ("names", "cases", "ids"), [("a", [], None), ("a, b", [(1, 2), (3,)], None), ("a", [1, 2], ["one"])]
)
def test_cases_that_do_not_fit(names, cases, ids):
    with pytest.raises(ValueError, match="expected"):
        together(names, cases, ids=ids)
