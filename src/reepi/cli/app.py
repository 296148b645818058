"""The application: its commands, and how errors reach the user."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import reepi
from reepi.cli import (
    add,
    agree,
    audit,
    card,
    check,
    collect,
    deidentify,
    demo,
    evaluate,
    export,
    freeze,
    gate,
    phantom,
    report,
    review,
    score,
    segment,
    suggest,
    train,
    watch,
)
from reepi.core.errors import InputError, ReepiError
from reepi.store.files import in_words
from reepi.store.locking import Locked

WRONG_INPUT = 2
"""Exit status where the call or the study folder is wrong, or somebody else is at work in it."""

SOMETHING_FAILED = 1
"""Exit status where something failed; the rest is still done."""


INTERRUPTED = 130
"""Exit status where the user pressed Ctrl-C."""

GOES_ON = {
    **dict.fromkeys(("demo", "score", "phantom"), "The same command goes on where it stopped."),
    "train": "The same command with --resume goes on from the last checkpoint.",
}
"""What to do after Ctrl-C, by the command that does not begin anew."""


class Commands(TyperGroup):
    """Commands that answer wrong input with all its faults, and Ctrl-C in words, and never with a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was called."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            for fault in error.faults:
                typer.echo(str(fault), err=True)
            raise typer.Exit(WRONG_INPUT) from error
        except Locked as error:
            typer.echo(f"{error}", err=True)
            raise typer.Exit(WRONG_INPUT) from error
        except ReepiError as error:
            typer.echo(f"{error}", err=True)
            raise typer.Exit(SOMETHING_FAILED) from error
        except OSError as error:
            typer.echo(in_words(error), err=True)
            raise typer.Exit(SOMETHING_FAILED) from error
        except KeyboardInterrupt as error:
            typer.echo(f"Stopped. {GOES_ON.get(ctx.invoked_subcommand, '')}".strip(), err=True)
            raise typer.Exit(INTERRUPTED) from error


app = typer.Typer(
    name="reepi",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    # Help holds words in brackets, which are no markup.
    rich_markup_mode=None,
    help="Measure skin detachment and healing in SJS/TEN from photographs, in % body surface area. "
    "Research software, not a medical device.",
)

app.command("demo")(demo.demo)
app.command("score")(score.score)
app.command("check")(check.check)
app.command("report")(report.report)
app.command("segment")(segment.segment)
app.command("phantom")(phantom.phantom)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("gate")(gate.gate)
app.command("collect")(collect.collect)
app.command("suggest")(suggest.suggest)
app.command("review")(review.review)
app.command("add")(add.add)
app.command("watch")(watch.watch)
app.command("audit")(audit.audit)
app.command("agree")(agree.agree)
app.command("card")(card.card)
app.command("deidentify")(deidentify.deidentify)
app.command("export")(export.export)
app.command("freeze")(freeze.freeze)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reepi {reepi.__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take the options that go before a command."""


def main() -> None:
    """Run the application on the arguments of the process."""
    app()
