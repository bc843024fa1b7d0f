"""What is written once: a base for the tables of every room. The triggers that hold it in the database: ``tables``."""

from typing import Any

from django.db import models

from sekisho.ledgers.errors import AppendOnlyViolation


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows are added and read. Changing and deleting are refused here, and by triggers in the database."""

    def update(self, **_values: Any) -> int:
        """Refuse. Raises AppendOnlyViolation."""
        raise AppendOnlyViolation

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse. Raises AppendOnlyViolation."""
        raise AppendOnlyViolation

    def bulk_update(self, *_arguments: Any, **_options: Any) -> int:
        """Refuse. Raises AppendOnlyViolation."""
        raise AppendOnlyViolation


class AppendOnly(models.Model):
    """Base of evidence: a row is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *arguments: Any, **options: Any) -> None:
        """Store a new row. Raises AppendOnlyViolation for one that is stored."""
        if not self._state.adding:
            raise AppendOnlyViolation
        super().save(*arguments, **{**options, "force_insert": True})

    def delete(self, *_arguments: Any, **_options: Any) -> tuple[int, dict[str, int]]:
        """Refuse. Raises AppendOnlyViolation."""
        raise AppendOnlyViolation
