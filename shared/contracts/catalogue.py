"""What every refusal means: its status, its sentence, its usual cause and what to do about it.

`docs/errors.md` is generated from this table, and a test holds it against `ErrorCode`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from shared.contracts.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    """What a code means: HTTP status, a sentence for people, the usual cause, and the way out."""

    status: int
    message: str
    cause: str
    remedy: str
    retry_after_s: int | None = None


def _field(field: str, rule: str) -> ErrorSpec:
    return ErrorSpec(
        400,
        f"The field '{field}' is not valid.",
        f"'{field}' must be {rule}.",
        f"Send '{field}' as {rule}; details.fields names everything that is wrong.",
    )


def _required(field: str, what: str) -> ErrorSpec:
    return ErrorSpec(400, f"The field '{field}' is required.", f"'{field}' is missing or blank.", f"Send {what}.")


def _unknown(what: str, where: str) -> ErrorSpec:
    return ErrorSpec(
        404, f"There is no such {what}.", f"The id names no {what}.", f"List the {what}s with GET {where} and use an id from there."
    )


_SPECS: Final[dict[ErrorCode, ErrorSpec]] = {
    # --- the request itself -------------------------------------------------------------------------------------------
    ErrorCode.MALFORMED_JSON: ErrorSpec(
        400,
        "The body is not valid JSON.",
        "The body could not be parsed as JSON in UTF-8.",
        "Send one JSON object, encoded in UTF-8.",
    ),
    ErrorCode.JSON_TOO_DEEP: ErrorSpec(
        400, "The body is nested too deeply.", "Objects and lists may be nested 32 deep.", "Send a flatter body."
    ),
    ErrorCode.JSON_OBJECT_REQUIRED: ErrorSpec(
        400, "The body must be a JSON object.", "The body is a list, a string, a number or null.", "Send an object: { … }."
    ),
    ErrorCode.UNKNOWN_FIELD: ErrorSpec(
        400,
        "The body has a field that this call does not know.",
        "A field name is misspelt or belongs to another call.",
        "Remove the field, or use the name in details.fields[].hint.",
    ),
    ErrorCode.INVALID_REQUEST: ErrorSpec(
        400, "The request is not valid.", "A part of the request could not be read.", "Compare the call with /docs."
    ),
    ErrorCode.MALFORMED_REQUEST: ErrorSpec(
        400,
        "This is not a valid HTTP/1.1 request.",
        "The request breaks the protocol's rules, or could be read in two ways: no host, two lengths, a length and chunks.",
        "Use a standard HTTP client, and look at what is between it and the gateway.",
    ),
    ErrorCode.DUPLICATE_HEADER: ErrorSpec(
        400,
        "A header is there twice.",
        "A header that may be sent once came several times.",
        "Send the header in details.header once.",
    ),
    ErrorCode.HEADERS_TOO_LARGE: ErrorSpec(
        431, "The headers are too large.", "A request's head may have 64 KiB and 100 headers.", "Send fewer and shorter headers."
    ),
    ErrorCode.REQUEST_TIMEOUT: ErrorSpec(
        408,
        "The request did not come to its end in time.",
        "The head was not complete after 15 seconds; connections that send nothing end like this, too.",
        "Send the request in one go, on a new connection.",
    ),
    ErrorCode.BODY_TOO_LARGE: ErrorSpec(
        413, "The body is too large.", "Bodies may have up to 1 MiB.", "Send less; details.limit_bytes says how much."
    ),
    ErrorCode.UNAUTHORIZED: ErrorSpec(
        401,
        "A valid key is needed.",
        "The Authorization header is missing, malformed or names no key.",
        "Send 'Authorization: Bearer <key>'.",
    ),
    ErrorCode.FORBIDDEN: ErrorSpec(
        403,
        "This key may not do that.",
        "The key's role is not allowed to make this call.",
        "Use a key of a role in details.allowed_roles.",
    ),
    ErrorCode.CSRF_REFUSED: ErrorSpec(
        403,
        "This change does not come from a page of the exchange.",
        "A browser sent the session's cookie along with a request that another site's page had made.",
        "Make the change in the dashboard; programs send 'Authorization: Bearer <key>' and no cookie.",
    ),
    ErrorCode.SIGN_IN_NOT_STARTED: ErrorSpec(
        409,
        "This sign-in was not begun here, or is over.",
        "It was begun in another browser or under another address, took longer than ten minutes, or was answered already.",
        "Begin again on the sign-in page.",
    ),
    ErrorCode.SIGN_IN_DENIED: ErrorSpec(
        403,
        "The sign-in was refused.",
        "Your organisation's identity provider said no, or the participant is locked out of the exchange.",
        "Begin again; if it stays so, ask your organisation or the operator.",
    ),
    ErrorCode.ID_TOKEN_INVALID: ErrorSpec(
        401,
        "The identity provider's answer could not be trusted.",
        "Its ID token is expired, for somebody else, of another sign-in, or signed with an unknown key.",
        "Begin again; if it stays so, the operator compares OIDC_ISSUER, OIDC_CLIENT_ID and the clocks.",
    ),
    ErrorCode.ROLE_CLAIM_MISSING: ErrorSpec(
        403,
        "Your organisation gave you no role in the exchange.",
        "The ID token names no role of the exchange, or several, or no participant.",
        "Ask whoever runs the identity provider for exactly one role: provider, model_owner, operator or reviewer.",
    ),
    ErrorCode.NOT_FOUND: ErrorSpec(404, "There is nothing at this path.", "The path is misspelt.", "See /docs for every path."),
    ErrorCode.METHOD_NOT_ALLOWED: ErrorSpec(
        405, "This path does not take that method.", "The method is not defined for the path.", "Use a method in the Allow header."
    ),
    ErrorCode.RATE_LIMITED: ErrorSpec(
        429, "Too many requests.", "The key or address used up its allowance.", "Wait as long as Retry-After says.", retry_after_s=1
    ),
    ErrorCode.SERVICE_UNAVAILABLE: ErrorSpec(
        503,
        "A part of the exchange is not available right now.",
        "A service, the database or the message server is down or restarting.",
        "Try again after Retry-After seconds; nothing was half-done.",
        retry_after_s=2,
    ),
    ErrorCode.INTERNAL_ERROR: ErrorSpec(
        500, "Something went wrong on our side.", "A bug.", "Report the request_id; try again later if the call is idempotent."
    ),
    ErrorCode.IDEMPOTENCY_KEY_REUSED: ErrorSpec(
        422,
        "This Idempotency-Key was used for another request.",
        "The same key came with another body or path.",
        "Use a new key for a new request.",
    ),
    ErrorCode.IDEMPOTENCY_IN_PROGRESS: ErrorSpec(
        409,
        "The first request with this Idempotency-Key is still being worked on.",
        "Two requests with one key overlap.",
        "Wait for the first answer, then send the request again.",
        retry_after_s=1,
    ),
    ErrorCode.INVALID_IDEMPOTENCY_KEY: ErrorSpec(
        400,
        "The Idempotency-Key is not valid.",
        "It must have 1 to 255 printable ASCII characters.",
        "Send a UUID, for example.",
    ),
    ErrorCode.INVALID_LIMIT: _field("limit", "a whole number from 1 to 500"),
    ErrorCode.INVALID_CURSOR: _field("cursor", "the next_cursor of an earlier answer to the same list"),
    ErrorCode.INVALID_PAYOUT_STATUS: _field("payout_status", "one of pending, released, refunded"),
    ErrorCode.INVALID_ESCROW_STATUS: _field("escrow_status", "one of pending, locked, released, refunded, rejected"),
    ErrorCode.INVALID_STATE: _field("state", "one of the states in details.fields[].allowed"),
    ErrorCode.INVALID_FORMAT: _field("format", "json or csv"),
    ErrorCode.INVALID_WAIT_FOR: _field("wait_for", "one or more timeline events, separated by commas"),
    ErrorCode.INVALID_TIMEOUT_MS: _field("timeout_ms", "a whole number from 0 to 30000"),
    # --- offers -------------------------------------------------------------------------------------------------------
    ErrorCode.SELLER_NODE_ID_REQUIRED: _required("seller_node_id", "the id of the provider that sells"),
    ErrorCode.DATASET_FINGERPRINT_REQUIRED: _required(
        "dataset_fingerprint", "the fingerprint of the dataset, for example its SHA-256"
    ),
    ErrorCode.INVALID_SELLER_NODE_ID: _field("seller_node_id", "one line of 1 to 200 characters"),
    ErrorCode.INVALID_DATASET_FINGERPRINT: _field("dataset_fingerprint", "one line of 1 to 200 characters"),
    ErrorCode.INVALID_TITLE: _field("title", "one line of up to 200 characters"),
    ErrorCode.INVALID_DESCRIPTION: _field("description", "text of up to 4000 characters"),
    ErrorCode.INVALID_MODALITY: _field("modality", "one line of 1 to 200 characters"),
    ErrorCode.INVALID_LABEL_SCHEMA: _field("label_schema", "text of up to 4000 characters"),
    ErrorCode.INVALID_SAMPLE_COUNT: _field("sample_count", "a whole number from 0 to 10^12"),
    ErrorCode.INVALID_QUALITY_SCORE: _field("quality_score", "a number from 0 to 1"),
    ErrorCode.INVALID_PRIVACY_PROFILE: _field("privacy_profile", "one line of up to 200 characters"),
    ErrorCode.INVALID_ALLOWED_TASKS: _field("allowed_tasks", "a list of up to 100 task names"),
    ErrorCode.INVALID_ATTESTATION_STATUS: _field("attestation_status", "one of unknown, pending, verified, revoked"),
    ErrorCode.INVALID_PRICE_PER_ROUND: _field("price_per_round", "a number from 0 to 10^9 with at most 6 decimal places"),
    ErrorCode.INVALID_MIN_ROUNDS: _field("min_rounds", "a whole number from 1 to 10000"),
    ErrorCode.INVALID_MIN_PAYOUT_SHARE: _field("min_payout_share", "a number from 0 to 1"),
    ErrorCode.INVALID_EXPIRES_AT: _field("expires_at", "integer Unix seconds, or 0 for never"),
    ErrorCode.INVALID_STATUS: _field("status", "one of the statuses in details.fields[].allowed"),
    ErrorCode.OFFER_NOT_FOUND: _unknown("offer", "/marketplace/offers"),
    # --- intents ------------------------------------------------------------------------------------------------------
    ErrorCode.MODEL_OWNER_ID_REQUIRED: _required("model_owner_id", "the id of the model owner who buys"),
    ErrorCode.TASK_TYPE_REQUIRED: _required("task_type", "the task to train, for example 'classification'"),
    ErrorCode.INVALID_MODEL_OWNER_ID: _field("model_owner_id", "one line of 1 to 200 characters"),
    ErrorCode.INVALID_TASK_TYPE: _field("task_type", "one line of 1 to 200 characters"),
    ErrorCode.INVALID_REQUIRED_MODALITIES: _field("required_modalities", "a list of up to 100 modality names"),
    ErrorCode.INVALID_MIN_QUALITY_SCORE: _field("min_quality_score", "a number from 0 to 1"),
    ErrorCode.INVALID_BUDGET_TOTAL: _field("budget_total", "a number from 0 (no limit) to 10^9 with at most 6 decimal places"),
    ErrorCode.INVALID_ROUNDS: _field("rounds", "a whole number from 1 to 10000"),
    ErrorCode.INVALID_DEADLINE_TS: _field("deadline_ts", "integer Unix seconds"),
    ErrorCode.INVALID_ROUND_ID: _field("round_id", "one line of 1 to 200 characters"),
    ErrorCode.INVALID_MIN_SAMPLE_COUNT: _field("min_sample_count", "a whole number from 0 to 10^12"),
    ErrorCode.INVALID_ATTESTATION_REQUIRED: _field("attestation_required", "true or false"),
    ErrorCode.INVALID_PREFERRED_SELLERS: _field("preferred_sellers", "a list of up to 100 seller node ids"),
    ErrorCode.INVALID_PRICING: _field("pricing", "posted or truthful, and truthful only with a budget_total above 0"),
    ErrorCode.INVALID_EXCLUDED_SELLERS: _field("excluded_sellers", "a list of up to 100 seller node ids"),
    ErrorCode.INVALID_ONE_OFFER_PER_SELLER: _field("one_offer_per_seller", "true or false"),
    ErrorCode.INVALID_MIN_PROVIDERS: _field("min_providers", "a whole number from 1 to 25"),
    ErrorCode.INVALID_SETTLEMENT: _field("settlement", "manual or auto"),
    ErrorCode.INVALID_DISPUTE_WINDOW_S: _field("dispute_window_s", "a whole number of seconds from 0 to 2592000 (30 days)"),
    ErrorCode.INVALID_SETTLEMENT_RULE: _field("settlement_rule", "delivery or contribution"),
    ErrorCode.INVALID_STRATEGY: _field("strategy", "fedavg, fedprox, fedadam, trimmed_mean or krum"),
    ErrorCode.INVALID_DIFFERENTIAL_PRIVACY: _field(
        "differential_privacy", "null, or noise_multiplier, clipping_norm and delta within their bounds, beside fedavg or fedprox"
    ),
    ErrorCode.INVALID_MISSING_VALUES: _field("missing_values", "a whole number from 0 on"),
    ErrorCode.INVALID_DUPLICATES: _field("duplicates", "a whole number from 0 on"),
    ErrorCode.INVALID_HOLDOUT_SCORE: _field("holdout_score", "null or a number from 0 to 1"),
    ErrorCode.INVALID_MEASUREMENTS: _field(
        "measurements", "what a node measured: label_histogram, missing_values, duplicates, holdout_score"
    ),
    # --- what a provider's node says of its data ----------------------------------------------------------------------
    ErrorCode.DATASET_FINGERPRINT_MISMATCH: ErrorSpec(
        409,
        "The node's data is not the data that was offered.",
        "The data was changed after the offer: it is not trained on and not paid, and the offer is paused.",
        "Restore the data, or join again, which offers what is there now.",
    ),
    ErrorCode.LABEL_SCHEMA_MISMATCH: ErrorSpec(
        409,
        "The data's columns or classes are not those that were agreed on.",
        "A column or a class is missing, is one too many or has another name.",
        "Name the classes in the agreed order with --classes, and the columns as the label schema does.",
    ),
    ErrorCode.DATA_DIRECTORY_EMPTY: ErrorSpec(
        400, "There is no data.", "The folder or the file has no samples in it.", "Point --data at what has samples."
    ),
    ErrorCode.DATA_UNREADABLE: ErrorSpec(
        400,
        "The data cannot be read.",
        "A file is missing, is not what its name says, or has a cell that is no number.",
        "The message names the file and the row or column: mend it.",
    ),
    ErrorCode.DATA_ONE_CLASS: ErrorSpec(
        400, "Every sample has the same label.", "There is nothing to tell apart.", "Check the label column (--label)."
    ),
    ErrorCode.DATA_NOT_FINITE: ErrorSpec(
        400,
        "The data has values that are missing or not finite.",
        "A cell is empty, NaN or infinite.",
        "Fill the cells, or leave their samples out with --drop-missing.",
    ),
    ErrorCode.DATA_READER_MISSING: ErrorSpec(
        400,
        "What reads this kind of data is not installed.",
        "Parquet needs pyarrow, pictures need Pillow.",
        "Install it beside the node, or give the data as CSV or .npz.",
    ),
    ErrorCode.ROUND_INTENT_NOT_FOUND: _unknown("round intent", "/marketplace/round_intents"),
    ErrorCode.INVALID_STATUS_TRANSITION: ErrorSpec(
        409,
        "The status cannot change in that way.",
        "details.current_status does not lead to details.next_status.",
        "Choose a status from details.allowed.",
    ),
    # --- matching -----------------------------------------------------------------------------------------------------
    ErrorCode.ROUND_INTENT_ID_REQUIRED: _required("round_intent_id", "the id of an open round intent"),
    ErrorCode.INVALID_ROUND_INTENT_ID: _field("round_intent_id", "the id of a round intent"),
    ErrorCode.INVALID_MAX_OFFERS: _field("max_offers", "a whole number from 1 to 25"),
    ErrorCode.INVALID_POLICY_OVERRIDES: _field("policy_overrides", "an object with the intent's own policy fields"),
    ErrorCode.INVALID_WINDOW: _field("window", "a whole number of seconds from 60 to 2592000"),
    ErrorCode.INVALID_SWEEP: _field("sweep", "{field: budget_total or min_quality_score, values: 1 to 50 values of that field}"),
    ErrorCode.ROUND_INTENT_NOT_OPEN: ErrorSpec(
        409,
        "The round intent is not open.",
        "It was matched, closed, cancelled or has expired; details.current_status says which.",
        "Create a new round intent.",
    ),
    ErrorCode.ROUND_INTENT_EXPIRED: ErrorSpec(
        409,
        "The round intent's deadline has passed.",
        "deadline_ts is in the past.",
        "Create a new round intent.",
    ),
    ErrorCode.INVALID_OFFER_IDS: _field("offer_ids", "a list of up to 100 ids of the contract's offers"),
    ErrorCode.NOTHING_TO_REPLACE: ErrorSpec(
        409,
        "There is no provider to replace.",
        "No round is left, the last run did not fail for a provider, or an offer of offer_ids does not serve the contract.",
        "Name the offers that are to go; details.offers lists those that serve the contract.",
    ),
    ErrorCode.NO_COMPATIBLE_OFFERS_FOUND: ErrorSpec(
        422,
        "No offer meets the intent's task, modality, quality and budget.",
        "Every offer failed at least one condition, or no affordable set is left; details.rejection_reasons counts them.",
        "Make a change that details.relaxations names: each was tried and matches.",
    ),
    ErrorCode.MATCHING_BEHIND: ErrorSpec(
        503,
        "Matching has not yet seen the newest offers.",
        "The index is catching up after a restart or a burst.",
        "Try again after Retry-After seconds.",
        retry_after_s=1,
    ),
    # --- contracts and escrow -----------------------------------------------------------------------------------------
    ErrorCode.CONTRACT_ID_REQUIRED: _required("contract_id", "the id of a contract"),
    ErrorCode.INVALID_CONTRACT_ID: _field("contract_id", "the id of a contract"),
    ErrorCode.CONTRACT_NOT_FOUND: _unknown("contract", "/marketplace/contracts"),
    ErrorCode.DECISION_NOT_FOUND: ErrorSpec(
        404,
        "No decision is recorded for this contract.",
        "The contract was made before decisions were recorded.",
        "Read the contract's selection_diagnostics; contracts made from now on have a record.",
    ),
    ErrorCode.INSUFFICIENT_FUNDS: ErrorSpec(
        402,
        "The available balance does not cover the amount.",
        "details.needed is more than details.available.",
        "Deposit credits (POST /escrow/deposits, operator), or lower the budget or the number of rounds.",
    ),
    ErrorCode.CONTRACT_ALREADY_RELEASED: ErrorSpec(
        409,
        "The escrow of this contract was already released.",
        "It was released before.",
        "Nothing to do: see the contract's payouts.",
    ),
    ErrorCode.CONTRACT_ALREADY_REFUNDED: ErrorSpec(
        409,
        "The escrow of this contract was already refunded.",
        "It was refunded before.",
        "Nothing to do: see the contract's timeline.",
    ),
    ErrorCode.ESCROW_NOT_LOCKED: ErrorSpec(
        409,
        "The contract holds no locked escrow.",
        "The funds were never locked, or the contract was cancelled.",
        "Wait for escrow_locked in the timeline, or match again.",
    ),
    ErrorCode.HOLD_EXPIRED: ErrorSpec(
        409, "The hold has expired and its money went back to the model owner.", "Nobody resolved it in time.", "Match again."
    ),
    ErrorCode.TRAINING_IN_PROGRESS: ErrorSpec(
        409,
        "The contract is being trained, so its money can be neither refunded nor released in part.",
        "A training run of the contract is active.",
        "Stop the run first (POST /training/runs/{run_id}/stop), or wait for its end.",
    ),
    ErrorCode.ROUNDS_DELIVERED: ErrorSpec(
        409,
        "Providers have delivered rounds, so the model owner cannot take the whole amount back.",
        "At least one round was delivered under the contract.",
        "Release the escrow: undelivered rounds return to the model owner by themselves.",
    ),
    ErrorCode.CONTRACT_DISPUTED: ErrorSpec(
        409, "A dispute about this contract is open.", "An open dispute freezes what is held.", "Resolve the dispute first."
    ),
    ErrorCode.REPORTER_REQUIRED: _required("reporter", "who opens the dispute"),
    ErrorCode.INVALID_REPORTER: _field("reporter", "one line of 1 to 200 characters"),
    ErrorCode.REASON_REQUIRED: _required("reason", "why"),
    ErrorCode.INVALID_REASON: _field("reason", "text of up to 4000 characters"),
    ErrorCode.INVALID_ACTOR: _field("actor", "one line of 1 to 200 characters"),
    ErrorCode.INVALID_RESOLUTION_NOTE: _field("resolution_note", "text of up to 4000 characters"),
    ErrorCode.DISPUTE_NOT_FOUND: _unknown("dispute", "/marketplace/disputes"),
    ErrorCode.PARTICIPANT_REQUIRED: _required("participant", "the id of the participant"),
    ErrorCode.INVALID_PARTICIPANT: _field("participant", "one line of 1 to 200 characters"),
    ErrorCode.AMOUNT_REQUIRED: _required("amount", "an amount of credits"),
    ErrorCode.INVALID_AMOUNT: _field("amount", "a number above 0 up to 10^9 with at most 6 decimal places"),
    ErrorCode.INVALID_NOTE: _field("note", "text of up to 4000 characters"),
    ErrorCode.ACCOUNT_NOT_FOUND: _unknown("account", "/escrow/trial_balance"),
    ErrorCode.WITHDRAWAL_NOT_FOUND: _unknown("withdrawal", "/escrow/withdrawals"),
    ErrorCode.INVALID_PAYOUTS: _field(
        "payouts", "a list of the contract's offers, each once and with an amount, that together do not exceed what is held"
    ),
    ErrorCode.PAYOUT_BELOW_DUE: ErrorSpec(
        409,
        "A provider that has delivered cannot be paid less than it is due.",
        "Under the agreed rule details.due is due for delivered rounds, and only an operator may name less.",
        "Name at least details.due for each offer, leave its amount out, or release the whole escrow.",
    ),
    # --- training -----------------------------------------------------------------------------------------------------
    ErrorCode.NO_CONTRACT_READY: ErrorSpec(
        409,
        "No contract is ready for training.",
        "No contract has locked escrow and waits for training.",
        "Match a contract first.",
    ),
    ErrorCode.CONTRACT_NOT_READY: ErrorSpec(
        409,
        "This contract is not ready for training.",
        "Its escrow is not locked, or it was trained, refunded or is being trained; details.state says which.",
        "Look at the contract's timeline.",
    ),
    ErrorCode.TRAINING_UNAVAILABLE: ErrorSpec(
        503,
        "Training is not available right now.",
        "The Flower SuperLink does not answer, no provider node of the contract is online, or the lock of its money is still on its way.",
        "Look at GET /training/nodes and try again.",
        retry_after_s=5,
    ),
    ErrorCode.PROVIDER_NODE_OFFLINE: ErrorSpec(
        503,
        "A provider node of the contract is not connected.",
        "details.offline names the sellers whose node is not connected.",
        "Start the node, or set SANDBOX=true to train on sandbox nodes.",
        retry_after_s=5,
    ),
    ErrorCode.RUN_NOT_FOUND: _unknown("run", "/training/runs"),
    ErrorCode.RUN_NOT_ACTIVE: ErrorSpec(
        409, "The run is not active.", "It has ended.", "See its state in GET /training/runs/{run_id}."
    ),
    ErrorCode.RUN_ALREADY_CLAIMED: ErrorSpec(
        409, "The run belongs to another ServerApp.", "A ServerApp claimed it first.", "Nothing to do: the second one exits."
    ),
    ErrorCode.MODEL_NOT_FOUND: ErrorSpec(
        404, "The run has no model.", "It has not finished, or it failed before the first round.", "Wait for training_completed."
    ),
    ErrorCode.INVALID_MODEL: ErrorSpec(
        400,
        "The uploaded model is not valid.",
        "The body is not a NumPy .npz archive or is too large.",
        "Send an .npz of up to 64 MiB.",
    ),
    ErrorCode.INVALID_NAME: _field("name", "one line of 1 to 200 characters"),
    ErrorCode.NAME_REQUIRED: _required("name", "a name"),
    ErrorCode.PUBLIC_KEY_REQUIRED: _required("public_key", "the node's public key as an OpenSSH line"),
    ErrorCode.INVALID_PUBLIC_KEY: _field("public_key", "an ECDSA P-384 public key as an OpenSSH line"),
    ErrorCode.INVALID_LABEL_HISTOGRAM: _field("label_histogram", "an object from label to a count"),
    ErrorCode.INVALID_TASKS: _field("tasks", "a list of up to 100 task names"),
    ErrorCode.INVALID_SANDBOX: _field("sandbox", "true or false"),
    ErrorCode.INVALID_ROUND: _field("round", "a whole number from 0"),
    ErrorCode.INVALID_ACCURACY: _field("accuracy", "a finite number, or null where it was not measured"),
    ErrorCode.INVALID_LOSS: _field("loss", "a finite number, or null where it was not measured"),
    ErrorCode.INVALID_SECONDS: _field("seconds", "a finite number, or null where it was not measured"),
    ErrorCode.INVALID_PROVIDERS: _field("providers", "a list of what each provider did"),
    ErrorCode.INVALID_CONTRIBUTION_METHOD: _field(
        "contribution_method", "shapley or gtg_shapley, or null where nothing was measured"
    ),
    ErrorCode.INVALID_SUCCEEDED: _field("succeeded", "true or false"),
    ErrorCode.INVALID_ROUNDS_COMPLETED: _field("rounds_completed", "a whole number from 0"),
    ErrorCode.INVALID_FLOWER_RUN_ID: _field("flower_run_id", "Flower's id of the run as text"),
    ErrorCode.ROUND_REQUIRED: _required("round", "the number of the round"),
    ErrorCode.SUCCEEDED_REQUIRED: _required("succeeded", "whether the run succeeded"),
    ErrorCode.ROUNDS_COMPLETED_REQUIRED: _required("rounds_completed", "how many rounds were completed"),
    ErrorCode.FLOWER_RUN_ID_REQUIRED: _required("flower_run_id", "Flower's id of the run"),
    # --- operations ---------------------------------------------------------------------------------------------------
    ErrorCode.ERROR_CODE_NOT_FOUND: _unknown("error code", "/errors"),
    ErrorCode.DEAD_LETTER_NOT_FOUND: _unknown("dead letter", "/ops/dead_letters"),
    ErrorCode.REPLAY_FAILED: ErrorSpec(
        409,
        "The dead letter failed again.",
        "Its handler raised the same or another error; nothing changed.",
        "Look at the service's log for this request_id, mend the cause, then replay again.",
    ),
    ErrorCode.INVALID_LAST_EVENT_ID: _field("Last-Event-ID", "the id of an event of this feed"),
    ErrorCode.INVALID_SORT: _field("sort", "one of the orders in details.fields[].allowed"),
    ErrorCode.INVALID_Q: _field("q", "text of 1 to 200 characters on one line"),
    ErrorCode.INVALID_KIND: _field("kind", "an event kind such as escrow.funds_held"),
    ErrorCode.INVALID_CONSUMER: _field("consumer", "the name of a consumer"),
    ErrorCode.INVALID_EVENT_ID: _field("event_id", "a UUID"),
    # --- identity -----------------------------------------------------------------------------------------------------
    ErrorCode.ROLE_REQUIRED: _required("role", "the role of the key"),
    ErrorCode.INVALID_ROLE: _field("role", "one of the roles in details.fields[].allowed"),
    ErrorCode.INVALID_LABEL: _field("label", "one line of up to 200 characters"),
    ErrorCode.INVALID_EXPIRES_IN_S: _field("expires_in_s", "a whole number of seconds from 60 to ten years"),
    ErrorCode.INVALID_KEEP: _field("keep", "true or false"),
    ErrorCode.KEY_NOT_FOUND: _unknown("key", "/identity/keys"),
    ErrorCode.PARTICIPANT_NOT_FOUND: _unknown("participant", "/identity/participants"),
    # --- joining ------------------------------------------------------------------------------------------------------
    ErrorCode.VALID_CONTACT_EMAIL_REQUIRED: ErrorSpec(
        400,
        "A valid contact e-mail address is required.",
        "'contact_email' is missing or no e-mail address.",
        "Send the address to which the answer should go, for example 'data@hospital.example'.",
    ),
    ErrorCode.COMPUTE_TYPE_REQUIRED: _required("compute_type", "what there is to train on, for example 'cpu' or 'gpu'"),
    ErrorCode.INVALID_COMPUTE_TYPE: _field("compute_type", "one line of 1 to 200 characters"),
    ErrorCode.INVALID_INVITE_LIMITS: ErrorSpec(
        400,
        "The invitation's limits are not valid.",
        "'max_uses' must be a whole number from 1 to 100, 'valid_for_s' one from 60 (a minute) to 7776000 (90 days).",
        "Send numbers within these bounds, or leave them out.",
    ),
    ErrorCode.REQUEST_NOT_FOUND: _unknown("request", "/join/requests"),
    ErrorCode.INVITE_REQUIRED: _required("invite", "the code of an invitation"),
    ErrorCode.INVITE_NOT_FOUND: ErrorSpec(
        404,
        "There is no such invitation.",
        "The code is mistyped, or the invitation was revoked.",
        "Copy the whole code, or ask for a new invitation with POST /join/request_invite.",
    ),
    ErrorCode.INVITE_EXHAUSTED: ErrorSpec(
        409,
        "The invitation was used as often as it may be.",
        "details.max_uses have registered by it.",
        "Ask for a new invitation with POST /join/request_invite.",
    ),
    ErrorCode.INVITE_EXPIRED: ErrorSpec(
        410, "The invitation has expired.", "Its time was up.", "Ask for a new invitation with POST /join/request_invite."
    ),
    ErrorCode.REGISTRATION_NOT_FOUND: _unknown("registration", "/join/registrations"),
    # --- a provider's round: in runs and timelines -----------------------------------------------------------------------
    ErrorCode.GRANT_MISSING: ErrorSpec(
        403,
        "The node was asked to train without a grant.",
        "The coordinator has no signing key, or the message is not the coordinator's.",
        "Set GRANT_SIGNING_KEY_FILE at the coordinator, and start the run again.",
    ),
    ErrorCode.GRANT_INVALID: ErrorSpec(
        403,
        "The node could not verify the grant.",
        "It is malformed, or signed by a key that the node does not know.",
        "Register the node again: it gets the coordinator's present keys.",
    ),
    ErrorCode.GRANT_FOR_ANOTHER_NODE: ErrorSpec(
        403,
        "The grant is another node's.",
        "A message went to a node that the grant does not name.",
        "Start the run again; if it happens again, distrust whoever leads the run.",
    ),
    ErrorCode.GRANT_EXPIRED: ErrorSpec(
        403,
        "The grant's time is over.",
        "The run took longer than its rounds may take, or the node's clock is more than 60 s ahead.",
        "Look at the node's clock; start the run again for a new grant.",
    ),
    ErrorCode.GRANT_NOT_YET_VALID: ErrorSpec(
        403,
        "The grant is from the future.",
        "The node's clock is more than 60 s behind the coordinator's.",
        "Set the node's clock.",
    ),
    ErrorCode.GRANT_FOR_ANOTHER_BUNDLE: ErrorSpec(
        403,
        "The grant is for another bundle.",
        "The code that arrived is not the code that was granted.",
        "Start the run again; if it happens again, distrust whoever leads the run.",
    ),
    ErrorCode.GRANT_FOR_ANOTHER_TASK: ErrorSpec(
        403,
        "The grant is for another task.",
        "The message asks for another task than the contract names.",
        "Start the run again; if it happens again, distrust whoever leads the run.",
    ),
    ErrorCode.GRANT_ROUND_NOT_COVERED: ErrorSpec(
        403,
        "The grant does not cover this round.",
        "The run asks for more rounds than were granted.",
        "Start another run for the rounds that are left.",
    ),
    ErrorCode.GRANT_REPLAYED: ErrorSpec(
        403,
        "This round was trained under this grant before.",
        "A message was sent twice.",
        "Start another run: it gets new grants.",
    ),
    ErrorCode.POLICY_UNREADABLE: ErrorSpec(
        403,
        "The provider's policy cannot be read.",
        "The node's policy file is missing or says something that no policy says.",
        "The provider: correct the file; the error names the line.",
    ),
    ErrorCode.POLICY_TASK_REFUSED: ErrorSpec(
        403,
        "The provider does not train this task.",
        "Its own policy names the tasks that it trains.",
        "Match again without this provider, or ask it to allow the task.",
    ),
    ErrorCode.POLICY_MODEL_OWNER_REFUSED: ErrorSpec(
        403,
        "The provider does not train for this model owner.",
        "Its own policy names whom it trains for.",
        "Match again without this provider, or ask it to be let in.",
    ),
    ErrorCode.POLICY_PRICE_TOO_LOW: ErrorSpec(
        403,
        "The provider does not train for this price.",
        "Its own policy has a higher minimum than the contract's price per round.",
        "The provider: raise the offer's price to the policy's.",
    ),
    ErrorCode.POLICY_OUTSIDE_HOURS: ErrorSpec(
        403,
        "The provider does not train at this hour.",
        "Its own policy names the hours, in UTC.",
        "Start the run within them.",
    ),
    ErrorCode.POLICY_ROUNDS_PER_DAY_REACHED: ErrorSpec(
        403,
        "The provider has trained enough for today.",
        "Its own policy limits the rounds of a day (UTC), over all contracts.",
        "Start another run tomorrow.",
    ),
    ErrorCode.BUNDLE_NOT_ALLOWED: ErrorSpec(
        403,
        "The provider's executor does not run this bundle.",
        "The code is neither the provider's own copy of the app nor in its ALLOWED_BUNDLES.",
        "Bring both sides to the same version, or ask the provider to allow the bundle.",
    ),
    ErrorCode.DATA_UNUSABLE: ErrorSpec(
        409,
        "The node cannot use its data.",
        "The file is missing, damaged or empty; the error says which.",
        "The provider: repair the data; its fingerprint must stay the contract's.",
    ),
    ErrorCode.TASK_NOT_SUPPORTED: ErrorSpec(
        409,
        "The node's data does not serve this task.",
        "It has other features or labels than the task needs, or the node does not know the task.",
        "Match again with an offer of fitting data.",
    ),
    ErrorCode.INVALID_REPLY: ErrorSpec(
        409,
        "The node's answer is no update of the model.",
        "It has another shape or values that are not finite, or is no array at all.",
        "Look at the node's log; a round that is not delivered is not paid.",
    ),
    ErrorCode.UPDATE_OUT_OF_PROPORTION: ErrorSpec(
        409,
        "The node's update is far larger than those of the others.",
        "Its length is more than ten times the median of the round's, which would drown what everybody else trained.",
        "The provider: look for scales and outliers in the data, and at the node's log; a round that is not delivered is not paid.",
    ),
    ErrorCode.ROUND_DEADLINE_PASSED: ErrorSpec(
        409,
        "The node did not answer within the round's time.",
        "It is slow, gone, or its process is stuck.",
        "Look at the node's log; ROUND_TIMEOUT_S sets the time.",
    ),
    ErrorCode.CLIENT_APP_FAILED: ErrorSpec(
        409,
        "The node's training raised an error.",
        "The app has a bug, or the node lacks something that it needs; the error says what.",
        "Look at the node's log.",
    ),
    ErrorCode.CLIENT_APP_CRASHED: ErrorSpec(
        409,
        "The node's training process died.",
        "It was killed, or ran out of memory.",
        "Look at the node's log.",
    ),
}

CATALOGUE: Final[Mapping[ErrorCode, ErrorSpec]] = MappingProxyType(_SPECS)
