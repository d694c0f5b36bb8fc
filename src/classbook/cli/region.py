"""`classbook region`: how a region lets families in."""

from __future__ import annotations

from datetime import datetime

import click

from classbook.cli import start_django


@click.group("region")
def region_command() -> None:
    """Regions of this deployment: their portal, the towns of their schools."""


@region_command.command("list")
def list_regions() -> None:
    """Regions with their portal, and schools with their town."""
    start_django()
    from classbook.schools.models import Region, School  # noqa: PLC0415 - needs Django set up

    for region in Region.objects.order_by("pk"):
        since = (
            f" from {region.portal_required_on}, {region.portal_grace_days} days of grace" if region.portal_required_on else ""
        )
        click.echo(f"{region.pk}  {region.name}: portal {region.portal or 'as above'}{since}")
    for school in School.objects.order_by("pk"):
        click.echo(f"   school {school.pk}  {school.name}: {school.town or 'no town'}, region {school.region_id or 'none'}")


@region_command.command("portal")
@click.argument("region", type=int)
@click.argument("kind", type=click.Choice(["none", "offered", "required", "inherited"]))
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="The first day on which families have to use it.")
@click.option("--grace", type=click.IntRange(0, 365), default=30, show_default=True, help="Days more on which passwords let in.")
def portal(region: int, kind: str, since: datetime | None, grace: int) -> None:
    """Set whether REGION has no portal, offers it, requires it, or does as the region above."""
    start_django()
    from classbook.common.errors import NotFound, Refusal  # noqa: PLC0415 - needs Django set up
    from classbook.schools.actions.portal import set_portal  # noqa: PLC0415

    word = "" if kind == "inherited" else kind
    try:
        set_portal(region, word, required_on=since.date() if since else None, grace_days=grace)
    except NotFound:
        raise click.ClickException(f"There is no region {region}. Nothing was changed.") from None
    except Refusal as refused:
        raise click.ClickException(refused.sentence) from None
    click.echo(f"Region {region}: portal {kind}.")


@region_command.command("town")
@click.argument("school", type=int)
@click.argument("town")
def town(school: int, town: str) -> None:
    """Set the TOWN in which families look for SCHOOL."""
    start_django()
    from classbook.common.errors import NotFound  # noqa: PLC0415 - needs Django set up
    from classbook.schools.actions.portal import set_town  # noqa: PLC0415

    try:
        set_town(school, town)
    except NotFound:
        raise click.ClickException(f"There is no school {school}. Nothing was changed.") from None
    click.echo(f"School {school}: {town}.")
