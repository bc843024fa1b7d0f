"""Trying a rule with other thresholds: what it would have raised, before anybody is bothered by it."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import in_facility
from sekisho.register.actions import RegisterAction
from sekisho.register.forms.review import TrialForm
from sekisho.register.services.review import EPOCH, Trial, try_rule
from sekisho.register.views.review import STATES, rules, table_words
from sekisho.ui.parts import Align, TableColumn
from sekisho.ui.request import Request

MOST_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@allow(RegisterAction.TRY_RULE)
def try_out(request: Request) -> HttpResponse:
    """Ask for a period and thresholds, and show what the rule would have raised."""
    known, language = rules(), request.display.language
    rule = known.get(request.GET.get("rule", "")) or next(iter(known.values()))
    yesterday = in_facility(clock.now()).date() - timedelta(days=1)
    form = TrialForm(
        request.POST if request.method == "POST" else None,
        rule=rule,
        language=language,
        initial={"since": yesterday - timedelta(days=27), "until": yesterday},
    )
    context: dict[str, Any] = {"page_title": rule.title[language], "why": rule.why[language], "form": form}
    context["others"] = [(one.id, one.title[language]) for one in known.values() if one.id != rule.id]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data, status = form.cleaned_data, 200
            period = {"first": data["since"], "last": data["until"]}
            context |= _shown(try_rule(actor=request.actor, rule=rule.id, chosen=form.thresholds(), **period))
    return render(request, "register/review_try.html", context, status=status)


def _shown(trial: Trial) -> dict[str, Any]:
    rows = [(EPOCH + timedelta(days=hit[3]), hit[0] or None, hit[1] or None, hit[4]) for hit in trial.hits]
    return {
        "trial": trial,
        "state": STATES[trial.state],
        "missing": table_words(trial.missing),
        "columns": [
            TableColumn(_("Day"), Align.CODE),
            TableColumn(_("Who"), Align.CODE),
            TableColumn(_("Patient"), Align.CODE),
            TableColumn(_("Measured"), Align.NUMBER),
        ],
        "rows": rows[:MOST_SHOWN],
        "more": max(0, trial.count - MOST_SHOWN),
    }
