from typing import Any

from django.urls import path

from backend.programs import (
    application_views,
    catalogue_views,
    class_views,
    community_views,
    directory_views,
    feeds,
    handling_views,
    nomination_views,
    registry_views,
    strategy_views,
)

api_urls: list[Any] = [
    path("programs", catalogue_views.ProgramList.as_view()),
    path("programs/<slug:program>", catalogue_views.ProgramDetail.as_view()),
    path("programs/<slug:program>/eligibility", catalogue_views.Eligibility.as_view()),
    path("programs/<slug:program>/forms", catalogue_views.ProgramForms.as_view()),
    path("programs/<slug:program>/waivers", catalogue_views.ProgramWaivers.as_view()),
    path("programs/<slug:program>/rules/<str:kind>", catalogue_views.ProgramRule.as_view()),
    path("programs/<slug:program>/seats", catalogue_views.ProgramSeats.as_view()),
    path("programs/<slug:program>/cohorts", catalogue_views.CohortList.as_view()),
    path("programs/<slug:program>/cohorts/<uuid:cohort_id>", catalogue_views.OneCohort.as_view()),
    path("programs/<slug:program>/cohorts/<uuid:cohort_id>/cancel", catalogue_views.CohortCancel.as_view()),
    path("programs/<slug:program>/cohorts/<uuid:cohort_id>/draw", catalogue_views.CohortDraw.as_view()),
    path("programs/<slug:program>/cohorts/<uuid:cohort_id>/rides", handling_views.CohortRides.as_view()),
    path("programs/<slug:program>/applications", handling_views.HandledList.as_view()),
    path(
        "programs/<slug:program>/applications/<uuid:application_id>", handling_views.HandledDetail.as_view()
    ),
    path(
        "programs/<slug:program>/applications/<uuid:application_id>/screening",
        handling_views.HandledScreening.as_view(),
    ),
    path(
        "programs/<slug:program>/applications/<uuid:application_id>/signatures",
        handling_views.HandledSignature.as_view(),
    ),
    path(
        "programs/<slug:program>/applications/<uuid:application_id>/closed-answers",
        handling_views.HandledClosed.as_view(),
    ),
    path(
        "programs/<slug:program>/applications/<uuid:application_id>/<slug:move>",
        handling_views.HandledMove.as_view(),
    ),
    path("supplies/<uuid:supply_id>/stock", catalogue_views.SupplyStock.as_view()),
    path("rides", handling_views.RideList.as_view()),
    path("rides/<uuid:slot_id>/cancel", handling_views.RideCancel.as_view()),
    path("applications", application_views.ApplicationList.as_view()),
    path("applications/<uuid:application_id>", application_views.ApplicationDetail.as_view()),
    path("applications/<uuid:application_id>/withdraw", application_views.ApplicationWithdraw.as_view()),
    path("applications/<uuid:application_id>/answer", application_views.ApplicationAnswer.as_view()),
    path("applications/<uuid:application_id>/signatures", application_views.ApplicationSignature.as_view()),
    path(
        "applications/<uuid:application_id>/signatures/<int:version>/<slug:role>",
        application_views.ApplicationWaiver.as_view(),
    ),
    path("applications/<uuid:application_id>/rebook", application_views.ApplicationRebook.as_view()),
    path("applications/<uuid:application_id>/feedback", application_views.ApplicationFeedback.as_view()),
    path("applications/<uuid:application_id>/attendance", class_views.ApplicationAttendance.as_view()),
    path("applications/<uuid:application_id>/standing", class_views.ApplicationStanding.as_view()),
    path("applications/<uuid:application_id>/certificate", class_views.ApplicationCertificate.as_view()),
    path("programs/<slug:program>/cohorts/<uuid:cohort_id>/sessions", class_views.CohortSessions.as_view()),
    path(
        "programs/<slug:program>/cohorts/<uuid:cohort_id>/attendance", class_views.CohortAttendance.as_view()
    ),
    path("programs/<slug:program>/cohorts/<uuid:cohort_id>/standing", class_views.CohortStanding.as_view()),
    path("programs/<slug:program>/cohorts/<uuid:cohort_id>/graduate", class_views.CohortGraduate.as_view()),
    path("sessions/<uuid:session_id>/move", class_views.SessionMove.as_view()),
    path("sessions/<uuid:session_id>/cancel", class_views.SessionCancel.as_view()),
    path("sessions/<uuid:session_id>/code", class_views.SessionCode.as_view()),
    path("registry/items", registry_views.RegistryItems.as_view()),
    path("registry/items/<uuid:item_id>", registry_views.RegistryItemDetail.as_view()),
    path("registry/items/<uuid:item_id>/stolen", registry_views.RegistryItemStolen.as_view()),
    path("registry/items/<uuid:item_id>/recovered", registry_views.RegistryItemRecovered.as_view()),
    path("registry/items/<uuid:item_id>/transfer", registry_views.RegistryItemTransfer.as_view()),
    path("registry/items/<uuid:item_id>/found", registry_views.RegistryItemFound.as_view()),
    path("registry/claim", registry_views.RegistryClaim.as_view()),
    path("registry/lookup", registry_views.RegistryLookup.as_view()),
    path("directory", directory_views.Directory.as_view()),
    path("directory/<slug:entry>", directory_views.DirectoryEntry.as_view()),
    path("dockets", community_views.DocketList.as_view()),
    path("dockets/<slug:docket>", community_views.DocketDetail.as_view()),
    path("dockets/<slug:docket>/dates", community_views.DocketDates.as_view()),
    path("court-dates/<uuid:court_date_id>/cancel", community_views.CourtDateCancel.as_view()),
    path("court-dates/<uuid:court_date_id>/move", community_views.CourtDateMove.as_view()),
    path("strategies", strategy_views.StrategyList.as_view()),
    path("strategies/<uuid:strategy_id>", strategy_views.StrategyDetail.as_view()),
    path("strategies/<uuid:strategy_id>/withdraw", strategy_views.StrategyWithdraw.as_view()),
    path("leaders", strategy_views.LeaderList.as_view()),
    path("leaders/join", strategy_views.LeadersJoin.as_view()),
    path("leaders/<uuid:leader_id>/end", strategy_views.LeaderEnd.as_view()),
    path("programs/<slug:slug>/nominations", nomination_views.ProgramNominations.as_view()),
    path("programs/<slug:slug>/honorees", nomination_views.Honorees.as_view()),
    path(
        "programs/<slug:slug>/cohorts/<uuid:cohort_id>/nominations",
        nomination_views.BlindNominations.as_view(),
    ),
    path(
        "programs/<slug:slug>/cohorts/<uuid:cohort_id>/nominations/named",
        nomination_views.NamedNominations.as_view(),
    ),
    path("programs/<slug:slug>/cohorts/<uuid:cohort_id>/choose", nomination_views.CohortChoose.as_view()),
    path("nominations", nomination_views.MyNominations.as_view()),
    path("nominations/<uuid:nomination_id>/withdraw", nomination_views.NominationWithdraw.as_view()),
    path("nominations/<uuid:nomination_id>/score", nomination_views.NominationScore.as_view()),
    path("nominations/<uuid:nomination_id>/guardian", nomination_views.NominationGuardian.as_view()),
]

feed_urls = [
    path("programs/<slug:slug>.ics", feeds.program_feed),
]
