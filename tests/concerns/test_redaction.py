"""What is masked in words and photos, for whom, and that the original stays under seal."""

import io
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import Concern, ConcernReply, Photo, Redaction
from backend.feedback.concerns.services import photos, redaction
from tests.concerns.conftest import taken
from tests.concerns.pictures import by_receipt, files, photo, send
from tests.factories import make_staff

NUMBER = "314-555-0142"
WORDS = f"Call Ann at {NUMBER}.\nAnn is at home; {NUMBER} by day."
LAW = "RSMo 610.021(21)"
MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def told(client: Client, city: None) -> Any:
    told = taken(client, description=WORDS)
    Concern.objects.get(pk=told["id"]).replies.create(body=f"ANN has moved. Ask {NUMBER}")
    return told


@pytest.fixture
def pictured(client: Client, told: Any, committed: Any) -> Any:
    """The same with a photo that is ready, as its id."""
    photo_id = send(client, told, photo(size=(200, 100))).json()["id"]
    with committed():
        photos.make_ready(timezone.now())
    return {**told, "photo": photo_id}


def path(told: Any, rest: str = "redactions") -> str:
    return f"/api/v1/triage/concerns/{told['id']}/{rest}"


def redact(client: Any, told: Any, **body: Any) -> Any:
    body = {"part": "description", "provision": LAW, **body}
    return client.post(path(told), body, content_type="application/json")


def with_reason(client: Any, told: Any, rest: str = "original", **body: Any) -> Any:
    body = body or {"reason": "A records request came in."}
    return client.post(path(told, rest), body, content_type="application/json")


def row(client: Any, told: Any) -> Any:
    found = client.get("/api/v1/triage/concerns?page_size=200").json()["results"]
    return next(concern for concern in found if concern["id"] == told["id"])


def pixel(answer: Any, at: tuple[int, int]) -> tuple[int, ...]:
    value = Image.open(io.BytesIO(answer.content)).getpixel(at)
    assert isinstance(value, tuple)
    return value


def is_black(answer: Any, at: tuple[int, int]) -> bool:
    return max(pixel(answer, at)) < 12


# --- words --------------------------------------------------------------------------------------------


@given(
    st.text(alphabet="ab\n█é👍 \r", max_size=30),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5),
)
def test_masking_hides_just_what_is_inside(text: str, spans: list[tuple[int, int]]) -> None:
    masked = redaction.mask(text, spans)
    assert len(masked) == len(text)
    for n, (before, after) in enumerate(zip(text, masked, strict=True)):
        inside = any(start <= n < end for start, end in spans)
        assert after == ("█" if inside and before not in "\r\n" else before)


def test_every_reader_sees_it_masked_and_the_reporter_does_not(
    client: Client, liaison: User, captain: User, sign_in: Any, told: Any
) -> None:
    desk, start = sign_in(liaison), WORDS.index(NUMBER)
    answer = redact(desk, told, start=start, end=start + len(NUMBER))
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    masked = f"Call Ann at {'█' * 12}.\nAnn is at home; {NUMBER} by day."
    for user in (liaison, captain):
        assert row(sign_in(user), told)["description"] == masked
        detail = sign_in(user).get(f"/api/v1/triage/concerns/{told['id']}")
        assert detail.json()["description"] == masked
    assert row(desk, told)["replies"][0]["body"].endswith(NUMBER)
    listed = desk.get(path(told)).json()
    assert listed == answer.json()
    assert (listed[0]["part"], listed[0]["reply"], listed[0]["provision"]) == ("description", None, LAW)


def test_everywhere_is_every_place(liaison: User, captain: User, sign_in: Any, told: Any) -> None:
    """Of a phone number that is there three times, three are masked."""
    desk, start = sign_in(liaison), WORDS.index(NUMBER)
    answer = redact(desk, told, start=start, end=start + len(NUMBER), everywhere=True)
    assert [(r["part"], r["reply"]) for r in answer.json()] == [
        ("description", None),
        ("description", None),
        ("reply", 0),
    ]
    shown = row(sign_in(captain), told)
    assert NUMBER not in shown["description"] + shown["replies"][0]["body"]
    assert shown["replies"][0]["body"] == f"ANN has moved. Ask {'█' * 12}"
    redact(desk, told, part="reply", reply=0, start=0, end=3, everywhere=True)
    shown = row(sign_in(captain), told)
    assert "ann" not in (shown["description"] + shown["replies"][0]["body"]).lower()


