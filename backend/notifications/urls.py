from django.urls import path

from backend.notifications import views

api_urls = [
    path("subscriptions", views.Subscriptions.as_view()),
]

webhook_urls = [
    path("twilio/inbound", views.inbound),
    path("twilio/status/<uuid:attempt>", views.receipt),
]
