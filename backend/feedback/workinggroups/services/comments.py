"""What people say of a text: taken in while the call is open, by account or with a receipt."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import blind_index
from backend.errors import Conflict, DomainError, Invalid, NotFound
from backend.feedback.workinggroups.models import (
    Comment,
    CommentAnswer,
    Consultation,
    ConsultationQuestion,
    Draft,
    Section,
    Support,
    WorkingGroup,
)
from backend.feedback.workinggroups.sections import successors
from backend.receipts import new_receipt, receipt_index

ACCOUNT, RECEIPT = IDENTITIES = tuple(Comment.Identity.values)
Kind = Comment.Kind


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is said. `section`: its key, "" for the whole; `version`: the draft's number that the person read."""

    kind: str
    section: str = ""
    version: int | None = None
    body: str = ""
    wording: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    shown_name: str = ""
    content_warnings: tuple[str, ...] = ()


@transaction.atomic
def submit_comment(
    *, consultation: Consultation, said: Said, by: User | None, identity: str
) -> tuple[Comment, str | None]:
    """Takes a comment in; returns it and the receipt, if there is one.

    Raises Conflict where the call is closed or not open yet, it is of another version, the section is gone or was
    split, or the account said the same already; Invalid for what does not fit; NotFound for outsiders of a members'
    call.
    """
    call = open_call(consultation, by)
    if identity == ACCOUNT and (by is None or by.kind != User.Kind.RESIDENT):
        raise Invalid(
            "Sign in with a resident's account first, or choose `receipt`.",
            field="identity",
            code="not-signed-in",
        )
    section = find_section(call, said.section, said.version)
    answers = _check(call, said, section)
    receipt = new_receipt() if identity == RECEIPT else None
    comment = Comment(
        consultation=call,
        section=section,
        kind=said.kind,
        body=said.body,
        wording=said.wording,
        shown_name=said.shown_name,
        content_warnings=sorted(set(said.content_warnings)),
        words_index=_words_index(said),
        author=by if identity == ACCOUNT else None,
        receipt_index=receipt_index(receipt) if receipt else None,
        created_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            comment.save(force_insert=True)
    except IntegrityError:
        raise Conflict("You said the very same already; it was kept once.", type="said-already") from None
    CommentAnswer.objects.bulk_create(
        CommentAnswer(
            comment=comment,
            question=question,
            **(
                {"choice": answer} if question.kind == ConsultationQuestion.Kind.CHOICE else {"words": answer}
            ),
        )
        for question, answer in answers
    )
    return comment, receipt


def open_call(consultation: Consultation, by: User | None) -> Consultation:
    """The call, locked until the transaction ends, if it takes input from this person now.

    Raises Conflict where it does not, and NotFound for outsiders of a members' call.
    """
    rows = Consultation.objects.select_for_update(of=("self",), no_key=True).select_related("group", "draft")
    call, now = rows.get(pk=consultation.pk), timezone.now()
    if call.audience == Consultation.Audience.MEMBERS and not (
        by and WorkingGroup.objects.of_member(by, now).filter(pk=call.group_id).exists()
    ):
        raise NotFound()
    if call.is_open(now):
        return call
    if not call.is_over(now):
        raise Conflict(
            f"This opens on {timezone.localtime(call.opens_at):%B %-d, %Y at %H:%M}.", type="call-not-open"
        )
    raise Conflict(
        f"This closed on {timezone.localtime(call.closed_at or call.closes_at):%B %-d, %Y at %H:%M}. The group's page "
        "shows what is open now; at a meeting of the group you can speak yourself.",
        type="call-closed",
    )


def find_section(call: Consultation, key: str, version: int | None) -> Section | None:
    """The section of the call's version; None for the whole. Raises Conflict and Invalid that say where to look."""
    draft = call.draft
    if version is not None and (draft is None or draft.number != version):
        raise Conflict(
            f"This call is on version {draft.number}, not {version}; read that, and comment on it."
            if draft
            else "This call is on no version of the text; leave `version` out.",
            type="other-version",
            version=draft.number if draft else None,
        )
    if not key:
        return None
    found = Section.objects.filter(draft=draft, key=key).first() if draft else None
    if found is None:
        raise _section_gone(call, key)
    return found


def _section_gone(call: Consultation, key: str) -> DomainError:
    """What to say of a section that the call's version does not have."""
    draft = call.draft
    earlier = Section.objects.filter(draft__in=Draft.objects.published().filter(group=call.group_id), key=key)
    if draft is None or not earlier.exists():
        return Invalid(
            "There is no such section; GET …/drafts/{n} lists them.", field="section", code="unknown"
        )
    origins = dict(draft.sections.values_list("key", "origins"))
    now_in = successors(key, origins)
    detail = f"“{key}” is no section of version {draft.number}"
    detail += f"; its matter is in {', '.join(now_in)} now. Comment there." if now_in else " any more."
    return Conflict(detail, type="section-split" if len(now_in) > 1 else "section-gone", now_in=now_in)


def _check(call: Consultation, said: Said, section: Section | None) -> list[tuple[ConsultationQuestion, str]]:
    """What is said fits its kind. Returns the answers by question."""
    if said.kind == Kind.ANSWERS:
        if not said.answers:
            raise Invalid("Answer at least one question.", field="answers", code="required")
        return _answers(call, said.answers)
    if said.answers:
        raise Invalid("Answers go with the kind `answers`.", field="answers", code="not-this-kind")
    if said.kind == Kind.WORDING and (section is None or not _has_words(said.wording)):
        raise Invalid(
            "A suggested wording names its section and says in words how it should read.",
            field="wording",
            code="required",
        )
    if said.kind == Kind.COMMENT and (said.wording or not _has_words(said.body)):
        raise Invalid("Say it in words: a few are enough.", field="body", code="no-words")
    return []


def _answers(call: Consultation, given: Mapping[str, str]) -> list[tuple[ConsultationQuestion, str]]:
    questions = {question.key: question for question in call.questions.all()}
    answers = []
    for key, answer in given.items():
        question = questions.get(key)
        if question is None:
            raise Invalid("The call does not ask this.", field=f"answers/{key}", code="unknown")
        if question.kind == ConsultationQuestion.Kind.CHOICE and answer not in question.choices:
            raise Invalid(
                f"Choose one of: {', '.join(question.choices)}.", field=f"answers/{key}", code="unknown"
            )
        if not _has_words(answer):
            raise Invalid(
                "Say it in words, or leave the question out.", field=f"answers/{key}", code="no-words"
            )
        answers.append((question, answer))
    return answers


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _words_index(said: Said) -> str:
    """The same for the same words of the same section, however they are spaced and capitalized."""
    words = [
        said.kind,
        said.section,
        said.body,
        said.wording,
        *(f"{k}={v}" for k, v in sorted(said.answers.items())),
    ]
    return blind_index("comment", "\0".join(_plain(word) for word in words))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def with_receipt(receipt: str) -> Comment | None:
    """The comment of a receipt, however it was typed."""
    found = Comment.objects.with_orphans().filter(receipt_index=receipt_index(receipt))
    return found.select_related("consultation__group", "section__draft", "disposition__landed_draft").first()


# --- support ----------------------------------------------------------------------------------------------


@transaction.atomic
def support(*, consultation: Consultation, section: str, by: User) -> None:
    """A resident is for a section, or the whole, as it stands; twice is once. Raises as commenting."""
    call = open_call(consultation, by)
    if by.kind != User.Kind.RESIDENT:
        raise Invalid("Sign in with a resident's account: those are counted.", code="not-signed-in")
    if call.draft is None:
        raise Invalid("This call is on no text that one could be for.", field="section", code="no-text")
    Support.objects.get_or_create(consultation=call, section=find_section(call, section, None), user=by)


@transaction.atomic
def withdraw_support(*, consultation: Consultation, section: str, by: User) -> None:
    """Takes it back while the call is open; what is not there is none. Raises as commenting."""
    call = open_call(consultation, by)
    Support.objects.filter(consultation=call, section=find_section(call, section, None), user=by).delete()


def supported_by(user: User | AnonymousUser, consultation: Consultation) -> list[str]:
    """The keys of what somebody is for, "" for the whole."""
    if isinstance(user, AnonymousUser):
        return []
    mine = Support.objects.filter(consultation=consultation, user=user).order_by("section__position")
    return [key or "" for key in mine.values_list("section__key", flat=True)]
