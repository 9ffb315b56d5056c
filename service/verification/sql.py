"""SQL of the public check: found only by number with code or name, told only what the public may know, every look kept."""

# What a stranger may know of one credential. In no case a name, an identity number or a score.
PUBLIC_VIEW = """
CREATE FUNCTION credential_public_view(found credential) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('credential_id', found.id, 'number', found.number, 'version', found.version,
        'state', found.state, 'state_since', found.state_since, 'state_reason', found.state_reason,
        'masked_name', found.masked_name, 'facts', found.public_facts, 'awarded_on', found.awarded_on,
        'valid_from', found.valid_from, 'valid_until', found.valid_until, 'specimen', found.specimen,
        'paper_sha256', (SELECT sha256 FROM issued_document WHERE id = found.document_id),
        'current', CASE WHEN found.state = 'superseded' THEN (
            SELECT jsonb_build_object('credential_id', newer.id, 'version', newer.version, 'state', newer.state,
                'valid_from', newer.valid_from, 'valid_until', newer.valid_until)
            FROM credential AS newer WHERE newer.number = found.number ORDER BY newer.version DESC LIMIT 1) END)
$$
"""

# A wrong name, a wrong code and an unknown number take the same steps: one row sought, the same digests compared, one
# look kept. Digests are compared, never what was typed, so that time tells nothing of how much of a guess was right.
LOOK_UP_CREDENTIAL = """
CREATE FUNCTION look_up_credential(in_log uuid, in_number text, in_code text, in_name bytea, in_english bytea,
    in_way text, in_verifier uuid, in_day date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found credential%ROWTYPE;
    asked bytea := sha256(convert_to(coalesce(in_code, ''), 'UTF8'));
    printed credential_print%ROWTYPE;
    matched boolean;
BEGIN
    -- Of several versions the one whose paper or name is asked for; of earlier papers the one with this code.
    SELECT kept.* INTO found FROM credential AS kept WHERE kept.number = in_number AND sandbox_fits(kept.org_id)
        ORDER BY (sha256(convert_to(kept.check_code, 'UTF8')) = asked OR EXISTS (
                SELECT 1 FROM credential_print AS earlier WHERE earlier.credential_id = kept.id
                    AND sha256(convert_to(earlier.check_code, 'UTF8')) = asked)) DESC,
            (coalesce(kept.name_lookup = in_name, false) OR coalesce(kept.english_lookup = in_english, false)) DESC,
            kept.version DESC LIMIT 1;
    SELECT earlier.* INTO printed FROM credential_print AS earlier WHERE earlier.credential_id = found.id
        AND sha256(convert_to(earlier.check_code, 'UTF8')) = asked;
    matched := sha256(convert_to(coalesce(found.check_code, '-'), 'UTF8')) = asked OR printed.id IS NOT NULL;
    matched := coalesce(coalesce(found.name_lookup, sha256('-')) = in_name, false) OR matched;
    matched := coalesce(coalesce(found.english_lookup, sha256('-')) = in_english, false) OR matched;
    matched := matched AND found.id IS NOT NULL;
    INSERT INTO look_up (id, org_id, person_id, credential_id, way, outcome, verifier_org_id) VALUES (
        in_log,
        CASE WHEN matched THEN found.org_id END,
        CASE WHEN matched THEN found.person_id END,
        CASE WHEN matched THEN found.id END,
        in_way,
        CASE WHEN NOT matched THEN 'unknown' ELSE credential_worth(found.state, found.valid_from, found.valid_until, in_day) END,
        in_verifier);
    IF NOT matched THEN RETURN NULL; END IF;
    IF printed.id IS NULL THEN RETURN credential_public_view(found); END IF;
    RETURN credential_public_view(found) || jsonb_build_object('paper_replaced_at', printed.created_at,
        'paper_sha256', (SELECT sha256 FROM issued_document WHERE id = printed.document_id));
END $$
"""

