"""What readers painted on the body charts of visits, kept in the study's trail."""

from reepi.core.chart_reading import ChartReading, CountingChart, NewChartReading, faces_to_runs, runs_to_faces
from reepi.core.trail import Event, Visit, subject_visit, visit_subject
from reepi.store.signing import demand_reason
from reepi.store.trail_store import TrailStore


class ChartStore(TrailStore[ChartReading]):
    """The chart readings of one study folder. See `TrailStore`."""

    kind = "chart"

    def save(self, new: NewChartReading) -> ChartReading:
        """Add a chart reading; it takes the place of the reader's earlier one of that visit.

        Raises
        ------
        InputError
            The reader signed the visit and gives no reason, or saving failed.
        """
        subject = visit_subject(new.patient_id, new.date)
        demand_reason(self.trail, new.reader, subject, new.reason, new.event_id)
        said = {
            "role": new.role,
            "reason": new.reason,
            "n_faces": len(new.tissue),
            "runs": faces_to_runs(new.tissue),
        }
        return event_to_chart(self.trail.append("chart", subject, new.reader, said, new.event_id))

    def _told(self, event: Event) -> ChartReading:
        return event_to_chart(event)

    def newest(self) -> tuple[ChartReading, ...]:
        """Return the newest of each visit, reader and role, in the order of saving; see `history`."""
        last = {(chart.visit, chart.reader, chart.role): chart for chart in self.history()}
        return tuple(sorted(last.values(), key=lambda chart: chart.number))

    def counting(self) -> dict[Visit, CountingChart]:
        """Return what counts of each visit's body chart, by patient and day.

        The newest of an adjudicator if there is one; else what all readers painted, each of whom sees the own chart
        alone: of each face the newest chart that says something of it counts. Who took back what they painted leaves
        what the others did. A chart of another body than the newest one's, as of an earlier version, is left out.
        """
        readers, adjudicators = (
            [chart for chart in self.newest() if chart.role == role] for role in ("reader", "adjudicator")
        )
        said: dict[Visit, tuple[ChartReading, ...]] = {}
        for chart in readers:
            if chart.says_something:
                before = said.get(chart.visit, ())
                said[chart.visit] = (*(each for each in before if len(each.tissue) == len(chart.tissue)), chart)
        said |= {chart.visit: (chart,) for chart in adjudicators}
        return {visit: CountingChart(charts) for visit, charts in said.items()}


def event_to_chart(event: Event) -> ChartReading:
    """Return the chart reading of an event (`ValueError` if its content is none)."""
    said = event.content
    patient_id, day = subject_visit(event.subject)
    try:
        tissue = runs_to_faces(said["runs"], said["n_faces"])
        new = NewChartReading(patient_id, day, event.reader, tissue, said["reason"], said["role"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no chart reading ({error!r})") from error
    return ChartReading(
        number=event.number,
        patient_id=patient_id,
        date=day,
        reader=new.reader,
        role=new.role,
        tissue=new.tissue,
        reason=new.reason,
        saved_at=event.saved_at,
        sha256=event.sha256,
    )
