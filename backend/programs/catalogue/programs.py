"""The programs that people take part in, with their rules as rows."""

from backend.programs.catalogue import (
    COUNTY_PAGE,
    PORTAL,
    PORTAL_YEAR,
    STRATEGY,
    STRATEGY_YEAR,
    ProgramData,
    RuleData,
    SupplyData,
    questions,
)

ENGAGEMENT = "SLMPD Office of Community Engagement"
ACADEMY = "SLMPD Police Academy"
ACADEMY_PAGE = "SLMPD page on the Citizens Academy, classes up to 2018"
EXPLORERS_PAGE = "SLMPD page on the Police Explorers"
AWARD_PAGE = "Do The Right Thing St. Louis, its own page"
NOT_FOUND = "the department's own rule was not found"
GREENE = f"Common practice (Greene County, Missouri); {NOT_FOUND}"
ST_JAMES = f"Common practice (St. James, Missouri); {NOT_FOUND}"
BROWNSBURG = f"Common practice (Brownsburg, Indiana); {NOT_FOUND}"
SAFE_DEFAULT = f"Proposed for all minors; {NOT_FOUND}"

GUARDIAN = RuleData(
    kind="guardian", high=18, words="Under 18: a parent or guardian agrees.", source=SAFE_DEFAULT
)
# Of no department that rides here: what others in Missouri do, until ours say what they do.
RIDE_RULES = (
    RuleData(kind="age", low=18, words="18 or older on the day of the ride.", source=GREENE),
    RuleData(kind="screening", words="A records check before the ride.", source=GREENE),
    RuleData(
        kind="participation", high=1, words="One ride for each person in a calendar year.", source=GREENE
    ),
    RuleData(kind="officer_once", words="Not with the same officer twice.", source=BROWNSBURG),
    RuleData(
        kind="lead_days", low=14, words="The ride is at least 14 days after you apply.", source=ST_JAMES
    ),
    RuleData(kind="hours", high=4, words="A ride lasts four hours at most.", source=GREENE),
    RuleData(kind="places_a_year", high=72, words="72 rides in a calendar year.", source=GREENE),
    RuleData(kind="places_a_month", high=6, words="6 rides in a calendar month.", source=GREENE),
    RuleData(kind="places_a_watch", high=1, words="One rider in each watch.", source=GREENE),
)

RIDE_BRING = "To be confirmed. Commonly: a photo ID, plain clothes, closed shoes; no weapon, no recording."

