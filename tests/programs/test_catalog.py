"""Every first-class row of the sources' catalog: who owns it, and which walks take it from finding it to the end."""

import importlib
from collections import Counter
from dataclasses import dataclass
from types import FunctionType

import pytest

from backend.programs.catalogue.directory import ENTRIES

OURS = "programs"
OWNERS = (OURS, "events", "concerns", "working groups", "roster")


@dataclass(frozen=True)
class Row:
    """`seed` is the document and its lines; a walk is `module.test` or, of a parametrized one, `module.test[case]`."""

    seed: str
    what: str
    owners: tuple[str, ...]
    walks: tuple[str, ...] = ()


def of(owner: str, seed: str, what: str) -> Row:
    """A row of others."""
    return Row(seed, what, (owner,))


def ours(seed: str, what: str, *walks: str, shared_with: str = "") -> Row:
    return Row(seed, what, (OURS, shared_with) if shared_with else (OURS,), walks)


def entry(case: str) -> str:
    """The walk to one entry of the directory."""
    return f"test_walks_directory.test_an_entry_is_found_read_and_confirmed[{case}]"


CRISIS = "test_walks_directory.test_help_in_a_crisis_comes_first"
AREAS = "test_walks_directory.test_an_entry_of_one_area_is_found_there_and_in_no_other"

ROWS = (
    # S0: the police's strategy of 2023
    of("events", "S0 31", "roll calls on the block at weekends"),
    of("events", "S0 7", "officers at neighborhood meetings, and what they promise"),
    of("roster", "S0 9", "a Major for each patrol area"),
    of("roster", "S0 11", "the same officers in the same district"),
    of("events", "S0 13-15", "promises followed up week by week"),
    ours("S0 25, S3 42", "Violence Prevention; Cops and Clinicians", CRISIS, shared_with="concerns"),
    ours("S0 31", "partners in health and social services", entry("partners")),
    ours(
        "S0 35",
        "recruiting all year",
        "test_walks.test_who_may_want_to_work_for_the_police",
        entry("recruitment-team"),
    ),
    ours(
        "S0 37",
        "teams for crises, veterans and stress",
        entry("crisis-teams"),
        entry("veterans"),
        entry("stress"),
    ),
    # S1: the City's portal of about 2015
    ours(
        "S1 102",
        "strategies for an area's leaders",
        "test_walks.test_a_leader_reads_the_strategy_of_the_area",
    ),
    ours("S1 113", "anti-theft devices", "test_walks.test_a_lock_is_chosen_and_picked_up"),
    ours("S1 114", "bike and scooter registry", "test_walks.test_a_bike_from_its_decal_to_its_owner_again"),
    ours("S1 119", "businesses' cameras", "test_walks.test_a_business_asks_about_its_cameras"),
    ours("S1 126", "Civilian Oversight Board", entry("oversight"), shared_with="concerns"),
    ours("S1 131", "employees who report abuse", entry("whistleblower"), shared_with="concerns"),
    ours("S1 135", "Office of Community Engagement", entry("engagement")),
    ours("S1 136", "neighbors and officers clean up", "test_walks.test_neighbors_clean_an_alley"),
    ours("S1 137", "Senior Citizen Warm-Up", "test_walks_youth.test_a_senior_center_hosts_a_lunch"),
    ours("S1 141", "Police Athletic League", "test_walks_youth.test_a_child_plays_a_season_in_a_team"),
    ours("S1 142", "Do The Right Thing", "test_walks_youth.test_ten_children_did_the_right_thing"),
    ours(
        "S1 143", "Books and Badges", "test_walks_youth.test_a_school_gets_tutors_whom_nobody_else_hears_of"
    ),
    ours("S1 144", "Cops 4 Kids", "test_walks_youth.test_nobody_applies_for_presents"),
    ours(
        "S1 145",
        "Safety Outreach Summer Camp",
        "test_walks_youth.test_a_child_goes_to_summer_camp_and_few_know_the_allergies",
    ),
    ours(
        "S1 149",
        "Citizens Academy",
        "test_walks_academy.test_a_class_from_applying_to_the_certificate",
        "test_walks_academy.test_who_follows_the_program_is_told_when_a_class_opens",
    ),
    ours("S1 150", "Police Explorers", "test_walks_youth.test_an_explorer_comes_every_week"),
    of("roster", "S1 151", "district captains and their hours"),
    ours("S1 155-156", "Ethical Society of Police", entry("ethical-society")),
    ours(
        "S1 157", "contacts for communities, other languages", entry("communities"), entry("languages"), AREAS
    ),
    ours("S1 80", "ministers after a homicide", entry("ministers")),
    ours("S1 182", "Problem Properties Task Force", entry("properties"), shared_with="concerns"),
    ours(
        "S1 183-184",
        "Neighborhood Ownership Model",
        "test_walks.test_neighbors_train_and_follow_a_docket_by_text",
        entry("statements"),
    ),
    ours("S1 185", "Citizens Service Bureau", entry("bureau"), shared_with="concerns"),
    ours("S1 189", "Neighborhood Stabilization Officers", entry("nso"), shared_with="roster"),
    # S2: the case study of 2019
    ours("S2 158-166", "final reports on deaths by domestic violence", entry("reviews")),
    # S3: the flyer of 2022
    ours("S3 9-16", "how the redesign went", entry("equity-report"), shared_with="events"),
    of("working groups", "S3 22-24", "use of force"),
    of("working groups", "S3 26-28", "partner and domestic violence"),
    ours("S3 30-32", "Public Safety Collaborative", entry("collaborative"), shared_with="working groups"),
    of("working groups", "S3 36", "talks by invitation, experience told without a name"),
    ours("S3 46-48", "Center for Policing Equity", entry("equity")),
    # S4: the County's page
    ours("S4 23-25", "beats, sectors, precincts, stations", entry("stations"), shared_with="roster"),
    of("roster", "S4 33", "an officer answers for a beat"),
    of("roster", "S4 29", "a year's posts, contract cities"),
    of("events", "S4 41", "what a beat works on"),
    ours(
        "S4 51",
        "ride-along",
        "test_walks_rides.test_a_ride_with_the_countys_police_is_drawn",
        "test_walks_rides.test_a_ride_with_the_citys_police",
    ),
    of("events", "S4 53-59", "neighborhood watch meetings"),
    of("roster", "S4 61", "stations with address and phone"),
    ours(
        "S4 63-79",
        "911 and the other numbers",
        CRISIS,
        entry("two-numbers"),
        entry("tdd"),
        entry("headquarters"),
        shared_with="concerns",
    ),
    ours("S4 37", "reports by telephone", entry("telephone-reports")),
)

