from django.urls import path

from backend.feedback.workinggroups import (
    comment_views,
    draft_views,
    feeds,
    group_views,
    meeting_views,
    member_views,
    outcome_views,
    report_views,
    testimony_views,
    theme_views,
)

_GROUP = "working-groups/<slug:slug>"
_DRAFT = f"{_GROUP}/drafts/<int:number>"
_CALL = f"{_GROUP}/consultations/<uuid:consultation_id>"
_COMMENT = f"{_GROUP}/comments/<uuid:comment_id>"
_MEETING = f"{_GROUP}/meetings/<uuid:event_id>"
_TESTIMONIES = f"{_CALL}/testimonies"

api_urls = [
    path("me/working-group-comments", comment_views.OwnComments.as_view()),
    path("working-groups/comments/receipt", comment_views.CommentByReceipt.as_view()),
    path("working-groups", group_views.GroupList.as_view()),
    path("working-groups/invitations", member_views.Join.as_view()),  # before the groups' slugs
    path(_GROUP, group_views.GroupDetail.as_view()),
    path(f"{_GROUP}/record", group_views.GroupRecord.as_view()),
    path(f"{_GROUP}/break-glass", group_views.GroupBreakGlass.as_view()),
    path(f"{_GROUP}/members", member_views.MemberList.as_view()),
    path(f"{_GROUP}/members/<uuid:membership_id>/end", member_views.MembershipEnd.as_view()),
    path(f"{_GROUP}/meetings", meeting_views.MeetingPost.as_view()),
    path(_MEETING, meeting_views.MeetingRevise.as_view()),
    path(f"{_MEETING}/cancel", meeting_views.MeetingCancel.as_view()),
    path(f"{_MEETING}/occurrences/<str:recurrence_id>/minutes", meeting_views.MeetingMinutes.as_view()),
    path(f"{_GROUP}/drafts", draft_views.DraftList.as_view()),
    path(_DRAFT, draft_views.DraftDetail.as_view()),
    path(f"{_DRAFT}/diff", draft_views.DraftDiff.as_view()),
    path(f"{_DRAFT}/publish", draft_views.DraftPublish.as_view()),
    path(f"{_GROUP}/consultations", draft_views.ConsultationList.as_view()),
    path(_CALL, draft_views.ConsultationDetail.as_view()),
    path(f"{_CALL}/close", draft_views.ConsultationClose.as_view()),
    path(f"{_CALL}/publish", draft_views.ConsultationPublish.as_view()),
    path(f"{_CALL}/support", comment_views.ConsultationSupport.as_view()),
    path(f"{_GROUP}/comments", comment_views.CommentList.as_view()),
    path(f"{_GROUP}/comments/dispose", comment_views.CommentsDispose.as_view()),
    path(_COMMENT, comment_views.CommentDetail.as_view()),
    path(f"{_COMMENT}/disposition", comment_views.CommentDispose.as_view()),
    path(_TESTIMONIES, testimony_views.Testimonies.as_view()),
    path(f"{_TESTIMONIES}/<uuid:testimony_id>/moderate", testimony_views.TestimonyModeration.as_view()),
    path(f"{_CALL}/demographics", testimony_views.Demographics.as_view()),
    path(f"{_GROUP}/themes", theme_views.ThemeList.as_view()),
    path(f"{_GROUP}/themes/<slug:key>/end", theme_views.ThemeEnd.as_view()),
    path(f"{_COMMENT}/themes", theme_views.CommentThemes.as_view()),
    path(f"{_TESTIMONIES}/<uuid:testimony_id>/themes", theme_views.TestimonyThemes.as_view()),
    path(f"{_CALL}/report", report_views.ReportDetail.as_view()),
    path(f"{_CALL}/report.md", report_views.ReportMarkdown.as_view()),
    path(f"{_CALL}/report.csv", report_views.ReportCsv.as_view()),
    path("recommendations", outcome_views.RecommendationList.as_view()),
    path("recommendations/<slug:recommendation>", outcome_views.RecommendationDetail.as_view()),
    path("recommendations/<slug:recommendation>/status", outcome_views.RecommendationStatus.as_view()),
    path("bulletins", outcome_views.BulletinList.as_view()),
    path("bulletins/<slug:bulletin>", outcome_views.BulletinDetail.as_view()),
]

feed_urls = [path("working-groups/<slug:slug>.ics", feeds.group_feed)]
