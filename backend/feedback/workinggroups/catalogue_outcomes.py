"""What the public sources say was recommended and decided so far. Pure data, as of October 2022.

Source: the Center for Policing Equity, "Redesigning Public Safety in St. Louis", which names months, not days; its
report with the recommendations is of April 2022.
"""

from datetime import date
from typing import Any

PAGE = "Center for Policing Equity, Redesigning Public Safety in St. Louis, October 2022"
REPORT = "Center for Policing Equity, report on public safety in St. Louis, April 2022"
SAID_ON = date(2022, 10, 1)  # of the month that the page says, its first day

# (slug, group's slug, facts)
RECOMMENDATIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "revise-use-of-force-policy",
        "use-of-force",
        {
            "title": "Revise the use-of-force policy",
            "body": "Rules on the use of force that are the same everywhere, fair, and open to everybody. A group of "
            "advocates, community groups and one civilian of the police drafts them; the department decides.",
            "source": REPORT,
            "status": "in_progress",
            "status_on": SAID_ON,
            "evidence": f"A working group was set up and had begun. {PAGE}",
        },
    ),
    (
        "strengthen-response-to-domestic-violence",
        "service-providers",
        {
            "title": "Strengthen the response to intimate partner and domestic violence",
            "body": "Services that work as one and see the whole person. A group of service providers looks for what "
            "is missing, and for how to serve more people, and more kinds of people, well.",
            "source": REPORT,
            "status": "in_progress",
            "status_on": SAID_ON,
            "evidence": f"A working group was set up and had begun. {PAGE}",
        },
    ),
)

# (slug, facts)
BULLETINS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "no-knock-warrants-banned",
        {
            "kind": "policy",
            "title": "No-knock warrants are banned (June 2022)",
            "body": "By an executive order of the mayor of June 2022, SLMPD officers use no warrants that let them "
            "enter a home without knocking.",
            "source": PAGE,
        },
    ),
)