# What residents are only told of, and what is the police's own: entries of the directory.
TOLD = {
    "3b reports and plans": ("youth-violence-prevention-plan", "diagnostic-analysis", "promise-zone"),
    "3b work and training": (
        *("bridge-program", "contractor-loan-fund", "youthbuild", "building-union-diversity", "slate"),
        *("demetrious-johnson-foundation", "harambee-youth-training", "st-louis-internship-program"),
        *("stl-youth-jobs", "re-entry-placement", "prisoner-re-entry", "byrne-grant-north"),
    ),
    "3b money": ("gateway-bank", "childrens-savings-accounts", "financial-dignity-center"),
    "3b schools and children": (
        *("guardian-angel-settlement", "school-choice", "innovative-concept-academy", "truancy-prevention"),
        *("after-school-for-all", "gene-slays-boys-club", "herbert-hoover-boys-girls-club", "ready-by-21"),
        *("al-chappelle-community-center", "recreation-centers", "municipal-id", "resources-for-learning"),
        *("big-brothers-big-sisters", "chips-teen-health-educators"),
    ),
    "3b health": (
        *("project-launch", "alive-and-well", "mental-health-board", "school-health-centers"),
        "health-insurance-enrolment",
    ),
    "3b homes and streets": (
        *("home-repair-help", "healthy-home-repair", "supportive-housing", "leadsafe", "brightside"),
        *("building-division-demolition", "better-family-life"),
    ),
    "3b positions and policy": (
        *("ban-the-box", "minimum-wage", "school-priority", "s-chip", "medicaid-expansion", "ride-sharing"),
        *("affordable-housing-investment", "near-north-side-plan", "housing-trust-fund-cap", "transit-card"),
        *("north-south-metrolink", "transit-oriented-development", "city-code-bills", "no-knock-warrant-ban"),
    ),
    "3c police systems": (
        *("real-time-crime-center", "report-gunfire", "crime-gun-intelligence-center", "crime-statistics"),
        *("group-violence-intervention", "force-investigative-unit", "body-camera-records"),
        *("homicide-detectives", "armed-offenders-docket", "gun-law-advocacy", "minor-warrants"),
        *("independent-prosecutor", "federal-safety-partnerships", "victim-and-witness-help"),
        *("city-police-training", "county-police-accreditation"),
    ),
    "3c prosecutors and federal agencies": (
        "circuit-attorney",
        "us-attorney",
        "atf",
        "dea",
        "fbi",
        "us-marshals",
    ),
}


