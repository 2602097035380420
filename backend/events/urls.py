from django.urls import path

from backend.events import feed_views, views

api_urls = [
    path("occurrences", views.OccurrenceList.as_view()),
    path("events", views.EventList.as_view()),
    path("events/<uuid:event_id>", views.EventDetail.as_view()),
    path("events/<uuid:event_id>/cancel", views.EventCancel.as_view()),
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
]
