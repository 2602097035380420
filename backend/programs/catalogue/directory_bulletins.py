"""What is good to know and nothing one asks for: reports, policies and positions of their time."""

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

_portal = partial(EntryData, kind="bulletin", source=PORTAL, source_year=PORTAL_YEAR)
_case_study = partial(EntryData, kind="bulletin", source=CASE_STUDY, source_year=CASE_STUDY_YEAR)
_redesign = partial(EntryData, kind="bulletin", source=REDESIGN, source_year=REDESIGN_YEAR)

SAFETY = (
    _case_study(
        slug="domestic-violence-fatality-review",
        name="Domestic Violence Fatality Review: final reports",
        what=(
            "A panel that the Circuit Attorney may call looks at deaths by domestic violence and at what "
            "agencies could do better. A State law of January 2019 allows it; the board of St. Louis began in "
            "April 2019. Its final reports are public records; its notes, minutes and letters are not. Reports "
            "are to be supplied."
        ),
        tags=("domestic-violence", "report", "oversight"),
        url="https://revisor.mo.gov/main/OneSection.aspx?section=455.560",
        source=f"{CASE_STUDY}; RSMo 455.560",
    ),
    _redesign(
        slug="no-knock-warrant-ban",
        name="No-knock warrants banned",
        what=(
            "By an executive order of the Mayor of June 2022 the City's police may not use warrants that let "
            "them in without knocking. Whether it still stands is to be confirmed."
        ),
        tags=("policy", "police"),
    ),
    _redesign(
        slug="policing-equity-report",
        name="Redesigning public safety: how it went",
        what=(
            "The Center for Policing Equity began to study the City's policing in 2016 and to work on its "
            "redesign in July 2021. Interviews ran from January to July 2022, with a town hall in March; the "
            "report with its recommendations came out in April, and work on some of them began in July. The "
            "report's address is to be supplied."
        ),
        tags=("reform", "report", "equity"),
    ),
    _portal(
        slug="force-investigative-unit",
        name="How shootings by officers are reviewed",
        what=(
            "A Force Investigative Unit of the police looks into every shooting by an officer, and each is "
            "handed to the Circuit Attorney and the U.S. Attorney for a review of their own. Outcomes appear "
            "here only once they are public. Complaints belong to the Civilian Oversight Board."
        ),
        tags=("oversight", "police", "force"),
    ),
    _portal(
        slug="independent-prosecutor",
        name="Position: independent prosecutors for deaths by police",
        what=(
            "About 2015 the City supported a State law that would have an independent prosecutor look into "
            "each death that police cause. Complaints belong to the Civilian Oversight Board."
        ),
        tags=("policy", "oversight", "police"),
    ),
    _portal(
        slug="homicide-detectives",
        name="More homicide detectives",
        what=(
            "About 2015 the police added detectives to solve more homicides. Cases are not spoken of in this "
            "app. Who knows something tells the police; in danger, 911."
        ),
        tags=("police", "homicide"),
    ),
    _portal(
        slug="armed-offenders-docket",
        name="Position: a court docket for armed offenders",
        what="About 2015 the City's leaders asked for a docket of its own for crimes with guns.",
        tags=("policy", "court", "guns"),
    ),
    _portal(
        slug="gun-law-advocacy",
        name="Position: keeping gun laws",
        what=(
            "About 2015 the City and partners defended existing gun laws in court, above all the one that "
            "forbids guns to people convicted of felonies."
        ),
        tags=("policy", "guns"),
    ),
    _portal(
        slug="minor-warrants",
        name="Position: fewer warrants for minor matters",
        what="About 2015 the City looked for ways to end warrants for minor violations and to collect fees otherwise.",
        tags=("policy", "court", "warrants"),
    ),
    _case_study(
        slug="crime-gun-intelligence-center",
        name="Crime Gun Intelligence Center",
        what=(
            "Set up in 2018 by police, prosecutors and the federal agency for firearms: casings and guns that "
            "are found are compared within 48 hours, where it once took months. The evidence itself is not "
            "public."
        ),
        tags=("police", "guns", "federal"),
    ),
    _case_study(
        slug="federal-safety-partnerships",
        name="Federal partnerships on public safety",
        what=(
            "St. Louis joined the Justice Department's Public Safety Partnership in 2016, for three years. "
            "Beside it ran a Diagnostic, a Police Prosecutor Partnership, Strategies for Policing Innovation "
            "and Project Safe Neighborhoods. The address of the Department's pages is to be supplied."
        ),
        tags=("federal", "police", "grants"),
    ),
    EntryData(
        slug="crime-statistics",
        name="Crime figures of the City's police",
        kind="bulletin",
        what=(
            "Crime by the national incident-based system (NIBRS) is published by the City for download, "
            "without names. The address is to be supplied by the City. This app counts no crime and analyzes "
            "nobody."
        ),
        tags=("records", "statistics", "police"),
        source=f"Open data of the City of St. Louis; {STRATEGY}",
        source_year=STRATEGY_YEAR,
    ),
    EntryData(
        slug="city-police-training",
        name="Training and accreditation of the City's police",
        kind="bulletin",
        what=(
            "Officers are taught at the department's academy and again every year: calming things down, fair "
            "treatment, legitimacy, bias, cultural diversity and more. In 2019 the department was certified by "
            "the Commission on Accreditation for Law Enforcement Agencies (CALEA)."
        ),
        tags=("police", "training", "accreditation"),
        source=f"{STRATEGY}; {CASE_STUDY}",
        source_year=STRATEGY_YEAR,
    ),
    EntryData(
        slug="county-police-accreditation",
        name="Training and accreditation of the County's police",
        kind="bulletin",
        what=(
            "Beat officers are certified by the State (POST). The County says that it holds all three "
            "accreditations of CALEA: for the department, its training academy and its communications. Whether "
            "they hold today is to be confirmed."
        ),
        tags=("police", "county", "training", "accreditation"),
        source=COUNTY_PAGE,
    ),
    _portal(
        slug="diagnostic-analysis",
        name="Diagnostic Analysis for the City of St. Louis",
        what="A full report on crime and policing in the city; the portal linked to it. Its address is to be supplied.",
        tags=("report", "police"),
    ),
    _portal(
        slug="neighborhood-impact-statements",
        name="Speaking up in court for your neighborhood",
        what=(
            "Neighbors can tell a judge in writing what a crime did to their street, or seek a Neighborhood "
            "Order of Protection against those who keep offending. Say who you are, where you live and what "
            "changed for you; keep to what you saw. Ask the Circuit Attorney's Office how and when. Write "
            "nothing of a case in this app."
        ),
        tags=("court", "neighborhood", "victims"),
        who_for="Neighbors of a place of crime",
    ),
)

