"""Events in the forms that others read: tables, FHIR AuditEvent, DICOM audit messages. No Django."""
