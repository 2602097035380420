from django.urls import path

from backend.events import (
    feed_views,
    import_views,
    meeting_views,
    pages,
    quarter_views,
    registration_views,
    text_views,
    views,
)

api_urls = [
    path("occurrences", views.OccurrenceList.as_view()),
    path(
        "occurrences/<uuid:occurrence_id>/registration", registration_views.OccurrenceRegistration.as_view()
    ),
    path("occurrences/<uuid:occurrence_id>/check-in", registration_views.OccurrenceCheckIn.as_view()),
    path("occurrences/<uuid:occurrence_id>/meeting", meeting_views.MeetingDetail.as_view()),
    path("areas/<slug:slug>/priorities", meeting_views.AreaPriorities.as_view()),
    path("areas/<slug:slug>/priorities/ballot", meeting_views.AreaBallot.as_view()),
    path("areas/<slug:slug>/priorities/paper-ballots", meeting_views.AreaPaperBallots.as_view()),
    path("areas/<slug:slug>/commitments", meeting_views.AreaCommitments.as_view()),
    path("priorities/<uuid:priority_id>", meeting_views.PriorityDetail.as_view()),
    path("commitments/<uuid:commitment_id>/close", meeting_views.CommitmentClose.as_view()),
    path("commitments/<uuid:commitment_id>/rating", meeting_views.CommitmentRate.as_view()),
    path("registrations", registration_views.RegistrationList.as_view()),
    path("registrations/<uuid:registration_id>", registration_views.RegistrationDetail.as_view()),
    path("registrations/<uuid:registration_id>/qr", registration_views.RegistrationQr.as_view()),
    path("me/feed", registration_views.MyFeed.as_view()),
    path("feeds", feed_views.FeedList.as_view()),
    path("events", views.EventList.as_view()),
    path("events/quarter", quarter_views.Quarter.as_view()),
    path("events/copy", quarter_views.QuarterCopy.as_view()),
    path("events/import", import_views.CalendarImport.as_view()),
    path("events/propose", quarter_views.Propose.as_view()),
    path("events/cancel-today", quarter_views.TodayCancel.as_view()),
    path("events/<uuid:event_id>", views.EventDetail.as_view()),
    path("events/<uuid:event_id>/cancel", views.EventCancel.as_view()),
    path("events/<uuid:event_id>/texts", text_views.EventTexts.as_view()),
    path("events/<uuid:event_id>/texts/<int:notice_id>/<slug:move>", text_views.EventTextsMove.as_view()),
    path("events/<uuid:event_id>/confirm", views.EventConfirm.as_view()),
    path("events/<uuid:event_id>/occurrences/<str:recurrence_id>/restore", views.OccurrenceRestore.as_view()),
    path("events/<uuid:event_id>/occurrences/<str:recurrence_id>/split", views.OccurrenceSplit.as_view()),
    path(
        "events/<uuid:event_id>/occurrences/<str:recurrence_id>/make-up",
        quarter_views.OccurrenceMakeUp.as_view(),
    ),
    path("events/<uuid:event_id>/occurrences/<str:recurrence_id>/cancel", views.OccurrenceCancel.as_view()),
    path(
        "events/<uuid:event_id>/occurrences/<str:recurrence_id>/reschedule",
        views.OccurrenceReschedule.as_view(),
    ),
]

feed_urls = [
    path("all.ics", feed_views.everything),
    path("kinds/<slug:kind>.ics", feed_views.of_kind),
    path("areas/<slug:slug>.ics", feed_views.of_area),
    path("events/<uuid:event_id>.ics", feed_views.of_event),
    path("personal/<str:token>.ics", feed_views.personal),
    path("qr.<slug:form>", feed_views.qr_code),
]

page_urls = [
    path("e/<uuid:event_id>", pages.event_page),
    path("a/<slug:slug>", pages.area_page),
]
