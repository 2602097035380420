from django.urls import path

from backend.roster import views

api_urls = [
    path("agencies", views.AgencyList.as_view()),
    path("areas", views.AreaList.as_view()),
    path("areas/<slug:slug>", views.AreaDetail.as_view()),
    path("areas/<slug:slug>/boundary", views.AreaBoundary.as_view()),
    path("areas/<slug:slug>/people", views.AreaPeople.as_view()),
    path("stations", views.StationList.as_view()),
]
