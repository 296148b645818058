"""Results whose tables a test wrote itself."""

import json

from reepi.store.provenance import bytes_hash
from reepi.store.results import ResultsFolder


def as_of_one_run(results: ResultsFolder) -> None:
    """Let the tables of results count as those that their run wrote."""
    run = json.loads(results.run.read_text())
    outputs = {path.name: bytes_hash(path.read_bytes()) for path in results.tables}
    results.run.write_text(json.dumps({**run, "outputs": outputs}))
