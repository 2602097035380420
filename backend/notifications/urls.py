from django.urls import path

from backend.notifications import pages, views

api_urls = [
    path("subscriptions", views.Subscriptions.as_view()),
]

webhook_urls = [
    path("twilio/inbound", views.inbound),
    path("twilio/status/<uuid:attempt>", views.receipt),
]

page_urls = [
    path("m/<str:token>", pages.message_page),
    path("m/<str:token>/stop", pages.stop),
    path("m/<str:token>/start", pages.start),
]