PROGRAMS = (
    ProgramData(
        slug="slmpd-ride-along",
        name="City ride-along",
        kind="ride_along",
        owner="SLMPD district stations",
        summary=(
            "A few hours in a patrol car of the City's police, beside an officer at work. You see what a shift "
            "is like and can ask what you always wanted to know. Whether and how the department offers it is "
            "to be confirmed: no document of its own was found, so the rules below are those that departments "
            "commonly have."
        ),
        who="To be confirmed. Commonly: adults who pass a records check, once a year.",
        cost="To be confirmed",
        season="To be confirmed",
        contact="Your district's station",
        bring=RIDE_BRING,
        source="No document of the department was found; common practice of other departments",
        rules=RIDE_RULES,
        form=questions.RIDE_ALONG,
    ),
    ProgramData(
        slug="slcpd-ride-along",
        name="County ride-along",
        kind="ride_along",
        agency="slcpd",
        owner="St. Louis County Police precincts",
        summary=(
            "A ride in a marked car of the County's police with the officer who patrols your own beat. It is "
            "meant for neighbors and officers to get to know each other. The County's page says that there are "
            "rides, not by which rules: those below are common ones, to be confirmed."
        ),
        who="Residents of the County's police beats. To be confirmed: adults who pass a records check, once a year.",
        cost="To be confirmed",
        season="To be confirmed",
        contact="Your precinct or neighborhood police station, or your beat officer",
        bring=RIDE_BRING,
        source=COUNTY_PAGE,
        rules=RIDE_RULES,
        form=questions.RIDE_ALONG,
    ),
    ProgramData(
        slug="citizens-academy",
        name="Citizens Academy",
        kind="academy",
        owner=ACADEMY,
        summary=(
            "Twelve weeks, one evening a week, on how the police department works from the inside. Officers "
            "teach most of it: where the department comes from and how it is built, how patterns of crime are "
            "found, what is known of gangs, how homicides are investigated, and what policing with a community "
            "means. Past classes met at the Police Academy on Wednesdays from 6 to 9 p.m., had 30 seats and "
            "ended with a graduation."
        ),
        who="Adults who live in the city or own a business there, without outstanding warrants.",
        cost="Free in past classes",
        season="Past classes: twelve Wednesdays from August to October",
        contact="SLMPD Police Academy; its number is to be confirmed",
        bring="To be confirmed. Commonly: a photo ID",
        source=f"{PORTAL}; {ACADEMY_PAGE}",
        source_year=2018,
        has_public_sessions=True,
        rules=(
            RuleData(kind="age", low=18, words="18 or older when the class starts.", source=ACADEMY_PAGE),
            RuleData(
                kind="resident_or_business",
                words="You live in the city or own a business in it.",
                source=ACADEMY_PAGE,
            ),
            RuleData(
                kind="screening",
                words="A records check, and no outstanding warrant.",
                source=ACADEMY_PAGE,
            ),
            RuleData(
                kind="absences",
                high=3,
                words="Who misses more than three evenings does not graduate.",
                source=f"Common practice of citizens academies; {NOT_FOUND}",
            ),
        ),
        form=questions.CITIZENS_ACADEMY,
        # The portal names six subjects; the others are a proposal that fills the twelve evenings.
        topics=(
            "Welcome, and what to expect (proposed)",
            "History of the department",
            "Structure of the department",
            "A patrol shift and how calls are answered (proposed)",
            "Crime patterns: analyzing and predicting",
            "Community policing",
            "Gang intelligence",
            "Homicide investigation",
            "Evidence from the scene to the court (proposed)",
            "Force, the law, and calming things down (proposed)",
            "Complaints, oversight and crisis response (proposed)",
            "Your questions to the command, and graduation (proposed)",
        ),
    ),
    ProgramData(
        slug="police-explorers",
        name="Police Explorers",
        kind="explorers",
        owner=ENGAGEMENT,
        summary=(
            "For young people who think of police work, or want to serve. Explorers learn about the department "
            "and its purpose, train in the practice of the job, and help in the community beside officers in "
            "uniform. The unit has met once a week, on Wednesdays."
        ),
        who="From 14 to 20 years old, in high school or done with it, without a criminal record.",
        season="Weekly, on Wednesdays; to be confirmed",
        source=f"{PORTAL}; {EXPLORERS_PAGE}",
        source_year=PORTAL_YEAR,
        rules=(
            RuleData(
                kind="age",
                low=14,
                high=20,
                words="From 14 to 20 years old when you join.",
                source=EXPLORERS_PAGE,
            ),
            GUARDIAN,
            RuleData(
                kind="enrolled",
                words="You attend high school or have finished it.",
                source=EXPLORERS_PAGE,
            ),
            RuleData(kind="screening", words="A records check: no criminal record.", source=EXPLORERS_PAGE),
        ),
        form=questions.POLICE_EXPLORERS,
    ),
    ProgramData(
        slug="police-athletic-league",
        name="Police Athletic League",
        kind="athletic_league",
        owner=ENGAGEMENT,
        summary=(
            "Team sports for city youth, with the costs borne by the league: equipment and uniforms, the fees "
            "to join and to play, and insurance. Each team has an officer who comes to know the players. About "
            "2015 there were 40 teams and more than 700 players."
        ),
        who="Youth in the city, with a parent or guardian who agrees. Ages by sport are to be confirmed.",
        cost="Free: equipment, uniform, fees and insurance are paid",
        season="By sport; to be confirmed",
        source=PORTAL,
        source_year=PORTAL_YEAR,
        rules=(
            GUARDIAN,
            RuleData(
                kind="places_a_year",
                high=700,
                words="About 700 players in a calendar year.",
                source=f"{PORTAL}: more than 700 youth; whether that is the limit is not said",
            ),
        ),
        form=questions.ATHLETIC_LEAGUE,
    ),
    ProgramData(
        slug="safety-outreach-summer-camp",
        name="Safety Outreach Summer Camp",
        kind="camp",
        owner=ENGAGEMENT,
        summary=(
            "A summer camp where children learn to stay safe and have fun doing so: around fire, around guns, "
            "on a bicycle, and when to call 911 and what to say. Police officers, firefighters and others who "
            "work in safety lead it."
        ),
        who="Children in St. Louis, with a parent or guardian who agrees. The ages are to be confirmed.",
        cost="Free",
        season="Summer",
        bring="To be confirmed",
        source=PORTAL,
        source_year=PORTAL_YEAR,
        rules=(
            RuleData(
                kind="age",
                high=17,
                words="Children; the camp's exact ages are to be confirmed.",
                source=f"{PORTAL}: children; it names no ages",
            ),
            GUARDIAN,
        ),
        form=questions.SUMMER_CAMP,
    ),
    ProgramData(
        slug="books-and-badges",
        name="Books and Badges",
        kind="tutoring",
        owner=ACADEMY,
        summary=(
            "Recruits of the Police Academy come to an elementary school for one hour a week and help pupils "
            "with reading and writing. Children get a tutor and meet the police as people on their side. "
            "Schools ask; the lessons are not public."
        ),
        who="Elementary schools in the city. Pupils take part through their school.",
        applicants="organisations",
        cost="Free",
        season="School year, one hour a week, while an academy class is in session",
        contact="SLMPD Police Academy; its number is to be confirmed",
        source=PORTAL,
        source_year=PORTAL_YEAR,
        form=questions.BOOKS_AND_BADGES,
    ),
    ProgramData(
        slug="do-the-right-thing",
        name="Do The Right Thing",
        kind="award",
        owner=ENGAGEMENT,
        summary=(
            "Honors ten children every month for good conduct, a brave or kind act, or service to others. "
            "Teachers, parents and neighbors name them, and judges choose. More than 25,000 have been named "
            "since 1994. No name is shown before a parent or guardian agrees."
        ),
        who="Children. Anybody who knows what they did may name them: a teacher, a parent, a neighbor.",
        applicants="nobody",
        season="Every month",
        source=f"{PORTAL}; {AWARD_PAGE}",
        source_year=PORTAL_YEAR,
        rules=(
            RuleData(
                kind="age",
                high=17,
                words="The child is under 18.",
                source=f"{PORTAL}: children; it names no ages",
            ),
            RuleData(
                kind="guardian",
                high=18,
                words="A parent or guardian agrees before the child's name is shown.",
                source=SAFE_DEFAULT,
            ),
        ),
    ),
    ProgramData(
        slug="cops-4-kids",
        name="Cops 4 Kids: Patrolling for Presents",
        kind="gifts",
        owner=ENGAGEMENT,
        summary=(
            "One day in December, children and police go shopping for the holidays together: each child picks "
            "presents for the family and something of its own. About 2015 more than 30 officers and employees "
            "took part, with Target as a partner. Nobody applies here: Big Brothers Big Sisters chooses among "
            "the children it works with, by need."
        ),
        who="Children mentored by Big Brothers Big Sisters, which chooses them.",
        applicants="nobody",
        cost="Free",
        season="December",
        contact="Big Brothers Big Sisters of Eastern Missouri",
        source=PORTAL,
        source_year=PORTAL_YEAR,
    ),
    ProgramData(
        slug="senior-citizen-warm-up",
        name="Senior Citizen Warm-Up",
        kind="warm_up",
        owner=ENGAGEMENT,
        summary=(
            "Officers come to lunch at a senior center in winter and get to know the guests, above all those "
            "who may need a hand in the cold months. Everybody goes home with a hat and gloves. About 2015 it "
            "was run with Aramark. Centers ask to host and say how many will come."
        ),
        who="Senior centers as hosts; their guests are welcome without applying.",
        applicants="organisations",
        cost="Free",
        season="Winter",
        source=PORTAL,
        source_year=PORTAL_YEAR,
        form=questions.SENIOR_WARM_UP,
    ),
    ProgramData(
        slug="community-service-partnership",
        name="Community Service Partnership clean-ups",
        kind="cleanup",
        owner=ENGAGEMENT,
        summary=(
            "Residents and officers clean a piece of the city together: an alley, a sidewalk, a vacant lot. "
            "Come alone or bring others. Where to clean is chosen by staff, also from what residents report."
        ),
        who="Anybody who wants to lend a hand; minors with a parent's or guardian's consent.",
        season="To be confirmed",
        bring="To be confirmed. Commonly: work gloves, closed shoes, water",
        has_public_sessions=True,
        source=PORTAL,
        source_year=PORTAL_YEAR,
        rules=(GUARDIAN,),
        form=questions.CLEANUP,
    ),
    ProgramData(
        slug="police-recruitment",
        name="Working for the police",
        kind="recruitment",
        owner="SLMPD recruitment team",
        summary=(
            "Leave word that you may want to work for the City's police, and hear of academy classes and "
            "recruiting events. The department planned a team that recruits all year, wants applicants of many "
            "backgrounds, and takes back officers who left. This is a list of the interested, not an "
            "application for a job."
        ),
        who="Anybody who thinks of becoming an officer, of coming back as one, or of civilian work.",
        season="All year",
        contact="SLMPD recruitment team; its number is to be confirmed",
        has_public_sessions=True,
        source=STRATEGY,
        source_year=STRATEGY_YEAR,
        form=questions.RECRUITMENT,
    ),
    ProgramData(
        slug="anti-theft-devices",
        name="Anti-theft devices",
        kind="supplies",
        owner="SLMPD Anti-Theft Device Program",
        summary=(
            "Things that make a vehicle harder to steal or to steal from, sold to city residents far below the "
            "shop price: clubs for the steering wheel, covers and fasteners for license plates, small safes "
            "for the car, and locks for motor scooters. You choose a thing and a time to pick it up."
        ),
        who="Residents of the city.",
        cost="Well below the shop price; prices are to be confirmed",
        season="To be confirmed",
        contact="SLMPD; the place of pick-up is to be confirmed",
        bring="To be confirmed. Commonly: a photo ID and something that shows your city address",
        source=PORTAL,
        source_year=PORTAL_YEAR,
        rules=(RuleData(kind="resident", words="You live in the city.", source=PORTAL),),
        form=questions.ANTI_THEFT,
        supplies=tuple(
            SupplyData(name=name, price="Discounted; to be confirmed")
            for name in (
                "Steering wheel club",
                "License plate cover",
                "License plate fasteners",
                "Vehicle safe",
                "Motor scooter lock",
            )
        ),
    ),
    ProgramData(
        slug="bike-and-scooter-registry",
        name="Bike and scooter registry",
        kind="registry",
        owner="SLMPD Bike and Scooter Theft program",
        summary=(
            "Register a bike or scooter free of charge and get a decal with a number for it. Should it be "
            "stolen and found again, the police can see whose it is and give it back."
        ),
        who="Owners of a bike or scooter.",
        cost="Free",
        season="To be confirmed",
        contact="SLMPD; where decals are handed out is to be confirmed",
        bring="To be confirmed. Commonly: the bike or scooter, its serial number, a photo ID",
        source=PORTAL,
        source_year=PORTAL_YEAR,
    ),
    ProgramData(
        slug="neighborhood-ownership-training",
        name="Neighborhood Ownership Model training",
        kind="training",
        owner="SLMPD with the Circuit Attorney's Office and the Problem Properties Task Force",
        summary=(
            "Neighbors learn to work with police, prosecutors and courts for their own streets: to notice what "
            "is wrong, to call when a crime seems to be going on, to seek a Neighborhood Order of Protection "
            "against those who keep offending, to tell a judge what a crime did to the neighborhood, and to "
            "keep each other informed of court dates. Residents lead it."
        ),
        who="Residents who want to take care of their neighborhood together.",
        cost="To be confirmed",
        season="To be confirmed",
        has_public_sessions=True,
        source=PORTAL,
        source_year=PORTAL_YEAR,
        topics=(
            "Seeing what is wrong, and saying it well",
            "A Neighborhood Order of Protection",
            "Telling a judge what a crime did to us",
            "Following court dates together",
        ),
        form=questions.OWNERSHIP_TRAINING,
    ),
    ProgramData(
        slug="camera-partners",
        name="Camera partners of the Real Time Crime Center",
        kind="interest",
        owner="SLMPD Real Time Crime Center",
        summary=(
            "About 2015 community improvement districts and businesses began to connect their own security "
            "cameras to the police's Real Time Crime Center. Leave word that you would like to hear how. This "
            "app takes no pictures, no streams, and no list of cameras."
        ),
        who="Community improvement districts, businesses and institutions.",
        applicants="organisations",
        cost="To be confirmed",
        season="To be confirmed",
        contact="SLMPD Real Time Crime Center; its number is to be confirmed",
        source=PORTAL,
        source_year=PORTAL_YEAR,
        form=questions.CAMERA_PARTNERS,
    ),
)
