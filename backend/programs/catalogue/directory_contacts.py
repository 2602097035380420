"""Whom to ask, and where to go: police, oversight, prosecutors, and offices of the City."""

from functools import partial

from backend.programs.catalogue import (
    CASE_STUDY,
    CASE_STUDY_YEAR,
    COUNTY_PAGE,
    PORTAL,
    PORTAL_YEAR,
    REDESIGN,
    REDESIGN_YEAR,
    STRATEGY,
    STRATEGY_YEAR,
    EntryData,
)

_portal = partial(EntryData, source=PORTAL, source_year=PORTAL_YEAR)
_strategy = partial(EntryData, source=STRATEGY, source_year=STRATEGY_YEAR)
_case_study = partial(EntryData, source=CASE_STUDY, source_year=CASE_STUDY_YEAR)
_county = partial(EntryData, source=COUNTY_PAGE)

CONTACTS = (
    # The County's police
    _county(
        slug="county-police-non-emergency",
        name="St. Louis County Police, not an emergency",
        kind="contact",
        what=(
            "To report what can wait, or to ask something. The County's own page gives two different numbers: "
            "(314) 889-2341 in its text on reporting crime, and (636) 529-8210 under its address for reports "
            "and general information. Which of them is right must be confirmed by the County. In an emergency "
            "call 911."
        ),
        tags=("police", "county", "report"),
        who_for="Residents of the County and of the cities that its police serve",
        phone="(314) 889-2341 or (636) 529-8210; to be confirmed",
    ),
    _county(
        slug="county-police-tdd",
        name="St. Louis County Police, text telephone (TDD)",
        kind="contact",
        what="For callers who are deaf, hard of hearing or have a speech disability and use a text telephone.",
        tags=("police", "county", "deaf", "access"),
        who_for="Users of text telephones in the County",
        phone="(636) 529-8220",
    ),
    _county(
        slug="county-police-headquarters",
        name="St. Louis County Police, headquarters",
        kind="contact",
        what="The department's address: 7900 Forsyth Blvd, Clayton, MO 63105. For urgent help call 911 instead.",
        tags=("police", "county", "station"),
        who_for="Residents of the County",
    ),
    _county(
        slug="county-police-stations",
        name="County precincts and neighborhood police stations",
        kind="contact",
        what=(
            "Each precinct has small stations in its neighborhoods, where beat officers meet residents. Ask "
            "there, or at the precinct, about the next meeting of your neighborhood watch and about rides "
            "along. The County keeps a list with addresses, numbers and maps; this app shows those stations "
            "that have been imported."
        ),
        tags=("police", "county", "station", "neighborhood-watch"),
        who_for="Residents of the County's beats",
    ),
    _county(
        slug="county-telephone-reports",
        name="County police reports by telephone",
        kind="service",
        what=(
            "If an insurer only needs a report, a County operator may take it by telephone; it reaches the "
            "officer and the supervisors of the area. Calls that are not urgent may wait up to half an hour "
            "for the beat's own officer. Emergencies are sent at once."
        ),
        tags=("police", "county", "report", "insurance"),
        who_for="Who needs a police report in the County",
    ),
    # The City's police
    _portal(
        slug="office-of-community-engagement",
        name="SLMPD Office of Community Engagement",
        kind="contact",
        what=(
            "Coordinates the department's community programs and outreach, within a division set up in 2015 to "
            "build trust and partnership with every neighborhood. Ask here about a program when you find no "
            "other contact. Its number is to be confirmed."
        ),
        tags=("police", "programs", "community"),
        who_for="Residents, schools and groups in the city",
    ),
    _strategy(
        slug="crisis-intervention-team",
        name="Crisis Intervention Team officers",
        kind="contact",
        what=(
            "Officers with training for people in a mental-health crisis. How to ask: when you call 911, say "
            "that it is a mental-health crisis, that you would like an officer of the Crisis Intervention "
            "Team, and what calms or frightens the person. Nobody can promise that one is free."
        ),
        tags=("police", "crisis", "mental-health"),
        who_for="People in a mental-health crisis, and their families",
    ),
    _strategy(
        slug="veterans-response-team",
        name="Veterans Response Team",
        kind="contact",
        what=(
            "A team of the department that its officers can join. Whether and how it helps veterans in a "
            "crisis is to be confirmed. Until then: tell the call taker or the officer that the person served "
            "in the military, and ask for the team. Veterans in crisis can also call 988."
        ),
        tags=("police", "crisis", "veterans"),
        who_for="Veterans and their families; to be confirmed",
    ),
    _strategy(
        slug="critical-incident-stress-management",
        name="Critical Incident Stress Management team",
        kind="contact",
        what=(
            "A team of officers that helps after hard events, above all the department's own officers and "
            "civilian employees. Employees ask their supervisor or the team; the way is to be confirmed by the "
            "department. Residents who need support after violence find it at the Office of Violence "
            "Prevention and at 988."
        ),
        tags=("police", "health", "employees"),
        who_for="Employees of the department",
    ),
    _strategy(
        slug="police-recruitment-team",
        name="SLMPD recruitment team",
        kind="contact",
        what=(
            "A team planned to recruit all year and from many backgrounds, for academy classes and for "
            "officers who want to come back. To hear of classes and events, join the interest list among the "
            "programs."
        ),
        tags=("police", "jobs", "recruiting"),
        who_for="Who thinks of working for the police",
    ),
    _strategy(
        slug="community-health-partners",
        name="The police's partners in health and social services",
        kind="partner",
        what=(
            "The department says that it works with dozens of groups that help with alcohol and drugs, mental "
            "health and physical health. It names none of them; each gets an entry of its own here when it is "
            "confirmed."
        ),
        tags=("health", "mental-health", "substance-use"),
        who_for="Residents of the city",
    ),
    _portal(
        slug="community-liaisons",
        name="Police contacts for communities",
        kind="contact",
        what=(
            "Whom to ask when you fear not to be understood or treated well: LGBTQ, Muslim, Arab and South "
            "Asian residents, immigrants, people with special needs, people who speak little English. About "
            "2015 the City asked the police for better ways to meet these communities. The liaisons' names and "
            "numbers are to be confirmed by the department."
        ),
        tags=("police", "liaison", "lgbtq", "muslim", "arab", "south-asian", "immigrants", "disability"),
        who_for="Communities that meet the police with concern",
    ),
    _portal(
        slug="language-access",
        name="Help in your language",
        kind="contact",
        what=(
            "About 2015 the City asked the police for better ways with people who do not speak English. At "
            "911, say the name of your language in English first. For meetings and programs, say in this app "
            "or to the liaison which language or which help you need, sign language included. Who arranges "
            "interpreters is to be confirmed."
        ),
        tags=("language", "interpreter", "deaf", "access", "immigrants"),
        who_for="Who speaks little English, is deaf or needs another way of being understood",
    ),
    _portal(
        slug="neighborhood-stabilization-officers",
        name="Neighborhood Stabilization Officers",
        kind="contact",
        what=(
            "City employees who know a neighborhood and stand between its residents and police, aldermen, "
            "agencies and social services, to end problems that keep coming back. Enter your address in this "
            "app to see yours, if the City has supplied who it is."
        ),
        tags=("neighborhood", "city", "liaison"),
        who_for="Residents of the city",
    ),
    _portal(
        slug="citizens-service-bureau",
        name="Citizens Service Bureau",
        kind="service",
        what=(
            "Takes requests for services of the City and passes them to the department in charge: "
            "streetlights, trash, potholes and much more. Keep the number of your request, to ask how it goes. "
            "Its number is to be confirmed."
        ),
        tags=("city", "streetlights", "trash", "streets", "request"),
        who_for="Residents of the city",
    ),
    _portal(
        slug="problem-properties-task-force",
        name="Problem Properties Task Force",
        kind="service",
        what=(
            "Holds owners to account for neglected property: the police, prosecutors and building inspectors "
            "of the City work on it with Neighborhood Stabilization Officers. Report the address as a concern "
            "in this app, or tell the officer of your neighborhood."
        ),
        tags=("housing", "neighborhood", "vacant", "report"),
        who_for="Neighbors of a neglected property",
    ),
    _portal(
        slug="real-time-crime-center",
        name="Real Time Crime Center",
        kind="bulletin",
        what=(
            "The police's center for cameras, license plate readers and other live information; it opened in "
            "2015 and is staffed day and night. It is not a service for residents and has no window in this "
            "app. Businesses and districts that want to connect cameras of their own find an interest list "
            "among the programs."
        ),
        tags=("police", "cameras", "business"),
        who_for="Businesses and community improvement districts",
    ),
    _portal(
        slug="ethical-society-of-police",
        name="Ethical Society of Police",
        kind="partner",
        what=(
            "An association of police that works with the City so that more well-qualified members of "
            "minorities apply to become officers and the department looks like the city it serves. About 2015, "
            "each of the last four classes of the academy was half African American."
        ),
        tags=("police", "recruiting", "jobs", "diversity"),
        who_for="Who thinks of becoming an officer",
    ),
    # Oversight
    _portal(
        slug="civilian-oversight-board",
        name="Civilian Oversight Board",
        kind="service",
        what=(
            "An independent board for complaints about officers of the City's police. Complain there, not in "
            "this app. As far as its published rules were found: the person concerned complains, under 18 with "
            "a guardian; not anonymously; and a copy of the form goes to the department's Internal Affairs."
        ),
        tags=("oversight", "complaint", "police"),
        who_for="Who was treated wrongly by an officer of the City's police",
        source=f"{PORTAL}; the Board's page on complaints",
    ),
    _portal(
        slug="police-employee-reports",
        name="For police employees: reporting abuse inside the department",
        kind="contact",
        what=(
            "The City says that the department protects employees who report wrongdoing, and that most reports "
            "come from officers. Use the department's own channel, which it has yet to name here, and not a "
            "resident's form: what is sent through this app is neither anonymous nor protected as such a "
            "report."
        ),
        tags=("oversight", "employees", "whistleblower"),
        who_for="Employees of the department",
    ),
    _portal(
        slug="body-camera-records",
        name="Asking for body-camera and other police records",
        kind="contact",
        what=(
            "Officers began to wear cameras in December 2015. Recordings are evidence and not in this app. Ask "
            "the department's custodian of records in writing; the Missouri Sunshine Law says what is open, "
            "and a refusal must name its reason. The custodian's address is to be confirmed."
        ),
        tags=("records", "cameras", "oversight"),
        who_for="Who wants to see a public record",
        source=f"{PORTAL}; RSMo chapter 610",
    ),
    EntryData(
        slug="center-for-policing-equity",
        name="Center for Policing Equity, St. Louis",
        kind="contact",
        what=(
            "A non-profit organization for racial justice that has studied the City's policing and helps to "
            "carry out its recommendations. To learn more or take part, write to "
            "STLcommunity@policingequity.org."
        ),
        tags=("equity", "reform", "working-groups"),
        who_for="Residents and groups who want to take part in the redesign of public safety",
        source=REDESIGN,
        source_year=REDESIGN_YEAR,
    ),
    EntryData(
        slug="public-safety-collaborative",
        name="Public Safety Collaborative",
        kind="partner",
        what=(
            "Residents who look at where crime happens and why, and plan safety together, led by a broker whom "
            "the community trusts. It was being set up in 2022, independent of City and police: what is said "
            "there is not the police's to read."
        ),
        tags=("equity", "reform", "community"),
        who_for="Residents of the city",
        source=REDESIGN,
        source_year=REDESIGN_YEAR,
    ),
    # After a crime
    _portal(
        slug="homicide-ministers",
        name="Homicide Ministers and Community Alliance",
        kind="partner",
        what=(
            "Clergy who stand by families after a homicide, in grief and after; founded in 2009. A minister on "
            "call has reached out within 48 hours, told by the Homicide Division. A liaison can offer to refer "
            "you. Nobody is signed up here, and nobody is texted about it."
        ),
        tags=("homicide", "grief", "support", "faith"),
        who_for="Families of victims of homicide",
    ),
    _case_study(
        slug="victim-and-witness-help",
        name="Help for victims and witnesses",
        kind="contact",
        what=(
            "Support through a case, and help when somebody tries to frighten a witness; the City's agencies "
            "were trained for it from 2016 to 2019. The help line's number is to be supplied by the Circuit "
            "Attorney or the police. If you are threatened now, call 911."
        ),
        tags=("victims", "witnesses", "court", "safety"),
        who_for="Victims of crime and witnesses",
    ),
    _strategy(
        slug="group-violence-intervention",
        name="A way out of group violence",
        kind="service",
        what=(
            "For those who want to leave violence behind: social services, work and other support, part of a "
            "program that the police were building in 2023. Ask the Office of Violence Prevention. There is no "
            "list of people here, and nobody can be looked up."
        ),
        tags=("violence-prevention", "jobs", "support"),
        who_for="Who wants to leave violence behind, and their families",
    ),
    _portal(
        slug="report-gunfire",
        name="Reporting gunfire",
        kind="service",
        what=(
            "Call 911, even if you think that somebody else has. Sensors tell the police of shots within "
            "seconds, but what you saw and heard helps, and no sensor hears all. Never report gunfire through "
            "this app."
        ),
        tags=("gunfire", "emergency", "police"),
        who_for="Everybody",
        phone="911",
    ),
    # Prosecutors and federal agencies
    _strategy(
        slug="circuit-attorney",
        name="St. Louis Circuit Attorney's Office",
        kind="contact",
        what=(
            "Prosecutes state crimes in the city, works with neighbors in the Neighborhood Ownership Model, "
            "and can say how to follow a case or speak to the judge about a crime's effect. Public court dates "
            "of a docket can be followed in this app, by case number alone."
        ),
        tags=("court", "prosecutor", "victims"),
        who_for="Victims, witnesses and neighbors",
        source=f"{STRATEGY}; {PORTAL}",
    ),
    _case_study(
        slug="us-attorney",
        name="U.S. Attorney, Eastern District of Missouri",
        kind="contact",
        what="Prosecutes federal crimes, many of them with guns. It enlarged its unit for violent crime in 2018.",
        tags=("court", "prosecutor", "federal"),
        who_for="Who has to do with a federal case",
    ),
    _case_study(
        slug="atf",
        name="Bureau of Alcohol, Tobacco, Firearms and Explosives",
        kind="contact",
        what="The federal agency for firearms. It runs the Crime Gun Intelligence Center with the City's police.",
        tags=("federal", "guns"),
        who_for="Who knows of illegal firearms",
    ),
    _case_study(
        slug="dea",
        name="Drug Enforcement Administration",
        kind="contact",
        what="The federal agency against illegal drug trade; a partner of the City's police.",
        tags=("federal", "drugs"),
        who_for="Who knows of drug trade",
    ),
    _case_study(
        slug="fbi",
        name="Federal Bureau of Investigation",
        kind="contact",
        what="Investigates federal crimes; a partner of the City's police, whose investigators it has trained.",
        tags=("federal",),
        who_for="Who knows of a federal crime",
    ),
    _case_study(
        slug="us-marshals",
        name="U.S. Marshals Service",
        kind="contact",
        what="Seeks fugitives and guards the federal courts; a partner of the City's police.",
        tags=("federal", "court"),
        who_for="Who knows where a wanted person is",
    ),
)
