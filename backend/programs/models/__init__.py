"""Programs, applications, courses, the registry, nominations and the directory."""

from backend.programs.models.applications import (
    LIVE,
    PLACED,
    Application,
    ApplicationChange,
    RideSlot,
    Screening,
    Signature,
    Waiver,
)
from backend.programs.models.catalogue import Cohort, Form, Program, Rule, Seat, Supply, Topic
from backend.programs.models.classes import Attendance, Certificate, Session
from backend.programs.models.community import CourtDate, Docket, Entry, Leader, Site, Strategy
from backend.programs.models.nominations import Nomination, Score
from backend.programs.models.registry import ItemChange, RegisteredItem

__all__ = [
    "LIVE",
    "PLACED",
    "Application",
    "ApplicationChange",
    "Attendance",
    "Certificate",
    "Cohort",
    "CourtDate",
    "Docket",
    "Entry",
    "Form",
    "ItemChange",
    "Leader",
    "Nomination",
    "Program",
    "RegisteredItem",
    "RideSlot",
    "Rule",
    "Score",
    "Screening",
    "Seat",
    "Session",
    "Signature",
    "Site",
    "Strategy",
    "Supply",
    "Topic",
    "Waiver",
]