CITY = (
    _portal(
        slug="youth-violence-prevention-plan",
        name="Regional Youth Violence Prevention Task Force, community plan",
        what="A plan against violence among the young, made from what residents said in public meetings.",
        tags=("youth", "violence-prevention", "report"),
    ),
    _portal(
        slug="commission-children-youth-families",
        name="Commission on Children, Youth and Families",
        what=(
            "Brought residents, experts and officials together to speak openly of crime and what leads to it; "
            "the plan against youth violence came of it."
        ),
        tags=("youth", "children", "violence-prevention"),
    ),
    _portal(
        slug="promise-zone",
        name="Promise Zone",
        what="City and County were named a federal Promise Zone: a shorter way to federal help for the poorest parts.",
        tags=("federal", "grants", "jobs"),
    ),
    _portal(
        slug="100-resilient-cities",
        name="100 Resilient Cities",
        what=(
            "St. Louis was chosen for the Rockefeller Foundation's network, to plan against unequal and "
            "unstable lives."
        ),
        tags=("grants", "equity"),
    ),
    _portal(
        slug="college-industry-partnerships",
        name="Position: colleges and employers together",
        what="The City encouraged community colleges and technical schools to plan training with employers.",
        tags=("policy", "jobs", "training"),
    ),
    _portal(
        slug="minimum-wage",
        name="Position: a higher minimum wage",
        what=(
            "A bill before the Board of Aldermen would have raised the minimum wage to $11 by 2020; the City "
            "paid its own employees at least $10.10 from 2014. What holds today is not said here."
        ),
        tags=("policy", "jobs", "money"),
    ),
    _portal(
        slug="school-priority",
        name="Position: better public schools",
        what="The City named better schools one of its first aims, as a way to keep young people out of crime.",
        tags=("policy", "school"),
    ),
    _portal(
        slug="school-choice",
        name="Charter schools and public school choice",
        what=(
            "Thirty-five charter schools were expected by the fall of 2015, and the number of places in "
            "well-performing public schools had doubled."
        ),
        tags=("policy", "school"),
    ),
    _portal(
        slug="municipal-id",
        name="Municipal I.D.",
        what="The City was studying an identity card of its own. Whether there is one is to be confirmed.",
        tags=("policy", "city"),
    ),
    _portal(
        slug="school-health-centers",
        name="Position: health centers in schools",
        what="The City asked for centers in schools for mental-health care and reproductive health.",
        tags=("policy", "health", "mental-health", "school"),
    ),
    _portal(
        slug="s-chip",
        name="Position: health insurance for children",
        what="The City asked the State to renew its health insurance program for children (S-CHIP).",
        tags=("policy", "health", "insurance", "children"),
    ),
    _portal(
        slug="medicaid-expansion",
        name="Position: more people in Medicaid",
        what="The City asked the State to open Medicaid to more people under the Affordable Care Act.",
        tags=("policy", "health", "insurance"),
    ),
    _portal(
        slug="ban-the-box",
        name="No box for convictions in City job applications",
        what=(
            "The City's forms no longer ask whether an applicant was convicted of a felony; it wanted the same "
            "by State law for all employers."
        ),
        tags=("policy", "jobs", "re-entry"),
    ),
    _portal(
        slug="affordable-housing-investment",
        name="Investment in homes",
        what=(
            "Between 2001 and about 2015 the Affordable Housing Commission put more than $24 million into "
            "homes, which drew in about $478 million of others' money, for new and renewed homes all over the "
            "city."
        ),
        tags=("policy", "housing"),
    ),
    _portal(
        slug="near-north-side-plan",
        name="Choice Neighborhood planning, Near North Side",
        what="A federal grant of $500,000 to plan homes and social services in the Near North Side.",
        tags=("policy", "housing", "grants"),
    ),
    _portal(
        slug="housing-trust-fund-cap",
        name="Position: the cap of the Housing Trust Fund",
        what="The City was considering whether to lift the fund's limit of $5 million.",
        tags=("policy", "housing"),
    ),
    _portal(
        slug="north-south-metrolink",
        name="North-South MetroLink",
        what=(
            "The plan of a line from North County through downtown to I-55 and Bayless Avenue in South County, "
            "to bring people to work."
        ),
        tags=("policy", "transit"),
    ),
    _portal(
        slug="transit-oriented-development",
        name="Homes near transit",
        what="More than $1 million of the Affordable Housing Commission for homes close to trains and bus lines.",
        tags=("policy", "transit", "housing"),
    ),
    _portal(
        slug="city-code-bills",
        name="Position: simpler rules for small business",
        what="Bills to take burdens off small businesses and renew old parts of the City Code.",
        tags=("policy", "business"),
    ),
    _portal(
        slug="ride-sharing",
        name="Position: ride-sharing",
        what="The City spoke with the Metropolitan Taxi Commission about admitting ride-sharing services.",
        tags=("policy", "transit"),
    ),
    _portal(
        slug="transit-card",
        name="A reloadable transit card",
        what="City and Metro were speaking about a card for fares that can be loaded again.",
        tags=("policy", "transit"),
    ),
)

BULLETINS = (*SAFETY, *CITY)
