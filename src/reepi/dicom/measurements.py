"""The areas of a visit as a DICOM Structured Report by template TID 1500, in % of the body surface."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import highdicom as hd
from highdicom.sr import (
    CodedConcept,
    Comprehensive3DSR,
    DeviceObserverIdentifyingAttributes,
    FindingSite,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian

from reepi.core.results import AreaRow
from reepi.dicom.codes import (
    DEVICE,
    FULL_SHARE,
    HIGH_LIMIT,
    LOCAL_SCHEME,
    LOCAL_SCHEME_NAME,
    LOW_LIMIT,
    PERCENT,
    PERSON,
    PHOTOGRAPHY_OF_PATIENT,
    SEEN_SHARE,
    TISSUE_CODES,
    site_of,
)
from reepi.dicom.datasets import MANUFACTURER, SERIES_NUMBERS, Visit, file_bytes
from reepi.dicom.origins import Run, person_name

FORMAT: Final = 1
"""Part of the identifier of an exported report; raised when the same areas are written otherwise."""


def measurement_report(
    evidence: Sequence[Dataset], rows: Sequence[AreaRow], readers: Iterable[str], visit: Visit, run: Run
) -> bytes:
    """Return the areas of a visit as a Comprehensive 3D SR file.

    Each row of ``areas.csv`` is a measurement group with its region as finding site and its tissue as finding: the
    share of the body surface that was seen, the share with unassessed skin taken as the protocol says, and both limits
    of the 90 % interval of the latter, which are told apart by their derivation.

    Parameters
    ----------
    evidence : sequence of Dataset
        Photographs and masks that the areas were measured on; at least one.
    rows : sequence of AreaRow
        The areas.
    readers : iterable of str
        Who read photographs of the visit; the report names them as observers beside the program.
    visit : Visit
        The visit.
    run : Run
        The run that scored it.
    """
    names = sorted(set(readers))
    identity = (FORMAT, _rows_hash(rows), *names, *sorted(each.SOPInstanceUID for each in evidence), run.models)
    content = MeasurementReport(
        observation_context=_observers(names, visit, run),
        procedure_reported=PHOTOGRAPHY_OF_PATIENT,
        imaging_measurements=[_group(row, visit) for row in rows],
        referenced_images=[each for each in evidence if each.Modality != "SEG"],
    )
    report = Comprehensive3DSR(
        evidence=list(evidence),
        content=content,
        series_instance_uid=visit.uid("series", "measurements"),
        series_number=SERIES_NUMBERS["measurements"],
        sop_instance_uid=visit.uid("measurements", *identity),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=False,
        is_verified=False,
        content_qualification="RESEARCH",
        series_description="Skin detachment and healing",
        software_versions=run.version,
    )
    visit.date(report, run.ended_at)
    report.CodingSchemeIdentificationSequence = [_local_scheme()]
    return file_bytes(report, ExplicitVRLittleEndian)


def _rows_hash(rows: Sequence[AreaRow]) -> str:
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def _observers(readers: Sequence[str], visit: Visit, run: Run) -> ObservationContext:
    """Return the program as observer and, where people read, the people: TID 1002 allows one of each in highdicom."""
    device = DeviceObserverIdentifyingAttributes(
        uid=hd.UID(visit.uid("device", run.models)), name="reepi", manufacturer_name=MANUFACTURER, model_name=run.models
    )
    person = None
    if readers:
        named = PersonObserverIdentifyingAttributes(name=str(person_name(" and ".join(readers))))
        person = ObserverContext(observer_type=_concept(PERSON), observer_identifying_attributes=named)
    machine = ObserverContext(observer_type=_concept(DEVICE), observer_identifying_attributes=device)
    return ObservationContext(observer_person_context=person, observer_device_context=machine)


def _group(row: AreaRow, visit: Visit) -> MeasurementsAndQualitativeEvaluations:
    tracked = (visit.patient.patient_id, row.region, row.tissue)
    site = site_of(row.region)
    return MeasurementsAndQualitativeEvaluations(
        # The same region and tissue bears the same identifier at every visit, so that its course can be followed.
        tracking_identifier=TrackingIdentifier(
            uid=hd.UID(visit.uid_over_visits("tracking", *tracked)), identifier=" ".join(tracked)
        ),
        finding_type=TISSUE_CODES[row.tissue].kind,
        finding_sites=[FindingSite(site.location, site.laterality, site.modifier)],
        measurements=[
            Measurement(SEEN_SHARE, row.percent_bsa, PERCENT),
            Measurement(FULL_SHARE, row.percent_bsa_full, PERCENT),
            Measurement(FULL_SHARE, row.low, PERCENT, derivation=LOW_LIMIT),
            Measurement(FULL_SHARE, row.high, PERCENT, derivation=HIGH_LIMIT),
        ],
    )


def _concept(code: Code) -> CodedConcept:
    return CodedConcept(code.value, code.scheme_designator, code.meaning)


def _local_scheme() -> Dataset:
    item = Dataset()
    item.CodingSchemeDesignator, item.CodingSchemeName = LOCAL_SCHEME, LOCAL_SCHEME_NAME
    return item
