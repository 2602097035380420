"""Services and partners of the City's portal: work, money, school, youth, health, coming home, housing.

What they offered about 2015; whether they still do is for somebody to confirm, entry by entry.
"""

from functools import partial

from backend.programs.catalogue import PORTAL, PORTAL_YEAR, EntryData

_portal = partial(EntryData, source=PORTAL, source_year=PORTAL_YEAR)
_service = partial(_portal, kind="service")
_partner = partial(_portal, kind="partner")

WORK = (
    _service(
        slug="slate",
        name="St. Louis Agency on Training and Employment (SLATE)",
        what="Job training and help in finding work, free of charge.",
        tags=("jobs", "training"),
        who_for="Residents who look for work",
    ),
    _service(
        slug="bridge-program",
        name="Bridge Program",
        what="A grant of $5 million to train 3,000 young adults and bring them into lasting jobs.",
        tags=("jobs", "training", "youth"),
        who_for="Young adults",
    ),
    _service(
        slug="contractor-loan-fund",
        name="Contractor Loan Fund",
        what="A fund of $10 million that lends construction companies the money to grow.",
        tags=("business", "loans", "construction"),
        who_for="Construction companies owned by women or minorities",
    ),
    _partner(
        slug="youthbuild",
        name="YouthBuild with Ranken Technical College",
        what="Young people learn to build, and build affordable homes, paid from a grant of $1 million.",
        tags=("jobs", "training", "youth", "construction"),
        who_for="Young people",
    ),
    _service(
        slug="building-union-diversity",
        name="Building Union Diversity",
        what="Pre-apprenticeships that lead to well-paid union work in construction, run by SLATE with the trades.",
        tags=("jobs", "training", "construction", "diversity"),
        who_for="Women and minorities who want to work in construction",
    ),
    _partner(
        slug="demetrious-johnson-foundation",
        name="Demetrious Johnson Charitable Foundation",
        what="Trains young people as professional painters, together with the City.",
        tags=("jobs", "training", "youth", "construction"),
        who_for="Young people",
    ),
    _partner(
        slug="harambee-youth-training",
        name="Harambee Youth Training",
        what="Tuckpointing learned on real walls, and skills for life.",
        tags=("jobs", "training", "youth", "construction"),
        who_for="From 12 to 18 years old",
    ),
    _partner(
        slug="st-louis-internship-program",
        name="St. Louis Internship Program",
        what="Training and a paid summer internship in public and non-profit offices: eight weeks, 30 students.",
        tags=("jobs", "youth", "summer"),
        who_for="High school students whose families have little money",
    ),
    _service(
        slug="stl-youth-jobs",
        name="STL Youth Jobs",
        what=(
            "Summer jobs with training, a paycheck, and accounts for checking and saving of one's own: about "
            "1,500 young people a summer."
        ),
        tags=("jobs", "youth", "summer", "money"),
        who_for="Young people from neighborhoods with high poverty",
    ),
)

MONEY = (
    _partner(
        slug="gateway-bank",
        name="Gateway Bank",
        what="A bank for neighborhoods without one; it was being built.",
        tags=("money", "banking"),
        who_for="Residents without a bank nearby",
    ),
    _service(
        slug="childrens-savings-accounts",
        name="Savings accounts for kindergartners",
        what="The City Treasurer opens an account for each kindergartner of the public schools and puts $50 into it.",
        tags=("money", "school", "children"),
        who_for="Kindergartners of St. Louis Public Schools",
    ),
    _service(
        slug="financial-dignity-center",
        name="Financial Dignity Center",
        what="Counseling about money at the Treasurer's Office: debts, saving, a steadier life.",
        tags=("money", "counseling"),
        who_for="Residents of the city",
    ),
)

