"""The ledger of devices: what it asks for, in the order of its form and of its files."""

from datetime import timedelta

from sekisho.assets import models
from sekisho.assets.actions import DEVICES_TITLE, EquipmentAction
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Group, Ledger
from sekisho.kernel.text import _

DEVICES = Ledger(
    id="assets.devices",
    title=DEVICES_TITLE,
    model=models.Equipment,
    columns=(
        Column("asset_number", _("Asset number"), _("As on the label of the device."), listed=True),
        Column("name", _("Name"), listed=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("maker", _("Maker")),
        Column("product", _("Model")),
        Column("serial", _("Serial number")),
        Column("place", _("Place"), _("Building, floor, room."), listed=True),
        Column("system", _("System"), _("The system it is part of."), listed=True, filtered=True),
        Column("department", _("Department in charge"), filtered=True),
        Column("keeper", _("Person in charge")),
        Column("vendor", _("Vendor")),
        Column("purpose", _("Purpose")),
        Column("holds_medical_information", _("Holds medical information"), filtered=True),
        Column("portable", _("May leave the building")),
        Column("os", _("OS and version")),
        Column("firmware", _("Firmware version")),
        Column(
            "end_of_support_on",
            _("Support ends on"),
            _("The maker's date for the OS or the firmware. Once it has passed, the entry counts as run out."),
            listed=True,
            expires=True,
        ),
        Column("patched_on", _("Last patched on")),
        Column(
            "remote_maintenance",
            _("Maintained remotely"),
            _("Ask the vendor: a maintenance line nobody knows of is how most attacks came in."),
            filtered=True,
        ),
        Column("password_changed_on", _("Factory password changed on")),
        Column("password_checked_by", _("Change checked by")),
        Column("connected", _("Connected to a network"), filtered=True),
        Column("wireless", _("Uses the wireless network")),
        Column("address", _("IP address")),
        Column("mac", _("MAC address")),
        Column(
            "trust_ground",
            _("Ground for trusting it"),
            _("For a network device: certification or security document of the maker, and its date."),
        ),
        Column("protection", _("Protection against malware"), filtered=True),
        Column("protection_note", _("Other measure"), _("Where nothing can be installed: what is done instead.")),
        Column("encrypted", _("Encrypted")),
        Column("loss_measures", _("Measures against loss"), _("Remote wipe, device management, start-up password.")),
        Column(
            "security_information_on",
            _("Security information received on"),
            _("The maker's disclosure (MDS or SDS) of an IoT or medical device."),
        ),
        Column("risk_analysed_on", _("Risk analysed on")),
        Column("introduced_on", _("In use since")),
        Column("lease_until", _("Lease ends on")),
        Column("state", _("State"), listed=True, filtered=True),
        Column("disconnected_on", _("Disconnected on"), _("For a device that is out of use.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-7-7", "SO-7-15", "SO-8-2", "SO-8-5", "SO-8-6-1", "SO-8-6-3", "SO-9-1", "SO-13-5", "SO-13-13-2"),
    actions=EquipmentAction,
    prefix="EQ",
    group=Group.CLIENT,
    in_navigation=True,
)
