"""Every read of the estate that pages and other apps need."""

from sekisho.estate.queries.measures import (
    happened,
    layer_products,
    link_particulars,
    system_owners,
    system_profiles,
    vendor_contacts,
    vendor_contracts,
)
from sekisho.estate.queries.ports import (
    EstateSubjects,
    platform_systems,
    subjects,
)
from sekisho.estate.queries.rows import (
    PAGE_SIZE,
    cells,
    counts,
    department_names,
    endpoints_of,
    entries,
    facility,
    get_entry,
    layers_of,
    open_entries,
    reference_fields,
    snapshot,
    subject_ref,
    users_of,
)

__all__ = [
    "PAGE_SIZE",
    "EstateSubjects",
    "cells",
    "counts",
    "department_names",
    "endpoints_of",
    "entries",
    "facility",
    "get_entry",
    "happened",
    "layer_products",
    "layers_of",
    "link_particulars",
    "open_entries",
    "platform_systems",
    "reference_fields",
    "snapshot",
    "subject_ref",
    "subjects",
    "system_owners",
    "system_profiles",
    "users_of",
    "vendor_contacts",
    "vendor_contracts",
]
