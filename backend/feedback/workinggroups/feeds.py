"""A group's calendar: its meetings and its calls for input."""

from backend.events import feeds
from backend.events.feed_views import feed_view
from backend.feedback.workinggroups.finding import the_group


def of_group(slug: str) -> feeds.Feed:
    """By the name that others may see. Raises NotFound."""
    return feeds.of_working_group(slug, the_group(slug).shown_name)


group_feed = feed_view(of_group)
