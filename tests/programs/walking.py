"""A walk through a program of the real catalogue as its people take it, over HTTP: what all of them share."""

from typing import Any

from backend.accounts.models import User
from backend.programs.models import Program
from tests.programs.factories import local, make_manager, make_resident

JSON = {"content_type": "application/json"}
ADULT = {"name": "Alex Example", "born_on": "1990-05-17", "lives_in_city": True}
CHILD = {"name": "Sam Example", "born_on": "2014-05-17", "lives_in_city": True, "is_enrolled": True}
FAMILY = {"is_for_self": False, "guardian": {"name": "Pat Example", "contact": "314-555-0142"}}
PLACE = {"name": "Central Library", "address": "1301 Olive St"}


class Walk:
    """One program: anybody who looks for it, its manager, and the residents who come."""

    def __init__(self, slug: str, client: Any, sign_in: Any) -> None:
        self.slug, self.client, self.sign_in = slug, client, sign_in
        self.path = f"/api/v1/programs/{slug}"
        self.manager = make_manager(Program.objects.get(slug=slug), f"{slug}@example.org")
        self.kept: dict[str, tuple[str, Any]] = {}
        self.residents: list[User] = []

    # --- anybody --------------------------------------------------------------------------------------

    def read(self, path: str) -> Any:
        """As a phone reads that keeps every page and asks whether it has changed since."""
        tag, page = self.kept.get(path, ("", None))
        answer = self.client.get(path, headers={"If-None-Match": tag} if tag else {})
        if answer.status_code == 304:
            return page
        assert answer.status_code == 200, answer.content
        self.kept[path] = (answer.get("ETag", ""), answer.json())
        return answer.json()

    def found(self) -> dict[str, Any]:
        """The program in the list of all."""
        listed = self.read("/api/v1/programs?page_size=100")["results"]
        (shown,) = [program for program in listed if program["slug"] == self.slug]
        return dict(shown)

    def details(self) -> dict[str, Any]:
        return dict(self.read(self.path))

    def intake(self, cohort: dict[str, Any]) -> dict[str, Any]:
        """As anybody sees it in the list of intakes."""
        (shown,) = [c for c in self.read(f"{self.path}/cohorts")["results"] if c["id"] == cohort["id"]]
        return dict(shown)

    def may_i(self, **said: Any) -> tuple[str, list[str]]:
        """The answer, and the rules that stand against it or are not known yet."""
        answer = self.client.post(f"{self.path}/eligibility", said, **JSON)
        assert answer.status_code == 200, answer.content
        told = answer.json()
        return told["answer"], [
            f["rule"] for f in told["findings"] if not f["is_met"] and not f["comes_later"]
        ]

    # --- its staff ------------------------------------------------------------------------------------

    @property
    def staff(self) -> Any:
        """The manager, signed in anew: a session of staff ends within the hour."""
        return self.sign_in(self.manager)

    def begin(self) -> dict[str, Any]:
        """Anybody finds it unconfirmed and with its source; its staff confirm it; anybody finds it running."""
        found = self.found()
        assert (found["status"], found["verified_on"]) == ("unconfirmed", None)
        assert found["source"]
        assert found["notice"]
        assert {rule["confirmed_on"] for rule in self.details()["rules"]} <= {None}
        early = self._open({})
        assert (early.status_code, early.json()["type"]) == (409, "not-confirmed")
        confirmed = self.staff.patch(self.path, {"confirm": True}, **JSON)
        assert confirmed.status_code == 200, confirmed.content
        found = self.found()
        assert (found["status"], found["notice"], found["verified_on"]) == ("running", "", "2026-11-23")
        return self.details()

    def open(self, **facts: Any) -> dict[str, Any]:
        """An intake, which anybody sees from now on: by order of coming, open now, unless told otherwise."""
        answer = self._open(facts)
        assert answer.status_code == 201, answer.content
        return self.intake(answer.json())

    def _open(self, facts: dict[str, Any]) -> Any:
        intake = {
            "name": "First",
            "mode": "first_come",
            "starts_on": "2026-12-09",
            "ends_on": "2027-03-31",
            "opens_at": local("2026-11-23 09:00").isoformat(),
            **facts,
        }
        return self.staff.post(f"{self.path}/cohorts", intake, **JSON)

    def plan(self, cohort: dict[str, Any], **facts: Any) -> list[dict[str, Any]]:
        """Sessions a week apart, from the intake's first day."""
        course = {"first_on": cohort["starts_on"], "start_time": "18:00", "duration_minutes": 120, **facts}
        answer = self.staff.post(f"{self.path}/cohorts/{cohort['id']}/sessions", course, **JSON)
        assert answer.status_code == 201, answer.content
        return list(answer.json())

    def handle(self, application: dict[str, Any], move: str, **words: Any) -> dict[str, Any]:
        answer = self.staff.post(f"{self.path}/applications/{application['id']}/{move}", words, **JSON)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def screen(self, application: dict[str, Any], cleared: bool = True) -> dict[str, Any]:
        """Under review, then through the records check."""
        self.handle(application, "review")
        path = f"{self.path}/applications/{application['id']}/screening"
        answer = self.staff.put(path, {"cleared": cleared}, **JSON)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    # --- who comes ------------------------------------------------------------------------------------

    def resident(self, phone: str = "") -> Any:
        self.residents.append(make_resident(f"walker{len(self.residents)}@example.org", phone))
        return self.sign_in(self.residents[-1])

    def apply(
        self,
        me: Any,
        cohort: dict[str, Any],
        participant: dict[str, Any],
        answers: dict[str, Any],
        **more: Any,
    ) -> dict[str, Any]:
        """First without the answers, to hear which ones the form requires; then with them."""
        form = self.details()["form"]
        sent = {"program": self.slug, "cohort": cohort["id"], "participant": participant, **more}
        sent["form_version"] = form["version"]
        if required := form["schema"]["required"]:
            refused = me.post("/api/v1/applications", {**sent, "answers": {}}, **JSON)
            assert refused.status_code == 400, refused.content
            missing = {error["pointer"] for error in refused.json()["errors"]}
            assert missing == {f"/answers/{name}" for name in required}
        made = me.post("/api/v1/applications", {**sent, "answers": answers}, **JSON)
        assert made.status_code == 201, made.content
        return dict(made.json())


def mine(me: Any, application: dict[str, Any]) -> dict[str, Any]:
    """An application as its applicant reads it now."""
    answer = me.get(f"/api/v1/applications/{application['id']}")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    return dict(answer.json())


def moves(me: Any, application: dict[str, Any]) -> list[str]:
    return [line["move"] for line in mine(me, application)["timeline"]]