def test_the_staff_pages_show_it_masked(liaison: User, captain: User, sign_in: Any, told: Any) -> None:
    start = WORDS.index(NUMBER)
    redact(sign_in(liaison), told, start=start, end=start + len(NUMBER), everywhere=True)
    for user in (liaison, captain):
        page = sign_in(user).get(f"/admin/concerns/concern/{told['id']}/change/")
        assert page.status_code == 200
        assert "Call Ann at ████████████." in page.content.decode()
        assert NUMBER not in page.content.decode()


def test_twice_is_once(liaison: User, sign_in: Any, told: Any) -> None:
    desk = sign_in(liaison)
    one, two = redact(desk, told, start=0, end=4), redact(desk, told, start=0, end=4)
    assert one.json() == two.json()
    assert Redaction.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start": 0, "end": 5000}, "end"),
        ({"start": 9, "end": 9}, "end"),
        ({"start": -1, "end": 9}, "start"),
        ({"start": 0}, "send end, start"),
        ({"part": "reply", "start": 0, "end": 3}, "reply"),
        ({"part": "reply", "reply": 1, "start": 0, "end": 3}, "reply"),
        ({"part": "photo", "photo": MISSING, "start": 0, "end": 3}, "box"),
        ({"part": "photo", "photo": MISSING, "box": [0, 0, 5, 5]}, "photo"),
        ({"part": "photo", "photo": MISSING, "box": [0, 0, 5]}, "box"),
        ({"start": 0, "end": 4, "provision": " "}, "provision"),
        ({"start": 11, "end": 12, "everywhere": True, "part": "address"}, "part"),
    ],
)
def test_what_is_outside_is_refused(
    liaison: User, sign_in: Any, told: Any, body: dict[str, Any], field: str
) -> None:
    answer = redact(sign_in(liaison), told, **body)
    assert answer.status_code == 400
    assert field in answer.content.decode()
    assert not Redaction.objects.exists()


def test_answers_are_masked_like_other_words(
    client: Client, liaison: User, captain: User, sign_in: Any, city: None
) -> None:
    told = taken(client, description=WORDS)
    answers = {"hour": f"Ask ann, {NUMBER}.", "again": True}
    Concern.objects.filter(pk=told["id"]).update(answers=json.dumps(answers))
    desk = sign_in(liaison)
    for body, field in (({"question": "who"}, "question"), ({"question": "again"}, "question"), ({}, "part")):
        refused = redact(desk, told, part="answer", start=0, end=3, **body)
        assert (refused.status_code, field in refused.content.decode()) == (400, True)
    made = redact(desk, told, part="answer", question="hour", start=4, end=7, everywhere=True)
    assert sorted((one["part"], one["question"]) for one in made.json()) == [
        *(("answer", "hour"), ("description", ""), ("description", ""))
    ]
    seen = {one["slug"]: one["value"] for one in row(sign_in(captain), told)["answers"]}
    assert seen == {"hour": f"Ask ███, {NUMBER}.", "again": True}
    assert "Ann" not in row(sign_in(captain), told)["description"]
    page = desk.get(f"/admin/concerns/concern/{told['id']}/change/").content.decode()
    assert f"Ask ███, {NUMBER}." in page
    original = {one["slug"]: one["value"] for one in with_reason(desk, told).json()["answers"]}
    assert original == answers
    assert desk.delete(path(told, f"redactions/{made.json()[0]['id']}")).status_code == 204
    assert row(desk, told)["answers"][0]["value"] == answers["hour"]


def test_the_mask_comes_off(liaison: User, captain: User, sign_in: Any, told: Any) -> None:
    desk = sign_in(liaison)
    made = redact(desk, told, start=0, end=4).json()[0]["id"]
    assert row(sign_in(captain), told)["description"].startswith("████ Ann")
    assert sign_in(captain).delete(path(told, f"redactions/{made}")).status_code == 403
    assert desk.delete(path(told, f"redactions/{made}")).status_code == 204
    assert row(sign_in(captain), told)["description"] == WORDS
    assert desk.delete(path(told, f"redactions/{made}")).status_code == 404


# --- photos -------------------------------------------------------------------------------------------