SCHOOL_AND_YOUTH = (
    _partner(
        slug="guardian-angel-settlement",
        name="Guardian Angel Settlement",
        what="Early childhood education for babies, toddlers and preschoolers whose parents could not pay for it.",
        tags=("children", "school", "preschool"),
        who_for="Families with small children and little money",
    ),
    _partner(
        slug="innovative-concept-academy",
        name="Innovative Concept Academy",
        what=(
            "A school for those whom theirs has suspended or may expel: lessons go on in a safe place, with "
            "help to behave and cope. Backed by the Juvenile Division of the Family Court."
        ),
        tags=("school", "youth"),
        who_for="Students suspended or close to being expelled",
    ),
    _partner(
        slug="after-school-for-all",
        name="After School for All Partnership",
        what=(
            "Better and more after-school programs: homework, social skills, health, play, character, and "
            "parents taking part. Free."
        ),
        tags=("children", "school", "after-school"),
        who_for="Children in St. Louis, and their parents",
    ),
    _partner(
        slug="gene-slays-boys-club",
        name="Gene Slay's Boys Club",
        what="Tutoring and help with homework.",
        tags=("youth", "school", "after-school"),
        who_for="Youth from families with low income",
    ),
    _partner(
        slug="herbert-hoover-boys-girls-club",
        name="Herbert Hoover Boys and Girls Club",
        what="Activities and recreation for young people after school and in summer.",
        tags=("youth", "after-school", "summer", "recreation"),
        who_for="Children and teens",
    ),
    _partner(
        slug="al-chappelle-community-center",
        name="Al Chappelle Community Center",
        what="A range of services for children and teens, funded by the City.",
        tags=("youth", "recreation"),
        who_for="Children and teens",
    ),
    _service(
        slug="truancy-prevention",
        name="Truancy Prevention Program",
        what=(
            "Somebody who follows a student's attendance and helps before he or she drops out, by the model "
            "Check and Connect, with the Family Court's truancy unit."
        ),
        tags=("school", "youth"),
        who_for="Students who miss school, and their families",
    ),
    _service(
        slug="recreation-centers",
        name="City recreation centers",
        what=(
            "Ten centers of the Recreation Division, with pools, team sports, fitness and crafts for all ages."
        ),
        tags=("recreation", "sports", "youth", "seniors"),
        who_for="Residents of all ages",
    ),
    _partner(
        slug="ready-by-21",
        name="Ready by 21",
        what="United Way's effort, for the whole region, that children have what they need to be healthy and safe.",
        tags=("children", "youth", "region"),
        who_for="Families, and groups that work with children",
    ),
    _partner(
        slug="big-brothers-big-sisters",
        name="Big Brothers Big Sisters of Eastern Missouri",
        what=(
            "Brings a young person and a mentor together. It also chooses the children of Cops 4 Kids, the "
            "shopping day with police in December."
        ),
        tags=("youth", "mentoring", "children"),
        who_for="Young people, and adults who want to be mentors",
    ),
    _partner(
        slug="chips-teen-health-educators",
        name="Community Health-In-Partnership Services (CHIPS)",
        what=(
            "Trains teens to inform and support others of their age: about food, depression and violence. "
            "Funded by the City."
        ),
        tags=("youth", "health", "mental-health"),
        who_for="Teens",
    ),
    _partner(
        slug="resources-for-learning",
        name="Resources for Learning",
        what="Creative lessons that help children to read, count and think, and open science and art to them.",
        tags=("children", "school"),
        who_for="School children",
    ),
)

HEALTH = (
    _partner(
        slug="project-launch",
        name="Project LAUNCH",
        what="Better mental-health care and schooling for small children, in ZIP codes 63106 and 63107.",
        tags=("children", "health", "mental-health"),
        who_for="Families with young children in 63106 and 63107",
    ),
    _partner(
        slug="alive-and-well",
        name="Alive and Well",
        what=(
            "The City and the Regional Health Commission on what trauma does, that of racism, poverty and "
            "violence included: how to prevent it, ease it, heal from it."
        ),
        tags=("health", "mental-health", "trauma"),
        who_for="Everybody who lives with trauma or works with those who do",
    ),
    _service(
        slug="mental-health-board",
        name="Mental Health Board",
        what="More care for severe and lasting mental illness, by a grant of $3.7 million over four years.",
        tags=("mental-health", "children", "youth"),
        who_for="Children, young people and their families",
    ),
    _service(
        slug="health-insurance-enrolment",
        name="Help to enroll in health insurance",
        what="The Health Department helps people to enroll for coverage under the Affordable Care Act.",
        tags=("health", "insurance"),
        who_for="Residents, above all those with low wages",
    ),
)

