"""Sections from version to version, and how their words differ: the rules themselves, without a database."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import Invalid
from backend.feedback.workinggroups import sections
from backend.feedback.workinggroups.sections import Effort, Part, Placed, Run, compare, differing, place

TEXTS = st.one_of(
    st.text(max_size=60),
    st.text("ab .\n\u00a0", max_size=200),
    st.lists(st.sampled_from("abc")).map(" ".join),
)


def earlier(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs if run.op != "added")


def later(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs if run.op != "removed")


@given(before=TEXTS, after=TEXTS, most=st.integers(0, 200), few=st.sampled_from([0, 3, 600]))
def test_the_runs_are_both_texts_to_the_letter(before: str, after: str, most: int, few: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sections, "FEW", few)
        runs = differing(before, after, Effort(most))
    assert (earlier(runs), later(runs)) == (before, after)
    assert all(run.text for run in runs)
    assert all(one.op != following.op for one, following in pairwise(runs))


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("", "", []),
        ("as it was", "as it was", [("same", "as it was")]),
        ("", "new", [("added", "new")]),
        ("old", "", [("removed", "old")]),
        (
            "Force is the last resort.",
            "Force is never the last resort.",
            [("same", "Force is "), ("added", "never "), ("same", "the last resort.")],
        ),
        (
            "An officer may use force when it is needed.",
            "An officer shall use force only when it is needed.",
            [
                ("same", "An officer "),
                ("removed", "may "),
                ("added", "shall "),
                ("same", "use force "),
                ("added", "only "),
                ("same", "when it is needed."),
            ],
        ),
    ],
)
def test_what_went_and_what_came(before: str, after: str, runs: list[tuple[str, str]]) -> None:
    assert differing(before, after) == runs


def test_in_a_long_text_only_the_changed_words_are_marked() -> None:
    old = [f"Rule {n} says that an officer warns first." for n in range(400)]
    new = [line.replace("warns", "speaks") if n % 20 == 0 else line for n, line in enumerate(old)]
    runs = differing(" ".join(old), " ".join(new))
    assert [run.text for run in runs if run.op == "removed"] == ["warns "] * 20
    assert [run.text for run in runs if run.op == "added"] == ["speaks "] * 20


WORST = {
    "one word": ("b " + "a " * 4000 + "c", "c " + "a " * 3900 + "b"),
    "two words": ("a b " * 5000, "b b a " * 3000),
    "sentences of one word": ("a. b. " * 3000, "b. b. a. " * 2000),
    "nothing in common": (" ".join(map(str, range(3000))), " ".join(map(str, range(3000, 6000)))),
    "few of one word": ("b " + "a " * 500 + "c", "c " + "a b " * 250 + "b"),
}


@pytest.mark.parametrize("kind", WORST)
def test_the_work_of_a_comparison_has_an_end(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    class Counted(Effort):
        def spend(self, count: int) -> bool:
            steps.append(count)
            return super().spend(count)

    monkeypatch.setattr(sections, "Effort", Counted)
    before, after = WORST[kind]
    one = [Placed(f"s{n}", "1", "", before, []) for n in range(100)]
    two = [Placed(f"s{n}", "1", "", after, [f"s{n}"]) for n in range(100)]
    found = compare(one, two)
    assert {(earlier(d.runs), later(d.runs)) for d in found} == {(before, after)}
    # The passages of each section may each take one round more, a walk along both at most.
    assert 0 < sum(steps) <= sections.MOST_STEPS + 100 * (len(before) + len(after))


def test_what_did_not_change_takes_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_fewest_changes", None)
    text = [Placed("a", "1", "A", "Force is the last resort.", ["a"]), Placed("b", "2", "B", "", ["b"])]
    assert [(d.change, d.runs) for d in compare(text, text)] == [
        ("same", [("same", "Force is the last resort.")]),
        ("same", []),
    ]


@pytest.mark.parametrize(
    ("part", "before", "placed"),
    [
        (Part(heading="Use of Force"), [], ("use-of-force", "1", [])),
        (Part(heading="Use of Force"), ["use-of-force"], ("use-of-force", "1", ["use-of-force"])),
        (Part(heading="Force", key="f", number="4.2"), ["f"], ("f", "4.2", ["f"])),
        (Part(heading="Force", origins=["a", "b", "a"]), ["a", "b"], ("force", "1", ["a", "b"])),
        (Part(heading="Force", origins=[]), ["a"], ("force", "1", [])),
        (Part(heading="§§"), [], ("section-1", "1", [])),
        (Part(heading="x" * 59 + " y"), [], ("x" * 59, "1", [])),
    ],
)
def test_what_is_left_open_is_filled_in(part: Part, before: list[str], placed: Any) -> None:
    (section,) = place([part], before, before)
    assert (section.key, section.number, section.origins) == placed


@pytest.mark.parametrize(
    ("parts", "before", "ever", "at", "code"),
    [
        ([], [], [], "sections", "count"),
        ([Part(heading=f"S {n}") for n in range(501)], [], [], "sections", "count"),
        ([Part(heading="A"), Part(heading="B", key="a")], [], [], "sections/0/key", "twice"),
        (
            [Part(heading="A"), Part(heading="B", origins=["c"])],
            ["a"],
            ["a"],
            "sections/1/origins",
            "unknown-origin",
        ),
        ([Part(heading="A", origins=["b"])], ["a", "b"], ["a", "b"], "sections/0/origins", "other-section"),
        ([Part(heading="B")], ["a"], ["a", "b"], "sections/0/key", "key-was-used"),
    ],
)
def test_what_is_no_version(
    parts: list[Part], before: list[str], ever: list[str], at: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        place(parts, before, ever)
    assert [(e["pointer"], e["code"]) for e in refused.value.extra["errors"]] == [(f"/{at}", code)]
