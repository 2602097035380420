"""The bodies that the source documents name, as data: read once into the database, then changed there. Pure.

The words are ours, the facts those of the source; how many hold a seat it does not say, so that is a beginning.
"""

from dataclasses import dataclass

SOURCE = "Center for Policing Equity, Redesigning Public Safety in St. Louis, October 2022"


@dataclass(frozen=True, kw_only=True)
class BodyData:
    """The agency whose wall a group stands behind; no police."""

    slug: str
    name: str
    short_name: str
    city: str = "City of St. Louis"


@dataclass(frozen=True, kw_only=True)
class SeatData:
    """A row of GroupSeat; `rule` as there."""

    name: str
    rule: str
    places: int


@dataclass(frozen=True, kw_only=True)
class GroupData:
    slug: str
    name: str
    body: BodyData
    charter: str
    moderation_policy: str
    seats: tuple[SeatData, ...]
    source: str = SOURCE
    neutral_name: str = ""
    is_public_body: bool = True
    is_discreet: bool = False


CITY = BodyData(slug="stl-city", name="City of St. Louis", short_name="City")
COLLABORATIVE = BodyData(
    slug="public-safety-collaborative",
    name="Public Safety Collaborative",
    short_name="Public Safety Collaborative",
)

MODERATION = (
    "Criticism is published, however sharp. Kept back are advertising, insults aimed at a person, threats, and what "
    "would make somebody's private matters known. A coordinator decides, names which of these it is and says why; "
    "whoever wrote it sees that reason, and the report counts what was kept back."
)

GROUPS = (
    GroupData(
        slug="use-of-force",
        name="Use of Force working group",
        body=CITY,
        charter=(
            "The group reads the rules by which St. Louis police may use force, looks at what happens under them, and "
            "writes a revised policy for the department to consider: one that is consistent, fair and open to see. "
            "Advocates and community groups hold its seats, and one employee of the police who works on policy and is "
            "not a sworn officer. The department decides on the policy; the group publishes every version of its text "
            "and what became of each comment."
        ),
        moderation_policy=MODERATION,
        seats=(
            SeatData(name="Advocate", rule="community", places=6),
            SeatData(name="Community group", rule="community", places=8),
            SeatData(name="Police policy representative", rule="non_sworn", places=1),
        ),
    ),
    GroupData(
        slug="service-providers",
        name="Intimate Partner Violence and Domestic Violence working group",
        neutral_name="Service providers' group",
        body=CITY,
        charter=(
            "Organizations that serve people who are or were harmed at home or by a partner look together for what is "
            "missing in the City's response, try what could close the gaps, and build up what is there for people of "
            "every background. Only service providers hold its seats. Nobody is asked to tell what happened to them, "
            "and whoever does need not say who they are."
        ),
        moderation_policy=(
            f"{MODERATION} What could show where somebody lives or who they are is always kept back, also where they "
            "wrote it themselves."
        ),
        seats=(SeatData(name="Service provider", rule="provider", places=15),),
        is_discreet=True,
    ),
    GroupData(
        slug="public-safety-collaborative",
        name="Public Safety Collaborative",
        body=COLLABORATIVE,
        charter=(
            "Community members and a trusted broker, at home in a local organization, work out from data and from "
            "what people know of their own blocks where help is needed first and what it should be, and bring the "
            "programs together that give it. It is independent: neither the City nor the police run it, sit in it or "
            "read what is told to it."
        ),
        moderation_policy=MODERATION,
        seats=(
            SeatData(name="Trusted broker", rule="independent", places=1),
            SeatData(name="Community member", rule="independent", places=15),
        ),
        is_public_body=False,
    ),
)
