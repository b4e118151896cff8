"""Computers, drives and disks as things: plugged, copied, replaced, lost."""

from typing import Literal

from softcert_sim.disk import SimDisk
from softcert_sim.scenario.registry import CheckFailed, ComputerName, DriveName, Label, verb
from softcert_sim.world import World

COPIED = {"everything": "", "keystore": "softcert/keys", "backup": "softcert-backup"}
"""What a copy takes along: paths that begin so."""


def disk_of(world: World, name: str) -> SimDisk:
    """The disk of a computer, or a drive."""
    return world.places[name].machine.disk if name in world.places else world.drives[name].disk


@verb("plug", group="things", clauses="c25 c26", says="{drive} is plugged into {into}")
def plug(world: World, *, drive: DriveName, into: ComputerName) -> None:
    """Plug a drive into a computer; it is pulled from where it was."""
    thing = world.drives[drive]
    if thing.plugged_into is not None:
        thing.plugged_into.unplug(thing)
    world.places[into].machine.plug(thing)


@verb("unplug", group="things", says="{drive} is unplugged")
def unplug(world: World, drive: DriveName) -> None:
    """Take a drive out of its computer."""
    thing = world.drives[drive]
    if thing.plugged_into is None:
        raise CheckFailed(f"{drive} in a computer", "in none")
    thing.plugged_into.unplug(thing)


@verb("copy", group="things", attack=True, says="{from} is copied to {to}[: {what}]")
def copy(
    world: World,
    *,
    from_: DriveName | ComputerName,
    to: DriveName | ComputerName,
    what: Literal["everything", "keystore", "backup"] = "everything",
) -> None:
    """Copy the files of a drive or disk to another; a secure element cannot be copied."""
    source, target = disk_of(world, from_), disk_of(world, to)
    target.put({path: data for path, data in source.files().items() if path.startswith(COPIED[what])})


@verb("clone", group="attacker", attack=True, says="the disk of {from} is cloned into {to}[, its element too: {element}]")
def clone(world: World, *, from_: ComputerName, to: ComputerName, element: bool = False) -> None:
    """Clone a whole disk into another computer; `element` clones a virtual machine's element along."""
    world.places[from_].machine.clone_disk_to(world.places[to].machine)
    if element:
        world.places[from_].machine.clone_element_to(world.places[to].machine)
    world.renew(to)


@verb("replace-part", group="things", says="the {part} of {at} is replaced[, its files kept: {files-kept}]")
def replace_part(
    world: World, *, at: ComputerName, part: Literal["board", "processor", "disk", "network"], files_kept: bool = True
) -> None:
    """Replace a part: its hardware id is another from now on. A new disk gets the old one's files, or none."""
    world.places[at].machine.replace_part(part)
    if part == "disk" and not files_kept:
        world.places[at].destroying()
        world.places[at].machine.reinstall()
    world.renew(at)


@verb("reinstall", group="things", says="the system of {at} is installed anew, the disk is empty")
def reinstall(world: World, *, at: ComputerName) -> None:
    """Install the operating system anew: the disk is empty, parts and secure element stay."""
    world.places[at].destroying()
    world.places[at].machine.reinstall()
    world.renew(at)


@verb("snapshot-disk", group="things", says="the disk of {at} is imaged")
def snapshot_disk(world: World, *, at: ComputerName) -> object:
    """Take an image of a computer's disk. Give the step a name with `as`."""
    return world.places[at].machine.disk.files()


@verb("restore-disk", group="things", attack=True, says="the disk of {at} is put back to the image '{from}'")
def restore_disk(world: World, *, at: ComputerName, from_: Label) -> None:
    """Put an image of the disk back; a secure element does not go back with it."""
    place = world.places[at]
    place.machine.disk.wipe()
    place.machine.disk.put(world.result(from_))
    world.renew(at)


@verb("lose", group="things", says="{what} is lost")
def lose(world: World, what: ComputerName | DriveName) -> None:
    """Lose a computer for good, or what is on a drive: nobody uses it again."""
    if what in world.places:
        place = world.places[what]
        place.lost = True
        for thing in place.machine.drives:
            place.machine.unplug(thing)
    else:
        world.drives[what].disk.wipe()


@verb("link", group="attacker", attack=True, says="a link on {on} leads its backups off the drive")
def link(world: World, *, on: DriveName, folder: str = "mine") -> None:
    """Plant a link on a drive: what is written into that folder would end on the computer's own disk."""
    thing = world.drives[on]
    holder = thing.plugged_into
    if holder is None:
        raise CheckFailed(f"{on} in a computer", "in none")
    thing.disk.link(folder, "stolen", holder.disk)


@verb("restart-computer", group="things", says="{at} is switched off and on")
def restart_computer(world: World, *, at: ComputerName) -> None:
    """Switch a computer off and on: what it held in memory is gone."""
    for thing in world.places[at].machine.drives:
        thing.disk.settle()
    world.places[at].machine.disk.settle()
    world.renew(at)
