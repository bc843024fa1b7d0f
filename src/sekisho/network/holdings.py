"""Personal data beside lines and looks."""

from sekisho.kernel.declarations import Holding
from sekisho.kernel.text import _
from sekisho.network import models

HOLDINGS = (
    Holding(
        "network.records",
        _("Lines, permits and exceptions"),
        (
            models.CarrierConfirmation,
            models.Transmission,
            models.ExternalService,
            models.Registration,
            models.RegisteredRange,
            models.SweepPermit,
            models.RequestedSweep,
            models.CollectionTicket,
            models.NetworkDevice,
            models.KeptConfiguration,
            models.WatchSetting,
            models.QuietTime,
        ),
        _("Staff and people of carriers and vendors who are named there"),
        _("To know who answers for a line and who allowed an exception"),
        _("With the records of the facility: they prove what was done"),
    ),
)
