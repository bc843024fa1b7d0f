"""What can go wrong in the network room."""

from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput
from sekisho.kernel.text import _


class TimeSourceInvalid(InvalidInput):
    """What was entered names no time server."""

    code = "network.time_source_invalid"
    message = _("“%(text)s” is no time source.")
    hint = _(
        "Enter a host name such as ntp.nict.jp or an address such as 192.168.1.1, without http:// and without a path."
    )


class TimeSourceKnown(Conflict):
    """The same server is asked already."""

    code = "network.time_source_known"
    message = _("%(name)s is a time source already.")
    hint = _("The same server twice proves nothing more. Add another one.")


class TooManyTimeSources(Conflict):
    """More sources are not asked."""

    code = "network.too_many_time_sources"
    message = _("There are %(most)s time sources already.")
    hint = _("Four good ones are enough. Remove one first.")


class DeviceNameTaken(InvalidInput):
    """Two open devices of one name would be taken for each other."""

    code = "network.device_name_taken"
    message = _("There is an open network device of this name already.")
    hint = _("Add where it stands or its number to the name.")


class DeviceIncomplete(InvalidInput):
    """A device needs a name and a kind, and neither may be endless."""

    code = "network.device_incomplete"
    message = _("The network device needs a name and a kind.")
    hint = _("A name has at most %(most)s characters.")


class LinkUnknown(InvalidInput):
    """A line that was chosen is closed, or never was."""

    code = "network.link_unknown"
    message = _("A line that was chosen is not registered any more.")
    hint = _("Choose from the lines in use.")


class DeviceClosed(Conflict):
    """A closed device takes nothing in."""

    code = "network.device_closed"
    message = _("The network device “%(name)s” has been closed.")
    hint = _("Add it anew if it is in use again.")


class AnotherFile(InvalidInput):
    """What was confirmed is not what was looked at."""

    code = "network.another_file"
    message = _("This is another file than the one that was looked at. Nothing was stored.")
    hint = _("Its result is shown now. If it is the right one, choose the same file once more.")


class ConfigurationUnreadable(Conflict):
    """What is kept of a configuration was damaged, or has a form that is read no more."""

    code = "network.configuration_unreadable"
    message = _("What is kept of this configuration cannot be read any more (%(reason)s).")
    hint = _("Hand in the configuration of the device again.")


class NoConfiguration(InvalidInput):
    """There is nothing that could be approved."""

    code = "network.no_configuration"
    message = _("No configuration of “%(name)s” was handed in yet, so there is nothing to approve.")
    hint = _("Hand in its configuration first.")


class ReasonMissing(InvalidInput):
    """Whoever approves a configuration must be able to read why it is as it is."""

    code = "network.reason_missing"
    message = _("Say why the configuration is as it is.")
    hint = _("For example the change that was ordered, by whom, and its number. At most %(most)s characters.")


class TicketTooLong(InvalidInput):
    """A ticket is for one walk with a machine, not for a year."""

    code = "network.ticket_too_long"
    message = _("A collection ticket is valid for 1 to %(most)s days.")
    hint = _("Have a new one made when it has run out.")


class NothingToLookAt(InvalidInput):
    """No endpoint is registered that is reached from there."""

    code = "network.nothing_to_look_at"
    message = _("No endpoint is registered that is reached from there: %(vantage)s.")
    hint = _("Register the endpoints of the systems with their exposure first.")


class TicketWithdrawn(InvalidInput):
    """The ticket that the bundle was signed for was withdrawn."""

    code = "network.ticket_withdrawn"
    message = _("%(name)s was made with a ticket that %(by)s has withdrawn. Nothing was taken over.")
    hint = _("Have a new ticket made and look again.")


class TicketEnded(Conflict):
    """What brings nothing in any more cannot be withdrawn."""

    code = "network.ticket_ended"
    message = _("The ticket has run out or was withdrawn already.")
    hint = None


class TicketOutOfTime(InvalidInput):
    """The clock of the machine that is to look stands outside the time of the ticket."""

    code = "network.ticket_out_of_time"
    message = _("The ticket is valid from %(since)s to %(until)s, and the clock of this machine says %(now)s.")
    hint = _("Set the clock of this machine, or have a new ticket made. Nothing was looked at.")


class NotOnTicket(InvalidInput):
    """The address is none of those that the ticket may speak of."""

    code = "network.not_on_ticket"
    message = _("The ticket does not speak of %(address)s.")
    hint = _("Look at a registered address that is reached from there, or register it and have a new ticket made.")


