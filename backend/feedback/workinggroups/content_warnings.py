"""What a reader may want to know of before reading on. Pure; said by who wrote it."""

CONTENT_WARNINGS = [
    ("violence", "violence"),
    ("police_violence", "violence by the police"),
    ("partner_violence", "violence by a partner or in the family"),
    ("sexual_violence", "sexual violence"),
    ("child_abuse", "harm to a child"),
    ("death", "somebody's death"),
    ("self_harm", "suicide or self-harm"),
    ("weapons", "guns or other weapons"),
    ("drugs", "drugs or alcohol"),
    ("slurs", "slurs, as they were said"),
]
