"""Addresses of the register."""

from django.urls import path

from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.register.actions import LogSourceAction, RegisterAction
from sekisho.register.views import (
    diary,
    events,
    exports,
    heads,
    history,
    imports,
    log,
    review,
    review_lists,
    review_report,
    review_trial,
    sources,
)

app_name = "register"
urlpatterns = [
    path("register/", events.list_events, name="list"),
    path("register/patients/", history.show_patient, name="patient"),
    path("register/sessions/<uuid:session>/", history.show_session, name="session"),
    path("register/review/", review.list_items, name="review"),
    path("register/review/try/", review_trial.try_out, name="review-try"),
    path("register/review/lists/", review_lists.list_lists, name="review-lists"),
    path("register/review/lists/<uuid:list_id>/", review_lists.show_list, name="review-list"),
    path("register/review/lists/<uuid:list_id>/take/", review_lists.take, name="review-list-take"),
    path("register/review/lists/<uuid:list_id>/drop/", review_lists.drop, name="review-list-drop"),
    path("register/review/lists/<slug:table>/hand-in/", review_lists.hand_in_list, name="review-list-new"),
    path("register/review/report/<int:year>/<int:month>/", review_report.month_pdf, name="review-report"),
    path("register/review/<uuid:item_id>/", review.show_item, name="review-item"),
    path("register/export/", exports.export, name="export"),
    path("register/head.pdf", heads.head_pdf, name="head-paper"),
    path("register/log/checkpoint", log.show_checkpoint, name="checkpoint"),
    path("register/log/rotation-<str:key>", log.show_rotation, name="rotation"),
    path("register/log/tile/entries/<path:place>", log.show_entries, name="entries"),
    path("register/log/tile/<path:place>", log.show_tile, name="tile"),
    path("register/sources/", sources.list_sources, name="sources"),
    path("register/sources/new/", sources.add_source, name="source-new"),
    path("register/sources/<uuid:source_id>/", sources.show_source, name="source"),
    path("register/sources/<uuid:source_id>/change/", sources.change_source, name="source-change"),
    path("register/sources/<uuid:source_id>/close/", sources.close_source, name="source-close"),
    path("register/sources/<uuid:source_id>/hand-in/", imports.hand_in_log, name="source-hand-in"),
    path("register/sources/<uuid:source_id>/<uuid:import_id>/", imports.show_import, name="source-import"),
    path("register/sources/<uuid:source_id>/<uuid:import_id>/start/", imports.start_import, name="source-import-start"),
    path("register/sources/<uuid:source_id>/<uuid:import_id>/drop/", imports.discard_import, name="source-import-drop"),
    path("register/sources/<uuid:source_id>/diary/", diary.show_diary, name="diary"),
    path("register/sources/<uuid:source_id>/diary/new/", diary.write_entry, name="diary-new"),
    path("register/sources/<uuid:source_id>/diary/<uuid:entry_id>/", diary.correct_entry, name="diary-correct"),
    path("register/diaries/", diary.list_diaries, name="diaries"),
]
pages = (
    Page("register.list", _("Register"), "register:list", Group.WORK, RegisterAction.VIEW, order=30),
    Page(
        "register.review",
        _("Review of the register"),
        "register:review",
        Group.WORK,
        RegisterAction.SEE_REVIEW,
        order=31,
    ),
    Page("register.sources", _("Sources of logs"), "register:sources", Group.WORK, LogSourceAction.VIEW, order=32),
    Page("register.diaries", _("Work diary"), "register:diaries", Group.WORK, LogSourceAction.WRITE_DIARY, order=33),
)
