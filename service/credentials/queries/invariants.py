"""What must hold of all certificates: name -> SQL that returns the offending rows."""

INVARIANTS: dict[str, str] = {
    "serials of a base and year have no gap": """
        SELECT counted.base_code, counted.year, counted.last FROM number_counter AS counted
        WHERE counted.last <> (SELECT count(DISTINCT credential.number) FROM credential
            JOIN base ON base.id = credential.base_id
            WHERE base.code = counted.base_code AND extract(year FROM credential.awarded_on) = counted.year)
    """,
    "of a number at most one version stands": """
        SELECT number FROM credential GROUP BY number
        HAVING count(*) FILTER (WHERE state IN ('valid', 'suspended')) > 1
    """,
    "versions of a number follow each other": """
        SELECT number FROM credential GROUP BY number HAVING min(version) <> 1 OR max(version) <> count(*)
    """,
    "an earlier version does not stand": """
        SELECT earlier.id FROM credential AS earlier
        JOIN credential AS later ON later.number = earlier.number AND later.version > earlier.version
        WHERE earlier.state IN ('valid', 'suspended')
    """,
    "every certificate was on a list approved by another than its maker": """
        SELECT credential.id FROM credential WHERE NOT specimen AND NOT EXISTS (
            SELECT 1 FROM approval WHERE approval.subject_kind = 'issuing_list'
                AND approval.subject_id = credential.issuing_list_id AND approval.state = 'approved'
                AND approval.checker_account_id <> approval.maker_account_id)
    """,
    "papers of a certificate are of its own person": """
        SELECT credential.id FROM credential JOIN issued_document ON issued_document.id
            IN (credential.document_id, credential.english_document_id)
        WHERE issued_document.person_id <> credential.person_id OR issued_document.org_id <> credential.org_id
    """,
}