def test_a_photo_is_painted_over_for_its_readers(
    client: Client, liaison: User, captain: User, sign_in: Any, pictured: Any, committed: Any
) -> None:
    desk, reader, seen = sign_in(liaison), sign_in(captain), path(pictured, f"photos/{pictured['photo']}")
    before, original = files(), reader.get(seen).content
    for box in ([0, 50, 40, 50], [150, 60, 50, 40]):
        with committed():
            made = redact(desk, pictured, part="photo", photo=pictured["photo"], box=box)
        assert (made.status_code, made.json()[0]["box"]) == (201, box)
    for client_of_staff in (desk, reader):
        covered = client_of_staff.get(seen)
        assert is_black(covered, (5, 60))
        assert is_black(covered, (160, 70))
        assert not is_black(covered, (90, 80))
    kept = Photo.objects.get()
    assert files() - before == {kept.masked_file}  # the first painted one is gone
    assert by_receipt(client, pictured, pictured["photo"]).content == original
    # One mask comes off, then the other.
    for row_id, still in ((made.json()[0]["id"], True), (str(Redaction.objects.first().pk), False)):  # type: ignore[union-attr]
        with committed():
            assert desk.delete(path(pictured, f"redactions/{row_id}")).status_code == 204
        now = reader.get(seen)
        assert not is_black(now, (160, 70))
        assert is_black(now, (5, 60)) == still
    assert reader.get(seen).content == original
    assert files() == before


@pytest.mark.parametrize(
    "box", [[0, 0, 201, 5], [190, 0, 11, 5], [0, 96, 5, 5], [5, 5, 0, 5], [200, 0, 1, 1]]
)
def test_a_box_outside_is_refused(liaison: User, sign_in: Any, pictured: Any, box: list[int]) -> None:
    before = files()
    answer = redact(sign_in(liaison), pictured, part="photo", photo=pictured["photo"], box=box)
    assert (answer.status_code, "200 × 100" in answer.json()["detail"]) == (400, True)
    assert files() == before


def test_a_photo_that_is_not_ready_cannot_be_painted(
    client: Client, liaison: User, sign_in: Any, told: Any
) -> None:
    photo_id = send(client, told, photo()).json()["id"]
    answer = redact(sign_in(liaison), told, part="photo", photo=photo_id, box=[0, 0, 5, 5])
    assert (answer.status_code, answer.json()["type"]) == (409, "photo-not-ready")


def test_two_who_paint_at_once(
    liaison: User, sign_in: Any, pictured: Any, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one whose picture would lack the other's box is told so, and no box is lost."""
    desk, paint, before = sign_in(liaison), redaction.pictures.blackened, files()

    def slow(jpeg: bytes, boxes: Any) -> bytes:
        monkeypatch.setattr(redaction.pictures, "blackened", paint)
        with committed():
            other = redact(desk, pictured, part="photo", photo=pictured["photo"], box=[0, 50, 40, 50])
        assert other.status_code == 201
        return paint(jpeg, boxes)

    monkeypatch.setattr(redaction.pictures, "blackened", slow)
    loser = redact(desk, pictured, part="photo", photo=pictured["photo"], box=[150, 60, 50, 40])
    assert loser.status_code == 409
    assert is_black(desk.get(path(pictured, f"photos/{pictured['photo']}")), (5, 60))
    assert files() - before == {Photo.objects.get().masked_file}


# --- who may, and the original ------------------------------------------------------------------------


def test_who_may(
    client: Client,
    liaison: User,
    officer: User,
    captain: User,
    outsider: User,
    resident: User,
    sign_in: Any,
    pictured: Any,
) -> None:
    administrator = User.objects.create_user(
        kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True
    )
    mask = redact(sign_in(liaison), pictured, start=0, end=4).json()[0]["id"]
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("get", "redactions", {}),
        ("post", "redactions", {"part": "description", "start": 0, "end": 4, "provision": LAW}),
        ("delete", f"redactions/{mask}", {}),
        ("post", "original", {"reason": "Asked for."}),
        ("post", f"original/photos/{pictured['photo']}", {"reason": "Asked for."}),
    ]
    gone = {"id": MISSING}
    for method, rest, body in asked:
        send_it = {} if method == "get" else {"data": body, "content_type": "application/json"}
        assert getattr(sign_in(captain), method)(path(pictured, rest), **send_it).status_code == 403, rest
        for user in (officer, outsider, administrator):
            hidden = getattr(sign_in(user), method)(path(pictured, rest), **send_it)
            missing = getattr(sign_in(user), method)(path(gone, rest), **send_it)
            assert (hidden.status_code, hidden.content) == (404, missing.content), (user.email, rest)
        assert getattr(sign_in(resident), method)(path(pictured, rest), **send_it).status_code == 403
        assert getattr(client, method)(path(pictured, rest), **send_it).status_code == 401
    assert AuditRow.objects.filter(action="open_original").count() == 0