def faults(rows: tuple[Row, ...]) -> list[str]:
    """What is wrong with the table: an unknown owner, a row of ours that nobody walks, a walk that is no test."""
    found = [f"{row.what}: owner {owner}" for row in rows for owner in row.owners if owner not in OWNERS]
    found += [f"{row.what}: no walk" for row in rows if OURS in row.owners and not row.walks]
    return found + [
        f"{row.what}: {walk} is no test" for row in rows for walk in row.walks if not is_test(walk)
    ]


def is_test(walk: str) -> bool:
    """Whether pytest collects and runs it: a function of its own module, called test_…, with that case."""
    module_name, _, name = walk.partition(".")
    name, _, case = name.partition("[")
    try:
        module = importlib.import_module(f"tests.programs.{module_name}")
    except ModuleNotFoundError:
        return False
    test = getattr(module, name, None)
    is_collected = (
        module_name.startswith("test_")
        and name.startswith("test_")
        and isinstance(test, FunctionType)
        and test.__module__ == module.__name__
    )
    is_run = not {mark.name for mark in getattr(test, "pytestmark", ())} & {"skip", "skipif", "xfail"}
    return is_collected and is_run and (not case or case.removesuffix("]") in cases_of(test))


def cases_of(test: object) -> set[str]:
    """The names of a parametrized test's cases."""
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    return {str(case.id) for mark in marks for case in mark.args[1]}


def printed(rows: tuple[Row, ...]) -> str:
    lines = [
        f"{row.seed:<12} {row.what:<48} {' + '.join(row.owners):<26} {len(row.walks) or ''}" for row in rows
    ]
    counts = Counter(owner for row in rows for owner in row.owners)
    told = [f"{len(slugs):>3} entries: {group}" for group, slugs in TOLD.items()]
    owned = ", ".join(f"{owner} {counts[owner]}" for owner in OWNERS)
    return "\n".join(["", *lines, f"{len(rows)} rows; by owner: {owned}", *told])


def test_every_row_has_an_owner_and_every_one_of_ours_a_walk() -> None:
    print(printed(ROWS))  # noqa: T201
    assert len(ROWS) == 49
    assert len({(row.seed, row.what) for row in ROWS}) == len(ROWS)
    assert faults(ROWS) == []


def test_what_residents_are_told_of_is_in_the_directory() -> None:
    there = {found.slug for found in ENTRIES}
    assert {slug for slugs in TOLD.values() for slug in slugs} <= there


def test_every_walk_is_of_a_row() -> None:
    walked = {walk.partition("[")[0] for row in ROWS for walk in row.walks}
    for name in ("test_walks", "test_walks_academy", "test_walks_rides", "test_walks_youth"):
        module = importlib.import_module(f"tests.programs.{name}")
        tests = {f"{name}.{test}" for test in vars(module) if test.startswith("test_")}
        assert tests <= walked


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (ours("S9 1", "x"), "x: no walk"),
        (ours("S9 1", "x", "test_walks.test_gone"), "x: test_walks.test_gone is no test"),
        (ours("S9 1", "x", "test_gone.test_x"), "x: test_gone.test_x is no test"),
        (ours("S9 1", "x", "test_walks.make_resident"), "x: test_walks.make_resident is no test"),
        (ours("S9 1", "x", "test_walks.from_twilio"), "x: test_walks.from_twilio is no test"),
        (ours("S9 1", "x", entry("gone")), f"x: {entry('gone')} is no test"),
        (of("nobody", "S9 1", "x"), "x: owner nobody"),
    ],
)
def test_the_check_can_fail(row: Row, fault: str) -> None:
    assert faults((*ROWS, row)) == [fault]
