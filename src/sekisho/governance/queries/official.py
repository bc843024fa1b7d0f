"""Reading the imported official text."""

from uuid import UUID

from sekisho.governance.models import OfficialItem, OfficialText
from sekisho.governance.rules.official import Difference, differences
from sekisho.kernel.errors import NotFound


def newest_text(edition_id: str) -> OfficialText | None:
    """Return the text of an edition that was imported last, None before the first import."""
    return OfficialText.objects.filter(edition=edition_id).order_by("-imported_at", "-id").first()


def verbatim(edition_id: str) -> dict[str, str]:
    """Return the official text of each item of an edition by id; empty before it was imported."""
    text = newest_text(edition_id)
    return items_of(text.pk) if text else {}


def items_of(text_id: UUID) -> dict[str, str]:
    """Return the items of one imported text by requirement id, verbatim."""
    items = OfficialItem.objects.filter(text=text_id).exclude(requirement_id="").order_by("place")
    return dict(items.values_list("requirement_id", "verbatim"))


def changed_items(before: str, after: str) -> list[Difference]:
    """Return the items whose official text differs between two editions. Raises NotFound for one not imported."""
    texts = verbatim(before), verbatim(after)
    if not all(texts):
        raise NotFound
    return differences(*texts)
