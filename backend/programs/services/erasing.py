"""The end of what programs know about people."""

from datetime import timedelta

KEPT = timedelta(days=2 * 365)
CLOSED_ANSWERS_KEPT = timedelta(days=30)
# As long as an action for an injury may be brought (RSMo 516.120: five years), and one more.
SIGNATURES_KEPT = timedelta(days=6 * 365)
NOMINATIONS_KEPT = timedelta(days=90)
