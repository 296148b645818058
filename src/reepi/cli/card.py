"""``reepi card``: the capture card to print, and the guide for the ward."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class CardSize(StrEnum):
    """Paper sizes of the card."""

    A6 = "a6"
    A5 = "a5"


Out = Annotated[Path, typer.Argument(help="PDF file to write.")]
Size = Annotated[CardSize, typer.Option("--size", help="Size of the card: a5 for whole bodies from afar.")]
Study = Annotated[Path | None, typer.Option("--study", help="Study folder whose name, views and rules are printed.")]
Guide = Annotated[bool, typer.Option("--guide", help="Write the two pages for the ward instead of the card.")]


def card(out: Out, size: Size = CardSize.A6, study: Study = None, guide: Guide = False) -> None:
    """Print the card that lies beside the skin, or with --guide the two pages that tell how to photograph.

    The card tells a photograph's millimetres and its light. Print it at 100 % on matt paper and measure its ruler.
    """
    from reepi.core.errors import Fault, InputError
    from reepi.report.card_pdf import write_card
    from reepi.report.ward_guide import write_guide
    from reepi.store.study import read_study

    if out.is_dir():
        raise InputError([Fault(str(out), "it is a folder", "Name the PDF file to write, such as card.pdf in it.")])
    if out.suffix.lower() != ".pdf":
        raise InputError([Fault(str(out), "it is no name of a PDF file", "Give it a name that ends in .pdf.")])
    printed = None if study is None else read_study(study, may_be_empty=True)
    if guide:
        write_guide(out, printed)
        typer.echo(f"{out}: two A4 pages for the ward.")
    else:
        write_card(out, size.value, printed)
        typer.echo(f"{out}: the card alone, then on A4 to cut out. Print at 100 % and measure its ruler.")
