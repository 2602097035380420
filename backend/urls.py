"""Every address of the service."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerView

from backend import health
from backend.accounts import urls as accounts
from backend.api import Public, only
from backend.cleanup_sites import SiteFromConcern
from backend.concern_record import ConcernRecord
from backend.events import urls as events
from backend.feedback.concerns import urls as concerns
from backend.feedback.workinggroups import urls as workinggroups
from backend.lookup import Lookup, Suggest
from backend.notifications import urls as notifications
from backend.programs import urls as programs
from backend.roster import urls as roster

api_urls = [
    path("lookup", Lookup.as_view()),
    path("lookup/suggest", Suggest.as_view()),
    *accounts.api_urls,
    *roster.api_urls,
    *events.api_urls,
    *programs.api_urls,
    *notifications.api_urls,
    path("triage/concerns/<uuid:concern_id>/site", SiteFromConcern.as_view()),  # before the moves
    path("triage/concerns/<uuid:concern_id>/record", ConcernRecord.as_view()),  # before the moves
    *concerns.api_urls,
    *workinggroups.api_urls,
]

urlpatterns = [
    path("", only("GET", "HEAD")(RedirectView.as_view(url="/api/docs"))),
    path("api/v1/", include(api_urls)),
    path("api/schema", health.document, name="schema"),
    path(
        "api/docs",
        SpectacularSwaggerView.as_view(
            url_name="schema", permission_classes=[Public], authentication_classes=[]
        ),
    ),
    path("feeds/", include([*events.feed_urls, *programs.feed_urls, *workinggroups.feed_urls])),
    *events.page_urls,
    *notifications.page_urls,
    *concerns.page_urls,
    path("webhooks/", include(notifications.webhook_urls)),
    path("_allauth/app/v1/", include(accounts.app_urls)),
    path("staff/", include(accounts.staff_urls)),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("robots.txt", health.robots),
]

handler400 = "backend.api.bad_request"
handler403 = "backend.api.forbidden"
handler404 = "backend.api.not_found"
handler500 = "backend.api.server_error"
