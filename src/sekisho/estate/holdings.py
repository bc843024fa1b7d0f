"""Personal data in the ledgers of the facility, its vendors and systems."""

from sekisho.estate import models
from sekisho.kernel.declarations import Holding
from sekisho.kernel.text import _

HOLDINGS = (
    Holding(
        "estate.contacts",
        _("Vendors, contracts and notices"),
        (
            models.Facility,
            models.Site,
            models.Department,
            models.Vendor,
            models.Contract,
            models.Disclosure,
            models.Responsibility,
            models.Provision,
            models.CloudNotice,
        ),
        _("Contact persons of vendors, staff who are named there"),
        _("To reach whoever answers, and to prove what was agreed"),
        _("With the records of the facility: they prove what was done"),
    ),
)
