"""Personal data in the ledgers of devices, media and rooms."""

from sekisho.assets import models
from sekisho.kernel.declarations import Holding
from sekisho.kernel.text import _

_RECORDS = _("With the records of the facility: they prove what was done")

HOLDINGS = (
    Holding(
        "assets.books",
        _("Ledgers of devices, media, software and information"),
        (
            models.Equipment,
            models.Medium,
            models.Disposal,
            models.Information,
            models.Patch,
            models.PrivateDevice,
            models.Scan,
            models.Software,
            models.TakeOut,
            models.Stocktake,
            models.ExpectedThing,
            models.StockLine,
            models.StockReading,
            models.ReadingUndone,
            models.KeptLockSettings,
            models.LockBound,
        ),
        _("Staff who keep, carry, check and count"),
        _("To know where medical information lies and who answers for it"),
        _RECORDS,
    ),
    Holding(
        "assets.rooms",
        _("Protected areas and who entered them"),
        (models.Room, models.RoomAccess),
        _("Whoever entered"),
        _("To prove who was near the servers"),
        _RECORDS,
    ),
    Holding(
        "assets.patient_loans",
        _("Devices lent to patients"),
        (models.PatientLoan,),
        _("Patients by their number, staff"),
        _("To get the device back and to prove the explanation"),
        _RECORDS,
    ),
)
