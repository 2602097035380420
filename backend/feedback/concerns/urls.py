from django.urls import path

from backend.feedback.concerns import views

api_urls = [
    path("concerns", views.ConcernCreate.as_view()),
    path("concerns/receipt", views.ConcernByReceipt.as_view()),
    path("concerns/<uuid:concern_id>", views.ConcernDetail.as_view()),
    path("triage/concerns", views.TriageList.as_view()),
    path("triage/slips", views.Slips.as_view()),
    path("triage/concerns/<uuid:concern_id>/open", views.TriageOpen.as_view()),
    path("triage/concerns/<uuid:concern_id>/reporter", views.TriageReporter.as_view()),
    path("triage/concerns/<uuid:concern_id>/<slug:move>", views.TriageMove.as_view()),
]