COMING_HOME = (
    _service(
        slug="re-entry-placement",
        name="Work after prison: SLATE with Ranken Technical College",
        what="Who completes the college's training for prisoners gets help from SLATE to find work.",
        tags=("re-entry", "jobs", "training"),
        who_for="People who come home from jail or prison",
    ),
    _service(
        slug="prisoner-re-entry",
        name="Prisoner re-entry programs",
        what="Help to come home and stay out of crime, from $1.5 million of State money.",
        tags=("re-entry", "support"),
        who_for="People who come home from jail or prison",
    ),
    _service(
        slug="byrne-grant-north",
        name="Crime prevention in North St. Louis (Byrne grant)",
        what=(
            "A federal grant of $1 million for safer streets and places by design, restorative justice, and "
            "new ways into work."
        ),
        tags=("violence-prevention", "jobs", "restorative-justice"),
        who_for="Residents of North St. Louis",
    ),
    _partner(
        slug="better-family-life",
        name="Better Family Life, Neighborhood Alliance",
        what="Caseworkers who go from door to door and help people and families to find what they need.",
        tags=("support", "neighborhood", "violence-prevention"),
        who_for="Residents of the neighborhoods with the most trouble",
    ),
)

HOUSING = (
    _service(
        slug="home-repair-help",
        name="Home repairs (Affordable Housing Commission)",
        what="$1 million set aside to make homes safe again.",
        tags=("housing", "repair"),
        who_for="Residents with low income",
    ),
    _service(
        slug="healthy-home-repair",
        name="Healthy Home Repair Program",
        what="Help with the upkeep of one's own house, funded by the City.",
        tags=("housing", "repair"),
        who_for="Homeowners with low or moderate income",
    ),
    _service(
        slug="supportive-housing",
        name="Supportive housing",
        what="Almost 500 homes with support for people who were homeless, for more than $100 million.",
        tags=("housing", "homeless", "support"),
        who_for="People who are or were homeless",
    ),
    _service(
        slug="leadsafe",
        name="LeadSafe St. Louis",
        what="Homes inspected for lead paint and made safe, free of charge. Lead poisons children.",
        tags=("housing", "health", "children", "lead"),
        who_for="Families, above all with small children",
    ),
    _partner(
        slug="brightside",
        name="Brightside St. Louis",
        what=(
            "Cleans and plants the city, removes graffiti from buildings, public or private, and shows others "
            "how to help. Graffiti can also be reported as a concern in this app."
        ),
        tags=("neighborhood", "graffiti", "clean-up"),
        who_for="Residents of the city",
    ),
    _service(
        slug="building-division-demolition",
        name="Building Division: vacant and condemned buildings",
        what=(
            "Takes down condemned buildings, first those where crime gathers: close to 10,000 between 2001 and "
            "about 2015. A vacant building can be reported as a concern in this app."
        ),
        tags=("housing", "vacant", "neighborhood"),
        who_for="Neighbors of a vacant building",
    ),
    _partner(
        slug="lcms-national-housing",
        name="LCMS National Housing Support Corporation",
        what=(
            "Brings know-how and money to groups that renew their neighborhood; with the police it planned a "
            "Neighborhood Ownership Model in College Hill."
        ),
        tags=("housing", "neighborhood"),
        who_for="Neighborhood groups, College Hill above all",
    ),
)

SERVICES = (*WORK, *MONEY, *SCHOOL_AND_YOUTH, *HEALTH, *COMING_HOME, *HOUSING)