class OutNotWritten(InvalidInput):
    """The file for what was seen cannot be made; one that is there is never overwritten."""

    code = "network.out_not_written"
    message = _("%(name)s cannot be written: %(reason)s")
    hint = _("Name a new file in a folder that can be written to.")


class TicketUnknown(InvalidInput):
    """The bundle was signed for a ticket that this installation never gave out."""

    code = "network.ticket_unknown"
    message = _("%(name)s belongs to no ticket of this installation. Nothing was taken over.")
    hint = _("Take it to the installation that gave the ticket out, or look again with a ticket of this one.")


class BundleNotGenuine(InvalidInput):
    """The signature does not fit: the bundle was changed, or signed with another key."""

    code = "network.bundle_not_genuine"
    message = _("%(name)s was changed, or was not made with the ticket it names. Nothing was taken over.")
    hint = _("Copy the file again from where it was made. If that does not help, find out who had the ticket.")


class BundleOutOfTime(InvalidInput):
    """Seen before the ticket was given out, after it ran out, or in the future; or brought back too late."""

    code = "network.bundle_out_of_time"
    message = _(
        "%(name)s says that it was made %(observed)s; its ticket is valid from %(since)s to %(until)s. "
        "Nothing was taken over."
    )
    hint = _("Look again with a new ticket, on a machine whose clock is right.")


class BundleReplayed(Conflict):
    """The same bundle was taken over before, or is given twice."""

    code = "network.bundle_replayed"
    message = _("%(name)s was taken over already. Nothing was taken over.")
    hint = _("Leave this file out and import the others again.")


class AddressNotRegistered(InvalidInput):
    """The bundle speaks of an address that the ticket does not name, or that is registered no more."""

    code = "network.address_not_registered"
    message = _("%(name)s speaks of %(address)s, which is not registered or not on its ticket. Nothing was taken over.")
    hint = _("Register the endpoint, have a new ticket made and look again; or leave this file out.")


class ProbeNotCarried(InvalidInput):
    """What this way of looking sees cannot be taken over from another machine."""

    code = "network.probe_not_carried"
    message = _("What “%(probe)s” sees is not taken over from another machine (%(name)s). Nothing was taken over.")
    hint = _("Leave this file out and import the others again.")


class OtherServer(InvalidInput):
    """Behind the address another server was asked than the one that is registered."""

    code = "network.other_server"
    message = _(
        "%(name)s is not about the registered server: asked for was %(server)s, by STARTTLS %(starttls)s. "
        "Nothing was taken over."
    )
    hint = _("Look again with the server name and the STARTTLS that are registered for the endpoint.")


class RangeInvalid(InvalidInput):
    """What was entered is no range of addresses that a facility can have."""

    code = "network.range_invalid"
    message = _("“%(text)s” is no range of addresses.")
    hint = _("Write it as 192.168.10.0/24: the first address, a slash and the length.")


class RangeKnown(Conflict):
    """The same range is registered already."""

    code = "network.range_known"
    message = _("%(network)s is registered already.")
    hint = _("Close that entry first if it is no longer right.")


class RangeClosed(Conflict):
    """A closed range is neither allowed nor swept."""

    code = "network.range_closed"
    message = _("The range %(network)s has been closed.")
    hint = _("Register it anew if it is still in use.")


class PermitLength(InvalidInput):
    """A permit ends before it begins, or holds too long."""

    code = "network.permit_length"
    message = _("A permit ends in the future and holds for %(most)s days at most.")
    hint = _("Choose an earlier or later last day.")


class PermitRevoked(Conflict):
    """The permit was revoked before."""

    code = "network.permit_revoked"
    message = _("%(name)s has revoked this permit already.")
    hint = None


class OwnPermit(Forbidden):
    """Whoever allowed a sweep does not start it."""

    code = "network.own_permit"
    message = _("You gave the permit for this sweep yourself.")
    hint = _("Somebody else allows the sweep, or somebody else starts it.")


class SweepUnderWay(Conflict):
    """The range is waiting for a sweep or being swept."""

    code = "network.sweep_under_way"
    message = _("A sweep of %(network)s is waiting or under way already.")
    hint = _("Wait until it has ended, or stop it.")


class SweepEnded(Conflict):
    """What has ended cannot be stopped."""

    code = "network.sweep_ended"
    message = _("This sweep has ended already.")
    hint = None