CREDENTIAL_WORTH = """
CREATE FUNCTION credential_worth(in_state text, in_from date, in_until date, in_day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN in_state <> 'valid' THEN in_state WHEN in_day < in_from THEN 'not_yet_valid'
        WHEN in_day > in_until THEN 'expired' ELSE 'valid' END
$$
"""

# By its own random address, which only the holder hands out.
PUBLIC_CREDENTIAL = """
CREATE FUNCTION public_credential(in_log uuid, in_id uuid, in_day date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found credential%ROWTYPE;
BEGIN
    SELECT * INTO found FROM credential WHERE id = in_id AND sandbox_fits(org_id);
    IF found.id IS NULL THEN RETURN NULL; END IF;
    INSERT INTO look_up (id, org_id, person_id, credential_id, way, outcome) VALUES (in_log, found.org_id,
        found.person_id, found.id, 'address', credential_worth(found.state, found.valid_from, found.valid_until, in_day));
    RETURN credential_public_view(found);
END $$
"""

# What the issuer's own record says of a credential file that is shown to it: digest of its content, state, issuer.
CREDENTIAL_RECORD = """
CREATE FUNCTION credential_record(in_log uuid, in_id uuid, in_verifier uuid, in_day date)
RETURNS TABLE (signed_digest text, state text, base_code text, org_id uuid, view jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found credential%ROWTYPE;
BEGIN
    SELECT * INTO found FROM credential AS kept WHERE kept.id = in_id AND sandbox_fits(kept.org_id);
    INSERT INTO look_up (id, org_id, person_id, credential_id, way, outcome, verifier_org_id) VALUES (in_log, found.org_id,
        found.person_id, found.id, 'file', CASE WHEN found.id IS NULL THEN 'unknown'
        ELSE credential_worth(found.state, found.valid_from, found.valid_until, in_day) END, in_verifier);
    IF found.id IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT found.signed_digest::text, found.state::text, base.code::text, found.org_id,
        credential_public_view(found) FROM base WHERE base.id = found.base_id;
END $$
"""

# A share link opens one credential of one person until it ends or is taken back; the token is known by its digest only.
OPEN_SHARE_LINK = """
CREATE FUNCTION open_share_link(in_log uuid, in_token bytea, in_day date)
RETURNS TABLE (person_id uuid, credential_id uuid, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link share_link%ROWTYPE;
    found credential%ROWTYPE;
BEGIN
    SELECT * INTO link FROM share_link AS kept WHERE kept.token_hash = in_token AND kept.revoked_at IS NULL
        AND kept.expires_at > now();
    IF link.id IS NULL THEN RETURN; END IF;
    SELECT * INTO found FROM credential AS kept WHERE kept.id = link.credential_id;
    INSERT INTO look_up (id, org_id, person_id, credential_id, way, outcome) VALUES (in_log, found.org_id,
        found.person_id, found.id, 'link', credential_worth(found.state, found.valid_from, found.valid_until, in_day));
    RETURN QUERY SELECT link.person_id, link.credential_id, link.expires_at;
END $$
"""

# How many look-ups the caller's organisation has made since a moment. One of several checks at once waits for the other,
# so that together they stay within the day's limit.
LOOKS_MADE = """
CREATE FUNCTION looks_made(in_since timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('looks_made:' || coalesce(app_org()::text, ''), 0));
    RETURN (SELECT count(*) FROM look_up WHERE verifier_org_id = app_org() AND created_at >= in_since);
END $$
"""

FUNCTIONS = {
    "credential_worth(text, date, date, date)": CREDENTIAL_WORTH,
    "credential_public_view(credential)": PUBLIC_VIEW,
    "look_up_credential(uuid, text, text, bytea, bytea, text, uuid, date)": LOOK_UP_CREDENTIAL,
    "public_credential(uuid, uuid, date)": PUBLIC_CREDENTIAL,
    "credential_record(uuid, uuid, uuid, date)": CREDENTIAL_RECORD,
    "open_share_link(uuid, bytea, date)": OPEN_SHARE_LINK,
    "looks_made(timestamptz)": LOOKS_MADE,
}
"""In the order in which they are made."""