def test_who_is_assigned_sees_it_masked_and_cannot_lift_it(
    liaison: User, officer: User, sign_in: Any, told: Any
) -> None:
    Concern.objects.filter(pk=told["id"]).update(assigned_to=officer.staff_member)
    redact(sign_in(liaison), told, start=0, end=4)
    patrol = sign_in(officer)
    assert row(patrol, told)["description"].startswith("████ Ann")
    assert with_reason(patrol, told).status_code == 403


def test_behind_the_wall_for_civilian_liaisons_alone(liaison: User, sign_in: Any, told: Any) -> None:
    sworn = sign_in(make_staff("sworn@example.org", "slmpd-district-4", "liaison"))
    assert with_reason(sworn, told).status_code == 200
    Concern.objects.filter(pk=told["id"]).update(is_walled=True)
    assert with_reason(sworn, told).content == with_reason(sworn, {"id": MISSING}).content
    assert with_reason(sign_in(liaison), told).status_code == 200


def test_the_original_is_opened_with_a_reason_on_record(
    liaison: User, sign_in: Any, pictured: Any, committed: Any
) -> None:
    desk, rest = sign_in(liaison), f"original/photos/{pictured['photo']}"
    redact(desk, pictured, start=0, end=len(WORDS), everywhere=True)
    with committed():
        redact(desk, pictured, part="photo", photo=pictured["photo"], box=[0, 0, 200, 100])
    assert with_reason(desk, pictured, reason=" ").status_code == 400
    assert with_reason(desk, pictured, rest, reason="").status_code == 400
    assert not AuditRow.objects.filter(action="open_original").exists()
    opened = with_reason(desk, pictured)
    assert (opened.status_code, opened["Cache-Control"]) == (200, "no-store")
    assert opened.json()["description"] == WORDS
    assert opened.json()["replies"][0]["body"].endswith(NUMBER)
    picture = with_reason(desk, pictured, rest)
    assert (picture["Content-Type"], picture["Cache-Control"]) == ("image/jpeg", "no-store")
    assert not is_black(picture, (90, 80))
    assert is_black(desk.get(path(pictured, f"photos/{pictured['photo']}")), (90, 80))
    trail = AuditRow.objects.filter(action="open_original", actor=liaison.pk).order_by("id")
    assert [(r.object_type, r.reason) for r in trail] == [
        ("concerns.Concern", "A records request came in."),
        ("concerns.Photo", "A records request came in."),
    ]


def test_each_mask_is_on_record_without_the_words(liaison: User, sign_in: Any, told: Any) -> None:
    desk = sign_in(liaison)
    made = redact(desk, told, start=0, end=4).json()[0]["id"]
    desk.delete(path(told, f"redactions/{made}"))
    trail = AuditRow.objects.filter(object_id=told["id"], actor=liaison.pk).order_by("id")
    assert [(r.action, r.fields, r.reason) for r in trail] == [
        ("redact", ["words"], LAW),
        ("unredact", ["words"], LAW),
    ]
    moves = Concern.objects.get(pk=told["id"]).changes.values_list("move", "by")
    assert list(moves)[-2:] == [("redact", liaison.pk), ("unredact", liaison.pk)]


def test_a_later_reply_moves_no_mask(liaison: User, captain: User, sign_in: Any, told: Any) -> None:
    redact(sign_in(liaison), told, part="reply", reply=0, start=0, end=3)
    ConcernReply.objects.create(concern_id=told["id"], body="ANN is back.")
    bodies = [reply["body"] for reply in row(sign_in(captain), told)["replies"]]
    assert bodies == [f"███ has moved. Ask {NUMBER}", "ANN is back."]
