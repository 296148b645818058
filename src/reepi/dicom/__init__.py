"""DICOM in and out: the hospital's archive. Needs the extra ``dicom``."""
