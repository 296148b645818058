"""The option that names the data base of readings, for every command that uses them."""

from typing import Annotated

import typer

VARIABLE = "REEPI_DATABASE"
"""Environment variable that names the data base where the option does not; it keeps a password off the screen."""

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        envvar=VARIABLE,
        show_envvar=True,
        help="Data base of readings on a server, one for each study, such as postgresql://reader@host/study "
        "[default: the file in the study folder].",
    ),
]
