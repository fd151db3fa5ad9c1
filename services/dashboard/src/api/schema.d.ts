// Generated from docs/openapi.json by `python -m services.dashboard generate`. Do not edit.
export interface paths {
    "/.well-known/evidence-keys.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Evidence Keys
         * @description The public keys (a JWK set) with which evidence is checked, the present one first and those from before a rotation after it.
         *     Save them once: what was there must stay there.
         */
        get: operations["evidence_keys__well_known_evidence_keys_json_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Audit
         * @description Changes, newest first. `head_hash` is the hash of the newest record of all: keep it, and nobody can shorten the chain.
         */
        get: operations["list_audit_audit_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export
         * @description Every record, oldest first, a JSON object a line: all that is needed to verify the chain elsewhere.
         */
        get: operations["export_audit_export_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Errors
         * @description Every code that an answer can carry.
         */
        get: operations["list_errors_errors_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/errors/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Error
         * @description What a code means, what usually causes it, and what to do.
         */
        get: operations["get_error_errors__code__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Accounts
         * @description The account of a participant, or none where nothing has moved for it yet.
         */
        get: operations["list_accounts_escrow_accounts_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/accounts/{participant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Account
         * @description What a participant can spend, and what is held for its contracts.
         */
        get: operations["get_account_escrow_accounts__participant__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/accounts/{participant}/statement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Statement
         * @description Entries with the running balance, newest first; CSV by `format=csv` or `Accept: text/csv`.
         */
        get: operations["statement_escrow_accounts__participant__statement_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/contracts/{contract_id}/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Contract Ledger
         * @description What moved for a contract, entry by entry; each transfer adds up to zero.
         */
        get: operations["contract_ledger_escrow_contracts__contract_id__ledger_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/contracts/{contract_id}/settlement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show Settlement
         * @description What a release would pay now, or what was paid: each provider, the fee, and what goes back. Moves nothing.
         */
        get: operations["show_settlement_escrow_contracts__contract_id__settlement_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/deposits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deposit
         * @description Money from outside into a participant's account.
         */
        post: operations["deposit_escrow_deposits_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Holds
         * @description Holds, newest first.
         */
        get: operations["list_holds_escrow_holds_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Summary
         * @description Escrow and disputes in numbers.
         */
        get: operations["summary_escrow_summary_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/trial_balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Trial Balance
         * @description Every account; the sum is exactly 0, and what is locked is what is held.
         */
        get: operations["trial_balance_escrow_trial_balance_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/withdrawals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Withdrawals
         * @description Withdrawals, newest first.
         */
        get: operations["list_withdrawals_escrow_withdrawals_get"];
        put?: never;
        /**
         * Request Withdrawal
         * @description Asks for money to leave; it is out of reach until an operator confirms or rejects.
         */
        post: operations["request_withdrawal_escrow_withdrawals_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/escrow/withdrawals/{withdrawal_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * End Withdrawal
         * @description requested → confirmed (the money has left) or rejected (it is back).
         */
        patch: operations["end_withdrawal_escrow_withdrawals__withdrawal_id__patch"];
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health
         * @description `ok`, or `down` with the failing service and check. The loop needs every service.
         */
        get: operations["health_health_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alive
         * @description The process answers. Says nothing about what it depends on.
         */
        get: operations["alive_healthz_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identity/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Keys
         * @description Keys without their secrets, newest first: one's own, or everybody's for operators and reviewers.
         */
        get: operations["list_keys_identity_keys_get"];
        put?: never;
        /**
         * Make Key
         * @description A key for a participant, shown this once: an Idempotency-Key does not bring it back.
         *
         *     An operator makes keys for everybody, a participant more keys like its own.
         */
        post: operations["make_key_identity_keys_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identity/keys/{key_id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke Key
         * @description Ends a key at once: an operator any, a participant one of its own.
         */
        post: operations["revoke_key_identity_keys__key_id__revoke_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identity/participants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Participants
         * @description Everybody who has, or had, a key of their own, newest first.
         */
        get: operations["list_participants_identity_participants_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identity/participants/{participant}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke Participant
         * @description Locks a participant out with all of its keys.
         */
        post: operations["revoke_participant_identity_participants__participant__revoke_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Invites
         * @description Invitations without their codes, newest first.
         */
        get: operations["list_invites_join_invites_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/invites/{invite_id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke Invite
         * @description Lets nobody in by it any more; who came by it stays.
         */
        post: operations["revoke_invite_join_invites__invite_id__revoke_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register
         * @description Redeems an invitation for a participant and its key, which is shown this once. No key needed.
         */
        post: operations["register_join_register_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/registrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Registrations
         * @description Who came by an invitation, newest first.
         */
        get: operations["list_registrations_join_registrations_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/registrations/{registration_id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke Registration
         * @description Locks out whoever registered, with every key of the participant.
         */
        post: operations["revoke_registration_join_registrations__registration_id__revoke_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/request_invite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Request Invite
         * @description Asks to take part. No key needed; an operator decides and answers by e-mail.
         */
        post: operations["request_invite_join_request_invite_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Requests
         * @description Who would like to take part.
         */
        get: operations["list_requests_join_requests_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/requests/{request_id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve
         * @description Makes an invitation, whose code is shown this once. A `participant` that is named here gets the place and no other.
         */
        post: operations["approve_join_requests__request_id__approve_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/requests/{request_id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reject
         * @description Says no, and why.
         */
        post: operations["reject_join_requests__request_id__reject_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/contracts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Contracts
         * @description Contracts, newest first, each with its timeline.
         */
        get: operations["list_contracts_marketplace_contracts_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/contracts/{contract_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Contract
         * @description A contract with its timeline; with `wait_for` a bounded long poll that answers as things stand when the time is up.
         */
        get: operations["get_contract_marketplace_contracts__contract_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/contracts/{contract_id}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Decision
         * @description What decided the match: the chosen set, the best other one, the bound, and what choosing by score alone would have lost.
         */
        get: operations["get_decision_marketplace_contracts__contract_id__decision_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/contracts/{contract_id}/evidence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Contract Evidence
         * @description Policy, offers, decision, grants, replies, money and timeline of a contract, signed; `python -m shared.verify` checks it.
         */
        get: operations["contract_evidence_marketplace_contracts__contract_id__evidence_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/contracts/{contract_id}/replacements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace Providers
         * @description Puts the next best offers in the place of providers that dropped out, for the rounds that are left, within what is held.
         */
        post: operations["replace_providers_marketplace_contracts__contract_id__replacements_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/contracts/{contract_id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Timeline
         * @description What happened, in order; each entry's hash covers the one before.
         */
        get: operations["get_timeline_marketplace_contracts__contract_id__timeline_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/disputes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Disputes
         * @description Disputes, newest first.
         */
        get: operations["list_disputes_marketplace_disputes_get"];
        put?: never;
        /**
         * Open Dispute
         * @description Objects to a contract; what is still held stays where it is until the dispute ends.
         */
        post: operations["open_dispute_marketplace_disputes_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/disputes/{dispute_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Move Dispute
         * @description open → under_review → resolved or rejected; a resolution may share the money out.
         */
        patch: operations["move_dispute_marketplace_disputes__dispute_id__patch"];
        trace?: never;
    };
    "/marketplace/escrow/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refund
         * @description Gives the whole amount back to the model owner, once.
         */
        post: operations["refund_marketplace_escrow_refund_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/escrow/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release
         * @description Pays the providers by the rule that was agreed, or what `payouts` names, once, and returns the rest.
         */
        post: operations["release_marketplace_escrow_release_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/match": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Match
         * @description Binds the intent to the best offers that it can afford, and opens their contract.
         */
        post: operations["match_marketplace_match_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/offers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Offers
         * @description Offers, newest first unless `sort` says otherwise.
         */
        get: operations["list_offers_marketplace_offers_get"];
        put?: never;
        /**
         * Create Offer
         * @description Puts a dataset on the market. It is in the next match.
         */
        post: operations["create_offer_marketplace_offers_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/offers/{offer_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Offer */
        get: operations["get_offer_marketplace_offers__offer_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Patch Offer
         * @description Changes an offer; its version rises by one. Contracts keep the version they were made on.
         */
        patch: operations["patch_offer_marketplace_offers__offer_id__patch"];
        trace?: never;
    };
    "/marketplace/offers/{offer_id}/why_not": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Why Not
         * @description How often recent intents would choose the offer, and what it loses to: conditions, its price, or other offers.
         */
        get: operations["get_why_not_marketplace_offers__offer_id__why_not_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/policy/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview Draft
         * @description What a match would give now for an intent that is not written yet. Writes nothing.
         */
        post: operations["preview_draft_marketplace_policy_draft_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/policy/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview
         * @description What a match would give now, with other policy fields and without, and along the values of a field. Writes nothing; any
         *     status will do.
         */
        post: operations["preview_marketplace_policy_preview_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/round_intents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Intents
         * @description Round intents, newest first.
         */
        get: operations["list_intents_marketplace_round_intents_get"];
        put?: never;
        /**
         * Create Intent
         * @description Says what a model owner wants to buy, and how it is to be settled.
         */
        post: operations["create_intent_marketplace_round_intents_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/marketplace/round_intents/{round_intent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Intent */
        get: operations["get_intent_marketplace_round_intents__round_intent_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Patch Intent
         * @description Changes an open intent, or moves it: a client may cancel an open one and close a matched one.
         */
        patch: operations["patch_intent_marketplace_round_intents__round_intent_id__patch"];
        trace?: never;
    };
    "/marketplace/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Summary
         * @description The market in numbers.
         */
        get: operations["summary_marketplace_summary_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics
         * @description Prometheus' text format.
         */
        get: operations["metrics_metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics_summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics Summary
         * @description The exchange in numbers. What was not measured is null; `unavailable` says what could not be asked.
         */
        get: operations["metrics_summary_metrics_summary_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/dead_letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Dead Letters
         * @description Facts that a consumer gave up on, newest first; a service that is down is named in `unreachable`.
         */
        get: operations["dead_letters_ops_dead_letters_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/dead_letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay
         * @description Hands a dead letter to its handler again: all of it happens, or nothing.
         */
        post: operations["replay_ops_dead_letters_replay_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events
         * @description Server-sent events. `Last-Event-ID` goes on where a broken connection stopped; without it the feed starts now.
         */
        get: operations["events_ops_events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/events/recent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Recent
         * @description The newest operation events, newest first; to a participant those of the open market, of its contracts, and that name it.
         */
        get: operations["recent_ops_events_recent_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health
         * @description `ok`, or `down` with the failing service and check. The loop needs every service.
         */
        get: operations["health_ops_health_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ready
         * @description Whether the service can do its work: 503 with the failing check named when it cannot.
         */
        get: operations["ready_readyz_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Session
         * @description Whether the demonstration's personas are to be had from here, and who is signed in. No key needed.
         */
        get: operations["session_session_get"];
        put?: never;
        /**
         * Open Session
         * @description Takes a key (`Authorization: Bearer`) and gives a cookie that does the same in this browser, where no script can read it.
         *
         *     It ends after 12 hours (30 days with `keep`), with `DELETE /session`, or with its key. A change that comes with it must come from
         *     a page of this origin, or it is `csrf_refused`.
         */
        post: operations["open_session_session_post"];
        /**
         * End Session
         * @description Ends the session that the cookie holds, and takes the cookie back.
         */
        delete: operations["end_session_session_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/demo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Demo
         * @description The demonstration's personas with their keys, for browsers on this machine; `not_found` anywhere else.
         */
        get: operations["demo_session_demo_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Me
         * @description Whose key or session was sent.
         */
        get: operations["me_session_me_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health
         * @description `ok`, or `down` with the failing service and check. The loop needs every service.
         */
        get: operations["health_status_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/contracts/{contract_id}/evidence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Contract Evidence
         * @description What the coordinator adds to a contract's evidence: its runs, what each node was granted and what it answered.
         */
        get: operations["contract_evidence_training_contracts__contract_id__evidence_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Nodes
         * @description Registered provider nodes, what they measured of their data, and whether they are connected.
         */
        get: operations["list_nodes_training_nodes_get"];
        put?: never;
        /**
         * Register Node
         * @description Registers a node's key at the SuperLink and stores what the node measured. The same key gets the same id.
         */
        post: operations["register_node_training_nodes_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Runs
         * @description Runs, newest first, with their rounds.
         */
        get: operations["list_runs_training_runs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/runs/{run_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Run
         * @description A run with its rounds, and what each provider delivered and contributed.
         */
        get: operations["get_run_training_runs__run_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/runs/{run_id}/model": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Model
         * @description The trained model as a NumPy .npz; its SHA-256 is the ETag.
         */
        get: operations["get_model_training_runs__run_id__model_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/runs/{run_id}/model_card": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Model Card
         * @description What is known of the run's model: task, data, rounds, metrics, code, and the privacy budget that it has spent.
         */
        get: operations["get_model_card_training_runs__run_id__model_card_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/runs/{run_id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop Run
         * @description Stops a run; what was delivered until then counts.
         */
        post: operations["stop_run_training_runs__run_id__stop_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Training Status
         * @description What is being trained, what waits for it, and who is connected; `degraded` with reasons while the coordinator is away.
         */
        get: operations["training_status_training_status_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/superlink": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Superlink
         * @description Where a provider's node connects to, and the authority whose certificate it will be shown.
         */
        get: operations["get_superlink_training_superlink_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/training/trigger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Trigger
         * @description Binds a funded contract to a training run, which starts at once.
         */
        post: operations["trigger_training_trigger_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/trigger_fl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Trigger
         * @description Binds a funded contract to a training run, which starts at once.
         */
        post: operations["trigger_fl"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** Accepted */
        Accepted: {
            /** Run Id */
            run_id: string;
            /** Status */
            status: string;
        };
        /** AccountList */
        AccountList: {
            /** Accounts */
            accounts: components["schemas"]["AccountOut"][];
            /** Count */
            count: number;
        };
        /** AccountOut */
        AccountOut: {
            /**
             * Available
             * @description credits, at most 6 decimal places
             */
            available: number;
            /**
             * Currency
             * @default credits
             * @constant
             */
            currency: "credits";
            /**
             * Held
             * @description credits, at most 6 decimal places
             */
            held: number;
            /** Participant */
            participant: string;
        };
        /** AgreedOfferOut */
        AgreedOfferOut: {
            /**
             * Asked Price Per Round
             * @description what its seller asks, where it is paid by truthful pricing
             */
            asked_price_per_round?: number | null;
            /** Dataset Fingerprint */
            dataset_fingerprint: string;
            /**
             * Min Payout Share
             * @default 0
             */
            min_payout_share: number;
            /** Offer Id */
            offer_id: string;
            /** Offer Version */
            offer_version: number;
            /**
             * Price Per Round
             * @description credits, at most 6 decimal places
             */
            price_per_round: number;
            /** Quality Score */
            quality_score: number;
            /**
             * Retired
             * @description another took its place: it trains no more
             * @default false
             */
            retired: boolean;
            /**
             * Rounds
             * @description rounds that it owes, where not all of the contract's
             */
            rounds?: number | null;
            /** Sample Count */
            sample_count: number;
            /** Score */
            score: number;
            score_breakdown: components["schemas"]["ScoreOut"];
            /** Seller Node Id */
            seller_node_id: string;
        };
        /** ApproveIn */
        ApproveIn: {
            /**
             * Max Uses
             * @description how many may register by it
             * @default 1
             */
            max_uses: number;
            /**
             * Participant
             * @description whose place it is; default: whoever registers gets a new id of its own
             */
            participant?: string | null;
            /**
             * Valid For S
             * @description seconds
             * @default 604800
             */
            valid_for_s: number;
        };
        /** AuditList */
        AuditList: {
            /** Count */
            count: number;
            /** Head Hash */
            head_hash: string;
            /** Next Cursor */
            next_cursor: string | null;
            /** Records */
            records: components["schemas"]["AuditRecord"][];
        };
        /**
         * AuditRecord
         * @description A change that was made. `hash` covers the rest (see docs/security.md).
         */
        AuditRecord: {
            /** Actor */
            actor: string;
            /** Address */
            address: string;
            /** After Digest */
            after_digest: string;
            /** At */
            at: string;
            /** Before Digest */
            before_digest: string | null;
            /** Hash */
            hash: string;
            /** Key Id */
            key_id: string;
            /** Method */
            method: string;
            /** Path */
            path: string;
            /** Prev Hash */
            prev_hash: string;
            /** Request Digest */
            request_digest: string;
            /** Request Id */
            request_id: string;
            /** Role */
            role: string;
            /** Seq */
            seq: number;
            /** Status */
            status: number;
        };
        /** BalanceLine */
        BalanceLine: {
            /** Account Id */
            account_id: string;
            /**
             * Balance
             * @description credits, at most 6 decimal places
             */
            balance: number;
        };
        /** BoundContract */
        BoundContract: {
            /**
             * Agreed Price Per Round Total
             * @description credits, at most 6 decimal places
             */
            agreed_price_per_round_total: number;
            /** Contract Id */
            contract_id: string;
            /** Offer Count */
            offer_count: number;
            /** Round Id */
            round_id: string;
            /** Rounds */
            rounds: number;
            /** Sandbox */
            sandbox: boolean;
        };
        /**
         * BudgetOut
         * @description For the whole contract, in credits; null where there is no such thing.
         */
        BudgetOut: {
            /**
             * Best Unconstrained Set
             * @description price of the set that would be chosen without a budget
             */
            best_unconstrained_set?: number | null;
            /** Budget Total */
            budget_total: number | null;
            /** Cheapest Compatible */
            cheapest_compatible: number | null;
            /** Cheapest Feasible Set */
            cheapest_feasible_set: number | null;
            /** Chosen Set */
            chosen_set: number | null;
        };
        /**
         * BudgetSweep
         * @description Budgets to try in turn, in credits; 0 means no limit.
         */
        BudgetSweep: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            field: "budget_total";
            /** Values */
            values: number[];
        };
        /**
         * CardPrivacy
         * @description Spent by all rounds of the contract together: each model since the first gives something away.
         */
        CardPrivacy: {
            /** Clipping Norm */
            clipping_norm: number;
            /** Delta */
            delta: number;
            /** Epsilon */
            epsilon: number;
            /** Noise Multiplier */
            noise_multiplier: number;
            /** Rounds */
            rounds: number;
        };
        /**
         * CardProvider
         * @description A provider of the model, and the data that it was held to.
         */
        CardProvider: {
            /**
             * Contribution
             * @description Shapley value, summed over rounds: what of the model's gain is this provider's
             */
            contribution: number | null;
            /** Dataset Fingerprint */
            dataset_fingerprint: string;
            /**
             * Leave One Out
             * @description what the model lost each round without this provider's update, summed
             */
            leave_one_out?: number | null;
            /** Node Id */
            node_id: string;
            /** Offer Id */
            offer_id: string;
            /** Refusals */
            refusals: components["schemas"]["RefusalOut"][];
            /** Rounds Delivered */
            rounds_delivered: number;
            /** Seller Node Id */
            seller_node_id: string;
        };
        /**
         * CardRound
         * @description A round of the contract, whichever run it was trained in. What was not measured is null.
         */
        CardRound: {
            /** Accuracy */
            accuracy: number | null;
            /** Loss */
            loss: number | null;
            /** Providers Delivered */
            providers_delivered: number;
            /** Round */
            round: number;
            /** Run Id */
            run_id: string;
            /** Seconds */
            seconds: number | null;
        };
        /** Check */
        Check: {
            /**
             * Detail
             * @default
             */
            detail: string;
            /** Latency Ms */
            latency_ms: number;
            /** Ok */
            ok: boolean;
        };
        /** ClaimIn */
        ClaimIn: {
            /** Flower Run Id */
            flower_run_id: string;
        };
        /**
         * ContractEvidence
         * @description All runs of a contract, oldest first, with their grants.
         */
        ContractEvidence: {
            /** Contract Id */
            contract_id: string;
            /** Grant Keys */
            grant_keys: {
                [key: string]: unknown;
            } | null;
            /** Runs */
            runs: components["schemas"]["RunEvidence"][];
        };
        /** ContractLedger */
        ContractLedger: {
            /** Contract Id */
            contract_id: string;
            /** State */
            state: string;
            /** Transfers */
            transfers: components["schemas"]["LedgerTransfer"][];
        };
        /** ContractList */
        ContractList: {
            /** Contracts */
            contracts: components["schemas"]["ContractOut"][];
            /** Count */
            count: number;
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** ContractOut */
        ContractOut: {
            /**
             * Agreed Price Per Round Total
             * @description credits, at most 6 decimal places
             */
            agreed_price_per_round_total: number;
            /** Contract Id */
            contract_id: string;
            /** Created At */
            created_at: number;
            /** Deliveries */
            deliveries: components["schemas"]["DeliveryOut"][];
            differential_privacy: components["schemas"]["DifferentialPrivacy"] | null;
            /** Dispute Window S */
            dispute_window_s: number | null;
            /** Escrow Status */
            escrow_status: string;
            /**
             * Escrow Total
             * @description credits, at most 6 decimal places
             */
            escrow_total: number;
            /** Execution Run Id */
            execution_run_id: string | null;
            final_metrics: components["schemas"]["FinalMetrics"] | null;
            /** Label Schema */
            label_schema: string;
            /** Model Owner Id */
            model_owner_id: string;
            /** Offer Count */
            offer_count: number;
            /** Payout Status */
            payout_status: string;
            /** Payouts */
            payouts: components["schemas"]["PayoutOut"][];
            /** Returned */
            returned: number | null;
            /** Round Id */
            round_id: string;
            /** Round Intent Id */
            round_intent_id: string;
            /** Rounds */
            rounds: number;
            /** Sandbox */
            sandbox: boolean | null;
            /** Selected Offers */
            selected_offers: components["schemas"]["AgreedOfferOut"][];
            selection_diagnostics: components["schemas"]["Diagnostics"];
            /** Settled By */
            settled_by: ("delivery" | "contribution" | "decision") | null;
            /** Settlement */
            settlement: ("manual" | "auto") | null;
            /**
             * Settlement Rule
             * @enum {string}
             */
            settlement_rule: "delivery" | "contribution";
            /** Strategy */
            strategy: string;
            /** Task Type */
            task_type: string;
            /** Timeline */
            timeline: components["schemas"]["TimelineEvent"][];
            /** Updated At */
            updated_at: number;
        };
        /** ContractRef */
        ContractRef: {
            /** Contract Id */
            contract_id: string;
        };
        /** CurrentMetrics */
        CurrentMetrics: {
            /** Accuracy */
            accuracy: number | null;
            /** Loss */
            loss: number | null;
        };
        /** DeadLetter */
        DeadLetter: {
            /** Attempts */
            attempts: number;
            /** Consumer */
            consumer: string;
            /** Dead At */
            dead_at: number;
            /** Event */
            event: {
                [key: string]: unknown;
            };
            /** Event Id */
            event_id: string;
            /** Reason */
            reason: string;
            /** Service */
            service: string;
            /** Subject */
            subject: string;
        };
        /** DeadLetterList */
        DeadLetterList: {
            /** Count */
            count: number;
            /** Dead Letters */
            dead_letters: components["schemas"]["DeadLetter"][];
            /** Unreachable */
            unreachable: string[];
        };
        /**
         * DecidedBook
         * @description The offers that were there. The digest is of those that a best set could have needed.
         */
        DecidedBook: {
            /** Compatible Offers */
            compatible_offers: number;
            /** Considered Offers */
            considered_offers: number;
            /** Digest */
            digest: string;
            /** Offers Evaluated */
            offers_evaluated: number;
        };
        /**
         * DecidedSet
         * @description A set of offers; `total_price` is for all rounds. `proven`: no set of its kind is better.
         */
        DecidedSet: {
            /** Offer Ids */
            offer_ids: string[];
            /**
             * Proven
             * @default true
             */
            proven: boolean;
            /**
             * Total Price
             * @description credits, at most 6 decimal places
             */
            total_price: number;
            /** Total Score */
            total_score: number;
        };
        /**
         * DecisionOut
         * @description Why a contract has the offers that it has.
         */
        DecisionOut: {
            book: components["schemas"]["DecidedBook"];
            chosen: components["schemas"]["DecidedSet"];
            /**
             * Code
             * @description SHA-256 of the code that decided
             */
            code: string;
            /** Contract Id */
            contract_id: string;
            /** Decided At */
            decided_at: number;
            /** @description what taking the best scores first would have chosen; null where that finds none */
            greedy: components["schemas"]["DecidedSet"] | null;
            /**
             * Greedy Regret
             * @description score that it would have lost; below zero where truthful pricing gave up more
             */
            greedy_regret: number;
            /**
             * Hash
             * @description SHA-256 of the canonical JSON of `record`, as timelines are sealed
             */
            hash: string;
            /** Question Digest */
            question_digest: string;
            /**
             * Record
             * @description what the hash is of; scores in 10⁻⁹, amounts in micro-credits for one round
             */
            record: {
                [key: string]: unknown;
            };
            /** @description the best set that lacks a chosen offer; null where there is none */
            runner_up: components["schemas"]["DecidedSet"] | null;
            /**
             * Upper Bound
             * @description a score that no set can beat, even if offers could be divided
             */
            upper_bound: number;
        };
        /** DeliveryOut */
        DeliveryOut: {
            /** Contribution */
            contribution: number | null;
            /** Leave One Out */
            leave_one_out?: number | null;
            /** Offer Id */
            offer_id: string;
            /** Rounds Delivered */
            rounds_delivered: number;
            /** Seller Node Id */
            seller_node_id: string;
        };
        /** DemoSession */
        DemoSession: {
            /** Personas */
            personas: components["schemas"]["Persona"][];
        };
        /** DepositIn */
        DepositIn: {
            /**
             * Amount
             * @description credits
             */
            amount: number;
            /**
             * Note
             * @default
             */
            note: string;
            /**
             * Participant
             * @description whose account grows
             */
            participant: string;
        };
        /** DepositOut */
        DepositOut: {
            /**
             * Amount
             * @description credits, at most 6 decimal places
             */
            amount: number;
            /**
             * Available
             * @description credits, at most 6 decimal places
             */
            available: number;
            /**
             * Currency
             * @default credits
             * @constant
             */
            currency: "credits";
            /** Participant */
            participant: string;
            /** Transfer Id */
            transfer_id: string;
        };
        /**
         * Diagnostics
         * @description How a selection came about; matching may say more than is named here.
         */
        Diagnostics: {
            budget?: components["schemas"]["BudgetOut"] | null;
            /** Budget Rejected */
            budget_rejected: number;
            /** Compatible Offers */
            compatible_offers: number;
            /**
             * Near Misses
             * @default []
             */
            near_misses: components["schemas"]["NearMissOut"][];
            /**
             * Node Refusals
             * @description refusals that nodes of the offers named here, and of this intent's own contracts, gave in training
             * @default []
             */
            node_refusals: components["schemas"]["NodeRefusalOut"][];
            /**
             * Not Relaxable
             * @description reasons here that are the providers' policy: no change of the intent gets past them
             * @default []
             */
            not_relaxable: string[];
            /** Offers Evaluated */
            offers_evaluated: number;
            pricing?: components["schemas"]["PricingOut"] | null;
            /**
             * Rejected By Set
             * @default []
             */
            rejected_by_set: components["schemas"]["RejectedSet"][];
            /** Rejection Reasons */
            rejection_reasons: {
                [key: string]: number;
            };
            /**
             * Relaxations
             * @default []
             */
            relaxations: components["schemas"]["RelaxationOut"][];
            /**
             * Sentences
             * @description what each reason here means, for people
             * @default {}
             */
            sentences: {
                [key: string]: string;
            };
            /**
             * Top Ranked Offers
             * @default []
             */
            top_ranked_offers: components["schemas"]["RankedOut"][];
        } & {
            [key: string]: unknown;
        };
        /**
         * Difference
         * @description What the preview has more than the baseline; negative where it has less. A side that does not match counts as zero.
         */
        Difference: {
            /**
             * Agreed Price Per Round Total
             * @description credits, at most 6 decimal places
             */
            agreed_price_per_round_total: number;
            /** Compatible Offers */
            compatible_offers: number;
            /**
             * Offers Gained
             * @description ids of offers that only the preview chooses
             */
            offers_gained: string[];
            /**
             * Offers Lost
             * @description ids of offers that only the baseline chooses
             */
            offers_lost: string[];
            /**
             * Total Price
             * @description credits, at most 6 decimal places
             */
            total_price: number;
            /** Total Score */
            total_score: number;
        };
        /**
         * DifferentialPrivacy
         * @description Central differential privacy: updates are cut, and the mean gets Gaussian noise.
         */
        DifferentialPrivacy: {
            /**
             * Clipping Norm
             * @description greatest length (L2) of an update
             */
            clipping_norm: number;
            /**
             * Delta
             * @description the spent epsilon is told for this delta
             * @default 0.00001
             */
            delta: number;
            /**
             * Noise Multiplier
             * @description noise, as a multiple of what one provider can change
             */
            noise_multiplier: number;
        };
        /** DisputeIn */
        DisputeIn: {
            /** Contract Id */
            contract_id: string;
            /**
             * Reason
             * @description why
             */
            reason: string;
            /**
             * Reporter
             * @description who objects
             */
            reporter: string;
        };
        /** DisputeList */
        DisputeList: {
            /** Count */
            count: number;
            /** Disputes */
            disputes: components["schemas"]["DisputeOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** DisputeOut */
        DisputeOut: {
            /** Actor */
            actor: string;
            /** Contract Id */
            contract_id: string;
            /** Created At */
            created_at: number;
            /** Dispute Id */
            dispute_id: string;
            /** Overdue */
            overdue: boolean;
            /** Reason */
            reason: string;
            /** Reporter */
            reporter: string;
            /** Resolution Note */
            resolution_note: string;
            /** Status */
            status: string;
            /** Updated At */
            updated_at: number;
        };
        /** DisputePatch */
        DisputePatch: {
            /**
             * Actor
             * @default operator
             */
            actor: string;
            /**
             * Payouts
             * @description with `resolved`: shares out what is held; what is not named goes back to the model owner
             */
            payouts?: components["schemas"]["SplitPart"][] | null;
            /**
             * Resolution Note
             * @default
             */
            resolution_note: string;
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "under_review" | "resolved" | "rejected";
        };
        /**
         * DisputeStatus
         * @enum {string}
         */
        DisputeStatus: "open" | "under_review" | "resolved" | "rejected";
        /**
         * DraftIn
         * @description The policy of an intent that does not exist yet.
         */
        DraftIn: {
            /**
             * Attestation Required
             * @default false
             */
            attestation_required: boolean;
            /**
             * Budget Total
             * @default 0
             */
            budget_total: number;
            /** Excluded Sellers */
            excluded_sellers?: string[];
            /**
             * Label Schema
             * @default
             */
            label_schema: string;
            /**
             * Max Offers
             * @description at most this many offers in the contract
             * @default 3
             */
            max_offers: number;
            /**
             * Min Providers
             * @description at most this many offers in the contract
             * @default 1
             */
            min_providers: number;
            /**
             * Min Quality Score
             * @default 0
             */
            min_quality_score: number;
            /**
             * Min Sample Count
             * @default 0
             */
            min_sample_count: number;
            /**
             * One Offer Per Seller
             * @default false
             */
            one_offer_per_seller: boolean;
            /** Preferred Sellers */
            preferred_sellers?: string[];
            /**
             * Pricing
             * @default posted
             * @enum {string}
             */
            pricing: "posted" | "truthful";
            /**
             * Privacy Profile
             * @default
             */
            privacy_profile: string;
            /** Required Modalities */
            required_modalities?: string[];
            /**
             * Rounds
             * @default 1
             */
            rounds: number;
            /** Task Type */
            task_type: string;
        };
        /** DraftOut */
        DraftOut: {
            preview: components["schemas"]["PreviewPart"];
        };
        /** ErrorEntry */
        ErrorEntry: {
            /** Cause */
            cause: string;
            /** Code */
            code: string;
            /** Message */
            message: string;
            /** Remedy */
            remedy: string;
            /** Retryable */
            retryable: boolean;
            /** Status */
            status: number;
        };
        /** ErrorList */
        ErrorList: {
            /** Count */
            count: number;
            /** Errors */
            errors: components["schemas"]["ErrorEntry"][];
        };
        /** EventList */
        EventList: {
            /** Count */
            count: number;
            /** Events */
            events: components["schemas"]["OperationEvent"][];
        };
        /**
         * FinalMetrics
         * @description As the last run measured them; what was not measured is null.
         */
        FinalMetrics: {
            /** Accuracy */
            accuracy: number | null;
            /** Loss */
            loss: number | null;
            /** Model Sha256 */
            model_sha256: string | null;
            /** Rounds Completed */
            rounds_completed: number;
        };
        /** FinishIn */
        FinishIn: {
            /** Providers */
            providers?: components["schemas"]["ProviderReport"][];
            /**
             * Reason
             * @default
             */
            reason: string;
            /** Rounds Completed */
            rounds_completed: number;
            /** Succeeded */
            succeeded: boolean;
        };
        /** GovernanceNumbers */
        GovernanceNumbers: {
            /** Disputes Open */
            disputes_open: number;
            /** Disputes Total */
            disputes_total: number;
            /** Ledger Imbalance */
            ledger_imbalance: number;
            /** Open Holds */
            open_holds: number;
        };
        /**
         * GrantOut
         * @description What a node was granted: `token` is the signed word itself.
         */
        GrantOut: {
            /** Expires At */
            expires_at: number;
            /** Issued At */
            issued_at: number;
            /** Jti */
            jti: string;
            /** Node Id */
            node_id: string;
            /** Offer Id */
            offer_id: string;
            /** Token */
            token: string;
        };
        /** Health */
        Health: {
            /** As Of */
            as_of: number;
            links: components["schemas"]["Links"];
            /** Services */
            services: components["schemas"]["ServiceHealth"][];
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "down";
            /** Version */
            version: string;
        };
        /**
         * History
         * @description Points of Unix seconds and value, oldest first; null without a Prometheus.
         */
        History: {
            /** Series */
            series: {
                [key: string]: [
                    number,
                    number
                ][];
            };
            /** Step S */
            step_s: number;
            /** Window S */
            window_s: number;
        };
        /** HoldList */
        HoldList: {
            /** Count */
            count: number;
            /** Holds */
            holds: components["schemas"]["HoldOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** HoldOut */
        HoldOut: {
            /**
             * Amount
             * @description credits, at most 6 decimal places
             */
            amount: number;
            /** Contract Id */
            contract_id: string;
            /** Created At */
            created_at: number;
            /** Delivered */
            delivered: {
                [key: string]: number;
            };
            /** Expires At */
            expires_at: number;
            /** Hold Id */
            hold_id: string;
            /** Model Owner Id */
            model_owner_id: string;
            /** Resolved At */
            resolved_at: number | null;
            /** Settle At */
            settle_at: number | null;
            /** State */
            state: string;
        };
        /**
         * HoldState
         * @enum {string}
         */
        HoldState: "held" | "released" | "refunded" | "expired" | "refused";
        /**
         * IntentIn
         * @description What a model owner wants to buy.
         */
        IntentIn: {
            /**
             * Attestation Required
             * @description only offers whose attestation is verified
             * @default false
             */
            attestation_required: boolean;
            /**
             * Budget Total
             * @description credits for the whole contract, all rounds; 0 means no limit
             * @default 0
             */
            budget_total: number;
            /**
             * Deadline Ts
             * @description Unix seconds; default one hour from now
             */
            deadline_ts?: number | null;
            /** @description with fedavg and fedprox only */
            differential_privacy?: components["schemas"]["DifferentialPrivacy"] | null;
            /**
             * Dispute Window S
             * @description seconds that an automatic settlement waits for a dispute, may be 0; left out: as the escrow is set
             */
            dispute_window_s?: number | null;
            /**
             * Excluded Sellers
             * @description sellers that are not wanted
             */
            excluded_sellers?: string[];
            /**
             * Label Schema
             * @description label schema that an offer must have; empty means any
             * @default
             */
            label_schema: string;
            /**
             * Min Providers
             * @description at least this many offers in the contract, and providers in each round
             * @default 1
             */
            min_providers: number;
            /**
             * Min Quality Score
             * @description offers below this are not considered
             * @default 0
             */
            min_quality_score: number;
            /**
             * Min Sample Count
             * @description rows that an offer's dataset must have
             * @default 0
             */
            min_sample_count: number;
            /**
             * Model Owner Id
             * @description who buys
             */
            model_owner_id: string;
            /**
             * One Offer Per Seller
             * @description at most one offer of each seller in the contract
             * @default false
             */
            one_offer_per_seller: boolean;
            /**
             * Preferred Sellers
             * @description sellers that are chosen where it makes no difference to the score
             */
            preferred_sellers?: string[];
            /**
             * Pricing
             * @description posted: each offer is paid what it asks; truthful: a budget is auctioned off, one offer of each seller, so that no seller gains by asking for anything but what it wants
             * @default posted
             * @enum {string}
             */
            pricing: "posted" | "truthful";
            /**
             * Privacy Profile
             * @description privacy profile that an offer must have; empty means any
             * @default
             */
            privacy_profile: string;
            /**
             * Required Modalities
             * @description modalities that will do; empty means all
             */
            required_modalities?: string[];
            /**
             * Round Id
             * @description the buyer's own name for the round
             */
            round_id?: string | null;
            /**
             * Rounds
             * @description training rounds to buy
             * @default 1
             */
            rounds: number;
            /**
             * Settlement
             * @description manual: the escrow waits for a release; auto: a complete delivery is paid for by itself after the dispute window; left out: as the exchange is set, which is manual unless its operator says otherwise
             */
            settlement?: ("manual" | "auto") | null;
            /**
             * Settlement Rule
             * @description delivery: price × rounds delivered; contribution: half of that, and the other half by measured contribution
             * @default delivery
             * @enum {string}
             */
            settlement_rule: "delivery" | "contribution";
            /**
             * Strategy
             * @description how updates become the next model
             * @default fedavg
             * @enum {string}
             */
            strategy: "fedavg" | "fedprox" | "fedadam" | "trimmed_mean" | "krum";
            /**
             * Task Type
             * @description the task to train, for example classification
             */
            task_type: string;
        };
        /** IntentList */
        IntentList: {
            /** Count */
            count: number;
            /** Next Cursor */
            next_cursor: string | null;
            /** Round Intents */
            round_intents: components["schemas"]["IntentOut"][];
        };
        /** IntentOut */
        IntentOut: {
            /** Allowed Transitions */
            allowed_transitions: string[];
            /** Attestation Required */
            attestation_required: boolean;
            /**
             * Budget Total
             * @description credits, at most 6 decimal places
             */
            budget_total: number;
            /** Created At */
            created_at: number;
            /** Deadline Ts */
            deadline_ts: number;
            differential_privacy: components["schemas"]["DifferentialPrivacy"] | null;
            /** Dispute Window S */
            dispute_window_s: number | null;
            /** Excluded Sellers */
            excluded_sellers: string[];
            /** Label Schema */
            label_schema: string;
            /** Min Providers */
            min_providers: number;
            /** Min Quality Score */
            min_quality_score: number;
            /** Min Sample Count */
            min_sample_count: number;
            /** Model Owner Id */
            model_owner_id: string;
            /** One Offer Per Seller */
            one_offer_per_seller: boolean;
            /**
             * Preferred Sellers
             * @default []
             */
            preferred_sellers: string[];
            /**
             * Pricing
             * @default posted
             * @enum {string}
             */
            pricing: "posted" | "truthful";
            /** Privacy Profile */
            privacy_profile: string;
            /** Required Modalities */
            required_modalities: string[];
            /** Round Id */
            round_id: string;
            /** Round Intent Id */
            round_intent_id: string;
            /** Rounds */
            rounds: number;
            /** Settlement */
            settlement: ("manual" | "auto") | null;
            /**
             * Settlement Rule
             * @enum {string}
             */
            settlement_rule: "delivery" | "contribution";
            /** Status */
            status: string;
            /** Strategy */
            strategy: string;
            /** Task Type */
            task_type: string;
            /** Updated At */
            updated_at: number;
        };
        /** IntentPatch */
        IntentPatch: {
            /** Budget Total */
            budget_total?: number | null;
            /** Deadline Ts */
            deadline_ts?: number | null;
            /** Dispute Window S */
            dispute_window_s?: number | null;
            /** Min Quality Score */
            min_quality_score?: number | null;
            /** Settlement */
            settlement?: ("manual" | "auto") | null;
            /** Settlement Rule */
            settlement_rule?: ("delivery" | "contribution") | null;
            /** Status */
            status?: ("open" | "matched" | "closed" | "cancelled" | "expired") | null;
        };
        /**
         * IntentStatus
         * @enum {string}
         */
        IntentStatus: "open" | "matched" | "closed" | "cancelled" | "expired";
        /** InviteList */
        InviteList: {
            /** Count */
            count: number;
            /** Invites */
            invites: components["schemas"]["InviteOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** InviteOut */
        InviteOut: {
            /** Created At */
            created_at: number;
            /** Created By */
            created_by: string;
            /** Expires At */
            expires_at: number;
            /** Invite Id */
            invite_id: string;
            /** Max Uses */
            max_uses: number;
            /** Participant */
            participant: string | null;
            /** Request Id */
            request_id: string;
            /** Revoked At */
            revoked_at: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "provider" | "model_owner";
            /** Uses */
            uses: number;
        };
        /**
         * InviteRequestIn
         * @description Who would like to take part, and with what.
         */
        InviteRequestIn: {
            /**
             * Compute Type
             * @description what there is to train on: cpu, gpu, …
             */
            compute_type: string;
            /**
             * Contact Email
             * @description where the answer goes
             */
            contact_email: string;
            /**
             * Name
             * @description who is asking
             * @default
             */
            name: string;
            /**
             * Note
             * @description what an operator should know
             * @default
             */
            note: string;
            /**
             * Role
             * @description sells rounds on its data, or buys them
             * @default provider
             * @enum {string}
             */
            role: "provider" | "model_owner";
        };
        /** KeyIn */
        KeyIn: {
            /**
             * Expires In S
             * @description seconds until it ends by itself; default never
             */
            expires_in_s?: number | null;
            /**
             * Label
             * @description a line to know it again by
             * @default
             */
            label: string;
            /**
             * Participant
             * @description whose key; the name under which it sells or buys
             */
            participant: string;
            /**
             * Role
             * @enum {string}
             */
            role: "provider" | "model_owner" | "operator" | "reviewer";
        };
        /** KeyList */
        KeyList: {
            /** Count */
            count: number;
            /** Keys */
            keys: components["schemas"]["KeyOut"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /** KeyOut */
        KeyOut: {
            /** Created At */
            created_at: number;
            /** Created By */
            created_by: string;
            /** Expires At */
            expires_at: number | null;
            /** Key Id */
            key_id: string;
            /** Label */
            label: string;
            /**
             * Last Used At
             * @description within a minute
             */
            last_used_at: number | null;
            /** Participant */
            participant: string;
            /** Revoked At */
            revoked_at: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "provider" | "model_owner" | "operator" | "reviewer";
        };
        /**
         * LearningNumbers
         * @description `…_per_minute` need a Prometheus; null without.
         */
        LearningNumbers: {
            current_metrics: components["schemas"]["CurrentMetrics"];
            /** Nodes Online */
            nodes_online: number;
            /** Nodes Registered */
            nodes_registered: number;
            /** Pending Contracts */
            pending_contracts: number;
            round_seconds: components["schemas"]["Quantiles"];
            /** Rounds Per Minute */
            rounds_per_minute?: number | null;
            /** Rounds Total */
            rounds_total: number | null;
            /** Runs By Result */
            runs_by_result: {
                [key: string]: number;
            };
            /** Status */
            status: string;
        };
        /** LedgerEntry */
        LedgerEntry: {
            /** Account Id */
            account_id: string;
            /**
             * Amount
             * @description credits, at most 6 decimal places
             */
            amount: number;
        };
        /** LedgerTransfer */
        LedgerTransfer: {
            /** Actor */
            actor: string;
            /** At */
            at: number;
            /** Entries */
            entries: components["schemas"]["LedgerEntry"][];
            /** Kind */
            kind: string;
            /** Note */
            note: string;
            /** Transfer Id */
            transfer_id: string;
        };
        /** Links */
        Links: {
            /** Grafana */
            grafana: string | null;
        };
        /**
         * LostToCondition
         * @description Intents whose condition the offer fails; `alone` counts those where it is the only one.
         */
        LostToCondition: {
            /** Alone */
            alone: number;
            /** Intents */
            intents: number;
            /** Reason */
            reason: string;
        };
        /** MarketNumbers */
        MarketNumbers: {
            /** Contracts By Status */
            contracts_by_status: {
                [key: string]: number;
            };
            /** Contracts Total */
            contracts_total: number;
            /** Locked Escrow Total */
            locked_escrow_total: number;
            match_latency_seconds: components["schemas"]["Quantiles"];
            /** Match Rejections By Reason */
            match_rejections_by_reason: {
                [key: string]: number;
            };
            /** Match Requests By Result */
            match_requests_by_result: {
                [key: string]: number;
            };
            /** Match Success Ratio */
            match_success_ratio?: number | null;
            /** Matches Per Minute */
            matches_per_minute?: number | null;
            /** Offers Active */
            offers_active: number;
            /** Offers Total */
            offers_total: number;
            /** Open Intents */
            open_intents: number;
            /** Refunded Total */
            refunded_total: number;
            /** Released Payout Total */
            released_payout_total: number;
            /**
             * Unmet Demand By Reason
             * @description matches that found nothing, by what alone kept an offer out, since the marketplace's start
             * @default {}
             */
            unmet_demand_by_reason: {
                [key: string]: number;
            };
        };
        /** MatchIn */
        MatchIn: {
            /**
             * Max Offers
             * @description at most this many offers in the contract
             * @default 3
             */
            max_offers: number;
            /** Round Intent Id */
            round_intent_id: string;
        };
        /** Me */
        Me: {
            /** Key Id */
            key_id: string;
            /**
             * Participant
             * @description null for a role's bootstrap key, which nobody in particular holds
             */
            participant: string | null;
            role: components["schemas"]["Role"];
        };
        /**
         * Measurements
         * @description What the provider's node measured of the data itself.
         */
        Measurements: {
            /**
             * Duplicates
             * @description samples that are there more than once
             */
            duplicates: number;
            /**
             * Holdout Score
             * @description accuracy of a plain model on samples it has not seen; null where that means nothing
             */
            holdout_score?: number | null;
            /**
             * Label Histogram
             * @description samples of each label
             */
            label_histogram: {
                [key: string]: number;
            };
            /**
             * Missing Values
             * @description cells without a value; their samples are not sold
             */
            missing_values: number;
        };
        /** Metrics */
        Metrics: {
            /** Accuracy */
            accuracy: number | null;
            /** Loss */
            loss: number | null;
        };
        /**
         * MetricsSummary
         * @description A part whose service is down is null; `unavailable` says why. Current values come fresh from the services.
         *
         *     `source` says where rates, percentiles and histories come from: Prometheus (the last hour), or the services' own series as they
         *     are now (percentiles since the services' start, no rates, no history).
         */
        MetricsSummary: {
            /** As Of */
            as_of: number;
            federated_learning: components["schemas"]["LearningNumbers"] | null;
            governance: components["schemas"]["GovernanceNumbers"] | null;
            history?: components["schemas"]["History"] | null;
            marketplace: components["schemas"]["MarketNumbers"] | null;
            /** Operations */
            operations: {
                [key: string]: components["schemas"]["OperationNumbers"] | null;
            };
            /**
             * Source
             * @enum {string}
             */
            source: "scrape" | "prometheus";
            /** Unavailable */
            unavailable: {
                [key: string]: string;
            };
        };
        /**
         * ModelCard
         * @description What is known of a trained model: where it comes from, how good it is, and what it may give away.
         */
        ModelCard: {
            /** Accuracy */
            accuracy: number | null;
            /**
             * Bundle Sha256
             * @description the code that trained it
             */
            bundle_sha256: string | null;
            /** Contract Id */
            contract_id: string;
            differential_privacy: components["schemas"]["CardPrivacy"] | null;
            /** Label Schema */
            label_schema: string;
            /** Loss */
            loss: number | null;
            /**
             * Measured By
             * @description whose samples the metrics come from: nobody trained on them
             * @enum {string}
             */
            measured_by: "exchange" | "providers";
            /** Model Bytes */
            model_bytes: number;
            /** Model Owner Id */
            model_owner_id: string;
            /** Model Sha256 */
            model_sha256: string;
            /** Providers */
            providers: components["schemas"]["CardProvider"][];
            /** Resumed From */
            resumed_from: string | null;
            /** Rounds */
            rounds: components["schemas"]["CardRound"][];
            /** Run Id */
            run_id: string;
            /** Sandbox */
            sandbox: boolean;
            /** Strategy */
            strategy: string;
            /** Task Type */
            task_type: string;
            /** Trained At */
            trained_at: number | null;
        };
        /** ModelStored */
        ModelStored: {
            /** Run Id */
            run_id: string;
            /** Sha256 */
            sha256: string;
            /** Size */
            size: number;
        };
        /**
         * NearMissOut
         * @description An offer that fails one condition only, and by how much where that can be counted.
         */
        NearMissOut: {
            /** Gap */
            gap: number | null;
            /** Offer Id */
            offer_id: string;
            /** Price Per Round */
            price_per_round: number;
            /** Quality Score */
            quality_score: number;
            /** Reason */
            reason: string;
            score_breakdown: components["schemas"]["ScoreOut"];
            /** Seller Node Id */
            seller_node_id: string;
        };
        /** NewInviteOut */
        NewInviteOut: {
            /** Created At */
            created_at: number;
            /** Created By */
            created_by: string;
            /** Expires At */
            expires_at: number;
            /**
             * Invite
             * @description the code itself; it cannot be shown again
             */
            invite: string;
            /** Invite Id */
            invite_id: string;
            /** Max Uses */
            max_uses: number;
            /** Participant */
            participant: string | null;
            /** Request Id */
            request_id: string;
            /** Revoked At */
            revoked_at: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "provider" | "model_owner";
            /** Uses */
            uses: number;
        };
        /** NewKeyOut */
        NewKeyOut: {
            /** Created At */
            created_at: number;
            /** Created By */
            created_by: string;
            /** Expires At */
            expires_at: number | null;
            /**
             * Key
             * @description the key itself; it cannot be shown again
             */
            key: string;
            /** Key Id */
            key_id: string;
            /** Label */
            label: string;
            /**
             * Last Used At
             * @description within a minute
             */
            last_used_at: number | null;
            /** Participant */
            participant: string;
            /** Revoked At */
            revoked_at: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "provider" | "model_owner" | "operator" | "reviewer";
        };
        /**
         * NodeIn
         * @description What a provider's node says of itself: measured facts about its data.
         */
        NodeIn: {
            /** Dataset Fingerprint */
            dataset_fingerprint: string;
            /**
             * Duplicates
             * @description samples that are there more than once
             */
            duplicates?: number | null;
            /**
             * Holdout Score
             * @description accuracy of a plain model on samples it has not seen
             */
            holdout_score?: number | null;
            /** Label Histogram */
            label_histogram?: {
                [key: string]: number;
            };
            /**
             * Label Schema
             * @description what its columns and classes are called
             * @default
             */
            label_schema: string;
            /**
             * Missing Values
             * @description cells without a value
             */
            missing_values?: number | null;
            /**
             * Modality
             * @default tabular
             */
            modality: string;
            /** Name */
            name: string;
            /** Public Key */
            public_key: string;
            /** Sample Count */
            sample_count: number;
            /**
             * Sandbox
             * @default false
             */
            sandbox: boolean;
            /** Seller Node Id */
            seller_node_id: string;
            /** Tasks */
            tasks?: string[];
        };
        /** NodeList */
        NodeList: {
            /** Count */
            count: number;
            /** Nodes */
            nodes: components["schemas"]["NodeOut"][];
        };
        /** NodeOut */
        NodeOut: {
            /** Dataset Fingerprint */
            dataset_fingerprint: string;
            /** Duplicates */
            duplicates?: number | null;
            /** Holdout Score */
            holdout_score?: number | null;
            /** Label Histogram */
            label_histogram: {
                [key: string]: number;
            };
            /**
             * Label Schema
             * @default
             */
            label_schema: string;
            /** Missing Values */
            missing_values?: number | null;
            /** Modality */
            modality: string;
            /** Name */
            name: string;
            /** Node Id */
            node_id: string;
            /** Online */
            online: boolean;
            /** Sample Count */
            sample_count: number;
            /** Sandbox */
            sandbox: boolean;
            /** Seller Node Id */
            seller_node_id: string;
            /** Tasks */
            tasks: string[];
        };
        /**
         * NodeRefusalOut
         * @description What an offer's node refused to train lately, whoever had asked.
         */
        NodeRefusalOut: {
            /** Error Code */
            error_code: string;
            /** Last At */
            last_at: number;
            /** Message */
            message: string;
            /** Offer Id */
            offer_id: string;
            /**
             * Rounds
             * @description how many rounds it refused
             */
            rounds: number;
        };
        /**
         * OfferIn
         * @description A dataset on the market.
         */
        OfferIn: {
            /**
             * Allowed Tasks
             * @description tasks it may be used for; empty means all
             */
            allowed_tasks?: string[];
            /**
             * Attestation Status
             * @description whether somebody verified the data; verified raises trust
             * @default unknown
             * @enum {string}
             */
            attestation_status: "unknown" | "pending" | "verified" | "revoked";
            /**
             * Dataset Fingerprint
             * @description identifies the data, for example its SHA-256 as the node measured it
             */
            dataset_fingerprint: string;
            /**
             * Description
             * @description what is in the data
             * @default
             */
            description: string;
            /**
             * Expires At
             * @description Unix seconds; 0 means never
             * @default 0
             */
            expires_at: number;
            /**
             * Label Schema
             * @description what the labels mean
             * @default
             */
            label_schema: string;
            /** @description what the node measured; with a hold-out score it is the quality, too */
            measurements?: components["schemas"]["Measurements"] | null;
            /**
             * Min Payout Share
             * @description least share of the price for a delivered round, 0 to 1, where a contract pays by contribution
             * @default 0
             */
            min_payout_share: number;
            /**
             * Min Rounds
             * @description least number of rounds a contract must buy
             * @default 1
             */
            min_rounds: number;
            /**
             * Modality
             * @description tabular, image, text, …
             * @default tabular
             */
            modality: string;
            /**
             * Price Per Round
             * @description credits for one training round
             * @default 0
             */
            price_per_round: number;
            /**
             * Privacy Profile
             * @description how privacy is protected
             * @default
             */
            privacy_profile: string;
            /**
             * Quality Score
             * @description 0 (useless) to 1 (perfect)
             * @default 0.5
             */
            quality_score: number;
            /**
             * Sample Count
             * @description rows in the dataset
             * @default 0
             */
            sample_count: number;
            /**
             * Seller Node Id
             * @description who sells; the name under which the provider's node is known
             */
            seller_node_id: string;
            /**
             * Status
             * @default active
             * @enum {string}
             */
            status: "active" | "paused" | "withdrawn";
            /**
             * Title
             * @description a line for people
             * @default
             */
            title: string;
        };
        /** OfferList */
        OfferList: {
            /** Count */
            count: number;
            /** Next Cursor */
            next_cursor: string | null;
            /** Offers */
            offers: components["schemas"]["OfferOut"][];
        };
        /** OfferOut */
        OfferOut: {
            /** Allowed Tasks */
            allowed_tasks: string[];
            /** Attestation Status */
            attestation_status: string;
            /** Created At */
            created_at: number;
            /** Dataset Fingerprint */
            dataset_fingerprint: string;
            /** Description */
            description: string;
            /** Expires At */
            expires_at: number;
            /** Label Schema */
            label_schema: string;
            measurements: components["schemas"]["Measurements"] | null;
            /** Min Payout Share */
            min_payout_share: number;
            /** Min Rounds */
            min_rounds: number;
            /** Modality */
            modality: string;
            /** Offer Id */
            offer_id: string;
            /**
             * Price Per Round
             * @description credits, at most 6 decimal places
             */
            price_per_round: number;
            /** Privacy Profile */
            privacy_profile: string;
            /** Quality Score */
            quality_score: number;
            /**
             * Quality Source
             * @enum {string}
             */
            quality_source: "stated" | "measured";
            /** Sample Count */
            sample_count: number;
            /** Seller Node Id */
            seller_node_id: string;
            /** Status */
            status: string;
            /** Title */
            title: string;
            /** Updated At */
            updated_at: number;
            /** Version */
            version: number;
            /** Warnings */
            warnings: components["schemas"]["Warning_"][];
        };
        /**
         * OfferPatch
         * @description The fields to change; the others stay.
         */
        OfferPatch: {
            /** Allowed Tasks */
            allowed_tasks?: string[] | null;
            /** Attestation Status */
            attestation_status?: ("unknown" | "pending" | "verified" | "revoked") | null;
            /** Description */
            description?: string | null;
            /** Expires At */
            expires_at?: number | null;
            /** Label Schema */
            label_schema?: string | null;
            measurements?: components["schemas"]["Measurements"] | null;
            /** Min Payout Share */
            min_payout_share?: number | null;
            /** Min Rounds */
            min_rounds?: number | null;
            /** Modality */
            modality?: string | null;
            /** Price Per Round */
            price_per_round?: number | null;
            /** Privacy Profile */
            privacy_profile?: string | null;
            /** Quality Score */
            quality_score?: number | null;
            /** Sample Count */
            sample_count?: number | null;
            /** Status */
            status?: ("active" | "paused" | "withdrawn") | null;
            /** Title */
            title?: string | null;
        };
        /**
         * OperationEvent
         * @description A fact as operators read it.
         */
        OperationEvent: {
            /** At */
            at: string;
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /** Event Id */
            event_id: string;
            /** Id */
            id: number;
            /** Kind */
            kind: string;
            /** Message */
            message: string;
            /**
             * Severity
             * @enum {string}
             */
            severity: "info" | "warning" | "error";
            /** Ts */
            ts: number;
        };
        /** OperationNumbers */
        OperationNumbers: {
            /** Consumer Lag */
            consumer_lag: number | null;
            /** Dead Letters */
            dead_letters: number | null;
            /** Error Ratio */
            error_ratio?: number | null;
            /** Events Handled By Result */
            events_handled_by_result: {
                [key: string]: number;
            };
            /** Events Published Total */
            events_published_total: number | null;
            /** Http Requests Total */
            http_requests_total: number | null;
            /** Outbox Oldest Seconds */
            outbox_oldest_seconds: number | null;
            /** Request P95 Seconds */
            request_p95_seconds?: number | null;
            /** Requests Per Second */
            requests_per_second?: number | null;
        };
        /** ParticipantList */
        ParticipantList: {
            /** Count */
            count: number;
            /** Next Cursor */
            next_cursor: string | null;
            /** Participants */
            participants: components["schemas"]["ParticipantOut"][];
        };
        /** ParticipantOut */
        ParticipantOut: {
            /** Created At */
            created_at: number;
            /** Participant */
            participant: string;
            /** Revoked At */
            revoked_at: number | null;
        };
        /** PayoutOut */
        PayoutOut: {
            /**
             * Amount
             * @description credits, at most 6 decimal places
             */
            amount: number;
            /**
             * Base
             * @description for the delivery, before the fee, where it was settled by contribution
             */
            base?: number | null;
            /**
             * Bonus
             * @description for the contribution, before the fee
             */
            bonus?: number | null;
            /** Offer Id */
            offer_id: string;
            /** Rounds Agreed */
            rounds_agreed: number;
            /** Rounds Delivered */
            rounds_delivered: number | null;
            /** Seller Node Id */
            seller_node_id: string;
        };
        /** PendingContract */
        PendingContract: {
            /**
             * Agreed Price Per Round Total
             * @description credits, at most 6 decimal places
             */
            agreed_price_per_round_total: number;
            /** Contract Id */
            contract_id: string;
            /** Offer Count */
            offer_count: number;
            /** Round Id */
            round_id: string;
        };
        /** PendingSum */
        PendingSum: {
            /** Count */
            count: number;
            /**
             * Escrow Total
             * @description credits, at most 6 decimal places
             */
            escrow_total: number;
            /** Oldest Created At */
            oldest_created_at: number | null;
        };
        /** Persona */
        Persona: {
            /** Key */
            key: string;
            /** Participant */
            participant: string;
            role: components["schemas"]["Role"];
        };
        /**
         * PolicyOverrides
         * @description Policy fields to try in place of the intent's own.
         */
        PolicyOverrides: {
            /** Attestation Required */
            attestation_required?: boolean | null;
            /** Budget Total */
            budget_total?: number | null;
            /** Excluded Sellers */
            excluded_sellers?: string[] | null;
            /** Label Schema */
            label_schema?: string | null;
            /** Min Providers */
            min_providers?: number | null;
            /** Min Quality Score */
            min_quality_score?: number | null;
            /** Min Sample Count */
            min_sample_count?: number | null;
            /** One Offer Per Seller */
            one_offer_per_seller?: boolean | null;
            /** Preferred Sellers */
            preferred_sellers?: string[] | null;
            /** Pricing */
            pricing?: ("posted" | "truthful") | null;
            /** Privacy Profile */
            privacy_profile?: string | null;
            /** Required Modalities */
            required_modalities?: string[] | null;
            /** Rounds */
            rounds?: number | null;
            /** Task Type */
            task_type?: string | null;
        };
        /** PreviewIn */
        PreviewIn: {
            /**
             * Max Offers
             * @description at most this many offers in the contract
             * @default 3
             */
            max_offers: number;
            policy_overrides?: components["schemas"]["PolicyOverrides"];
            /** Round Intent Id */
            round_intent_id: string;
            /**
             * Sweep
             * @description values of one field to try beside the overrides
             */
            sweep?: (components["schemas"]["BudgetSweep"] | components["schemas"]["QualitySweep"]) | null;
        };
        /** PreviewOut */
        PreviewOut: {
            baseline: components["schemas"]["PreviewPart"];
            difference: components["schemas"]["Difference"];
            preview: components["schemas"]["PreviewPart"];
            sweep: components["schemas"]["SweepOut"] | null;
        };
        /** PreviewPart */
        PreviewPart: {
            /**
             * Agreed Price Per Round Total
             * @description credits, at most 6 decimal places
             */
            agreed_price_per_round_total: number;
            /** Has Match */
            has_match: boolean;
            /** Selected Offers */
            selected_offers: components["schemas"]["SelectedOut"][];
            selection_diagnostics: components["schemas"]["Diagnostics"];
        };
        /**
         * PricePoint
         * @description At this price it would have been chosen `chosen` times.
         */
        PricePoint: {
            /** Chosen */
            chosen: number;
            /**
             * Price Per Round
             * @description credits, at most 6 decimal places
             */
            price_per_round: number;
        };
        /**
         * PricingOut
         * @description What truthful pricing costs against the exact choice at posted prices; amounts for the whole contract, in credits.
         */
        PricingOut: {
            /** Mode */
            mode: string;
            /** Paid Above Asked */
            paid_above_asked: number;
            /** Posted Offers */
            posted_offers: string[];
            /** Posted Proven */
            posted_proven: boolean;
            /** Posted Score */
            posted_score: number;
            /** Posted Total Price */
            posted_total_price: number;
            /**
             * Score Lost
             * @description score that the choice at posted prices would have more
             */
            score_lost: number;
            /** Total Asked */
            total_asked: number;
        };
        /**
         * Problem
         * @description RFC 9457 problem document; `code` is stable, see GET /errors
         */
        Problem: {
            code: string;
            details: {
                [key: string]: unknown;
            };
            instance: string;
            message: string;
            request_id: string;
            status: number;
            title: string;
            type: string;
        };
        /**
         * ProviderOut
         * @description What one provider delivered over the run so far.
         */
        ProviderOut: {
            /**
             * Contribution
             * @description Shapley value, summed over rounds: what of the model's gain is this provider's
             */
            contribution: number | null;
            /**
             * Leave One Out
             * @description what the model lost each round without this provider's update, summed
             */
            leave_one_out?: number | null;
            /** Node Id */
            node_id: string;
            /** Offer Id */
            offer_id: string;
            /** Refusals */
            refusals: components["schemas"]["RefusalOut"][];
            /** Rounds Delivered */
            rounds_delivered: number;
            /** Seller Node Id */
            seller_node_id: string;
        };
        /** ProviderReport */
        ProviderReport: {
            /** Contribution */
            contribution?: number | null;
            /** Error */
            error?: string | null;
            /** Error Code */
            error_code?: string | null;
            /** Leave One Out */
            leave_one_out?: number | null;
            /** Node Id */
            node_id: string;
            /** Num Examples */
            num_examples?: number | null;
            /** Offer Id */
            offer_id: string;
            /** Ok */
            ok: boolean;
            /** Reply Sha256 */
            reply_sha256?: string | null;
            /** Seller Node Id */
            seller_node_id: string;
        };
        /**
         * QualitySweep
         * @description Quality floors to try in turn.
         */
        QualitySweep: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            field: "min_quality_score";
            /** Values */
            values: number[];
        };
        /**
         * Quantiles
         * @description Seconds; null without an observation.
         */
        Quantiles: {
            /** P50 */
            p50: number | null;
            /** P95 */
            p95: number | null;
        };
        /**
         * RankedOut
         * @description An offer with its score, as matching ranked it.
         */
        RankedOut: {
            /** Offer Id */
            offer_id: string;
            /** Price Per Round */
            price_per_round: number;
            /** Quality Score */
            quality_score: number;
            score_breakdown: components["schemas"]["ScoreOut"];
            /** Seller Node Id */
            seller_node_id: string;
        };
        /** RefundOut */
        RefundOut: {
            /**
             * Amount
             * @description credits, at most 6 decimal places
             */
            amount: number;
            /** Contract Id */
            contract_id: string;
            /**
             * Escrow Status
             * @default refunded
             * @constant
             */
            escrow_status: "refunded";
            /**
             * Payout Status
             * @default refunded
             * @constant
             */
            payout_status: "refunded";
        };
        /**
         * RefusalOut
         * @description A round that a provider did not deliver, and why: `error_code` is one of the catalogue, or Flower's own.
         */
        RefusalOut: {
            /** Error */
            error: string;
            /** Error Code */
            error_code: string;
            /** Round */
            round: number;
        };
        /** RegisterIn */
        RegisterIn: {
            /**
             * Invite
             * @description the code that an operator has sent
             */
            invite: string;
            /**
             * Name
             * @description becomes part of the participant's id
             */
            name: string;
            /**
             * Public Key
             * @description the node's ECDSA P-384 public key as an OpenSSH line, where there is a node already
             * @default
             */
            public_key: string;
        };
        /** RegisteredOut */
        RegisteredOut: {
            /** Created At */
            created_at: number;
            /** Invite Id */
            invite_id: string;
            /**
             * Key
             * @description the key itself; it cannot be shown again
             */
            key: string;
            /** Key Id */
            key_id: string;
            /** Participant */
            participant: string;
            /** Public Key */
            public_key: string;
            /** Registration Id */
            registration_id: string;
            /** Revoked At */
            revoked_at: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "provider" | "model_owner";
        };
        /** RegistrationList */
        RegistrationList: {
            /** Count */
            count: number;
            /** Next Cursor */
            next_cursor: string | null;
            /** Registrations */
            registrations: components["schemas"]["RegistrationOut"][];
        };
        /** RegistrationOut */
        RegistrationOut: {
            /** Created At */
            created_at: number;
            /** Invite Id */
            invite_id: string;
            /** Key Id */
            key_id: string;
            /** Participant */
            participant: string;
            /** Public Key */
            public_key: string;
            /** Registration Id */
            registration_id: string;
            /** Revoked At */
            revoked_at: number | null;
        };
        /** RejectIn */
        RejectIn: {
            /** Reason */
            reason: string;
        };
        /**
         * RejectedSet
         * @description Offers that fail exactly these conditions.
         */
        RejectedSet: {
            /** Count */
            count: number;
            /** Reasons */
            reasons: string[];
        };
        /**
         * RelaxationOut
         * @description A change of the policy that was tried and matches.
         */
        RelaxationOut: {
            /** Changes */
            changes: {
                [key: string]: unknown;
            };
            /** Field */
            field: string;
            /** From */
            from?: unknown;
            /** Offers */
            offers: number;
            /** To */
            to: unknown;
            /** Total Price */
            total_price: number;
            /** Total Score */
            total_score: number;
        };
        /** ReleaseIn */
        ReleaseIn: {
            /** Contract Id */
            contract_id: string;
            /**
             * Payouts
             * @description releases in part, for a model owner or an operator: what is not named goes back to the model owner
             */
            payouts?: components["schemas"]["ReleasePart"][] | null;
        };
        /** ReleaseOut */
        ReleaseOut: {
            /** Contract Id */
            contract_id: string;
            /** Early */
            early: boolean;
            /**
             * Escrow Status
             * @default released
             * @constant
             */
            escrow_status: "released";
            /**
             * Fallback
             * @description why it is not the rule that was agreed; empty where it is
             * @default
             */
            fallback: string;
            /**
             * Fee
             * @description credits, at most 6 decimal places
             */
            fee: number;
            /**
             * Payout Status
             * @default released
             * @constant
             */
            payout_status: "released";
            /** Payouts */
            payouts: components["schemas"]["PayoutOut"][];
            /**
             * Returned
             * @description credits, at most 6 decimal places
             */
            returned: number;
            /**
             * Settled By
             * @description the rule that shared the money out; decision: somebody named the amounts
             * @enum {string}
             */
            settled_by: "delivery" | "contribution" | "decision";
        };
        /** ReleasePart */
        ReleasePart: {
            /**
             * Amount
             * @description credits for the offer's provider, before the fee; left out: what the agreed rule would pay it now
             */
            amount?: number | null;
            /** Offer Id */
            offer_id: string;
        };
        /** ReplaceIn */
        ReplaceIn: {
            /**
             * Offer Ids
             * @description which of the contract's offers go; left out, those that failed in its last run
             * @default []
             */
            offer_ids: string[];
        };
        /** ReplayIn */
        ReplayIn: {
            /** Consumer */
            consumer: string;
            /** Event Id */
            event_id: string;
            service: components["schemas"]["Upstream"];
        };
        /** Replayed */
        Replayed: {
            /** Consumer */
            consumer: string;
            /** Event Id */
            event_id: string;
            /**
             * Status
             * @constant
             */
            status: "replayed";
        };
        /** RequestList */
        RequestList: {
            /** Count */
            count: number;
            /** Next Cursor */
            next_cursor: string | null;
            /** Requests */
            requests: components["schemas"]["RequestOut"][];
        };
        /** RequestOut */
        RequestOut: {
            /** Compute Type */
            compute_type: string;
            /** Contact Email */
            contact_email: string;
            /** Created At */
            created_at: number;
            /** Decided At */
            decided_at: number | null;
            /** Decided By */
            decided_by: string | null;
            /** Name */
            name: string;
            /** Note */
            note: string;
            /** Reason */
            reason: string;
            /** Request Id */
            request_id: string;
            /**
             * Role
             * @enum {string}
             */
            role: "provider" | "model_owner";
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "approved" | "rejected";
        };
        /** RequestedOut */
        RequestedOut: {
            /** Request Id */
            request_id: string;
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "approved" | "rejected";
        };
        /**
         * Role
         * @enum {string}
         */
        Role: "provider" | "model_owner" | "operator" | "reviewer" | "service";
        /**
         * RoundIn
         * @description One round as the ServerApp measured it; what it did not measure is null.
         */
        RoundIn: {
            /** Accuracy */
            accuracy?: number | null;
            /** Contribution Method */
            contribution_method?: ("shapley" | "gtg_shapley") | null;
            /** Loss */
            loss?: number | null;
            /** Providers */
            providers?: components["schemas"]["ProviderReport"][];
            /** Round */
            round: number;
            /** Seconds */
            seconds?: number | null;
        };
        /** RoundOut */
        RoundOut: {
            /** Accuracy */
            accuracy: number | null;
            /**
             * Contribution Method
             * @description over all groups of providers, or over sampled orders of them; null where nothing was measured
             */
            contribution_method?: ("shapley" | "gtg_shapley") | null;
            /** Loss */
            loss: number | null;
            /** Providers */
            providers: {
                [key: string]: unknown;
            }[];
            /** Reported At */
            reported_at: number;
            /** Round */
            round: number;
            /** Seconds */
            seconds: number | null;
        };
        /** RunEvidence */
        RunEvidence: {
            /** Accuracy */
            accuracy: number | null;
            /** Contract Id */
            contract_id: string;
            /** Created At */
            created_at: number;
            /** Finished At */
            finished_at: number | null;
            /** Flower Run Id */
            flower_run_id: string | null;
            /** Grants */
            grants: components["schemas"]["GrantOut"][];
            /** Loss */
            loss: number | null;
            /** Model Sha256 */
            model_sha256: string | null;
            /** Providers */
            providers: components["schemas"]["ProviderOut"][];
            /** Reason */
            reason: string;
            /** Resumed From */
            resumed_from: string | null;
            /** Round Id */
            round_id: string;
            /** Rounds */
            rounds: number;
            /** Rounds Completed */
            rounds_completed: number;
            /** Rounds Detail */
            rounds_detail: components["schemas"]["RoundOut"][];
            /** Run Id */
            run_id: string;
            /** Sandbox */
            sandbox: boolean;
            /** Started At */
            started_at: number | null;
            /** State */
            state: string;
            /** Strategy */
            strategy: string;
            untrained: components["schemas"]["RoundOut"] | null;
        };
        /** RunList */
        RunList: {
            /** Count */
            count: number;
            /** Next Cursor */
            next_cursor: string | null;
            /** Runs */
            runs: components["schemas"]["RunOut"][];
        };
        /** RunOut */
        RunOut: {
            /** Accuracy */
            accuracy: number | null;
            /** Contract Id */
            contract_id: string;
            /** Created At */
            created_at: number;
            /** Finished At */
            finished_at: number | null;
            /** Flower Run Id */
            flower_run_id: string | null;
            /** Loss */
            loss: number | null;
            /** Model Sha256 */
            model_sha256: string | null;
            /** Providers */
            providers: components["schemas"]["ProviderOut"][];
            /** Reason */
            reason: string;
            /** Resumed From */
            resumed_from: string | null;
            /** Round Id */
            round_id: string;
            /** Rounds */
            rounds: number;
            /** Rounds Completed */
            rounds_completed: number;
            /** Rounds Detail */
            rounds_detail: components["schemas"]["RoundOut"][];
            /** Run Id */
            run_id: string;
            /** Sandbox */
            sandbox: boolean;
            /** Started At */
            started_at: number | null;
            /** State */
            state: string;
            /** Strategy */
            strategy: string;
            untrained: components["schemas"]["RoundOut"] | null;
        };
        /** ScoreOut */
        ScoreOut: {
            /** Cost Component */
            cost_component: number;
            /** Quality Component */
            quality_component: number;
            /** Total */
            total: number;
            /** Trust Component */
            trust_component: number;
        };
        /** SelectedOut */
        SelectedOut: {
            /**
             * Asked Price Per Round
             * @description what its seller asks, where it is paid by truthful pricing
             */
            asked_price_per_round?: number | null;
            /** Dataset Fingerprint */
            dataset_fingerprint: string;
            /** Offer Id */
            offer_id: string;
            /** Offer Version */
            offer_version: number;
            /**
             * Price Per Round
             * @description credits, at most 6 decimal places
             */
            price_per_round: number;
            /** Quality Score */
            quality_score: number;
            /** Sample Count */
            sample_count: number;
            /** Score */
            score: number;
            score_breakdown: components["schemas"]["ScoreOut"];
            /** Seller Node Id */
            seller_node_id: string;
        };
        /** ServiceHealth */
        ServiceHealth: {
            /** Checks */
            checks: {
                [key: string]: components["schemas"]["Check"];
            } | null;
            /** Latency Ms */
            latency_ms: number;
            /** Name */
            name: string;
            /** Reason */
            reason: string | null;
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "down";
        };
        /** Session */
        Session: {
            /** Demo */
            demo: boolean;
            /** @description who is signed in, or whose key was sent; null for nobody */
            me: components["schemas"]["Me"] | null;
            /**
             * Oidc
             * @description whether a browser can sign in with an identity provider, at /session/oidc/start
             */
            oidc: boolean;
        };
        /** SessionIn */
        SessionIn: {
            /**
             * Keep
             * @description whether it outlasts the browser's closing: 30 days
             * @default false
             */
            keep: boolean;
        };
        /**
         * SettlementOut
         * @description What a release would pay now, while the state is held; afterwards what was paid.
         */
        SettlementOut: {
            /**
             * Amount
             * @description what is held, or was
             */
            amount: number;
            /** Contract Id */
            contract_id: string;
            /**
             * Early
             * @description training has not ended once: every provider would be paid in full
             */
            early: boolean;
            /** Expires At */
            expires_at: number;
            /** Fallback */
            fallback: string;
            /**
             * Fee
             * @description credits, at most 6 decimal places
             */
            fee: number;
            /** Payouts */
            payouts: components["schemas"]["PayoutOut"][];
            /**
             * Refused With
             * @description the code with which a release by you would be refused; null where it would not
             */
            refused_with: string | null;
            /**
             * Returned
             * @description credits, at most 6 decimal places
             */
            returned: number;
            /**
             * Settle At
             * @description Unix seconds; when it is settled by itself, where that is certain
             */
            settle_at: number | null;
            /** Settled By */
            settled_by: ("delivery" | "contribution" | "decision") | null;
            /**
             * State
             * @enum {string}
             */
            state: "held" | "released" | "refunded" | "expired" | "refused";
        };
        /** SplitPart */
        SplitPart: {
            /**
             * Amount
             * @description credits for the offer's provider, before the fee
             */
            amount: number;
            /** Offer Id */
            offer_id: string;
        };
        /** StatementLine */
        StatementLine: {
            /** Actor */
            actor: string;
            /**
             * Amount
             * @description credits, at most 6 decimal places
             */
            amount: number;
            /** At */
            at: number;
            /**
             * Balance After
             * @description credits, at most 6 decimal places
             */
            balance_after: number;
            /**
             * Balance Before
             * @description credits, at most 6 decimal places
             */
            balance_before: number;
            /** Contract Id */
            contract_id: string | null;
            /** Kind */
            kind: string;
            /** Note */
            note: string;
            /** Transfer Id */
            transfer_id: string;
        };
        /** StatementOut */
        StatementOut: {
            /** Count */
            count: number;
            /** Entries */
            entries: components["schemas"]["StatementLine"][];
            /** Next Cursor */
            next_cursor: string | null;
            /** Participant */
            participant: string;
        };
        /** StatusOut */
        StatusOut: {
            /** Active */
            active: boolean;
            current_metrics: components["schemas"]["Metrics"];
            current_run: components["schemas"]["RunOut"] | null;
            /** Last Started At */
            last_started_at: number | null;
            marketplace_pending_contract: components["schemas"]["PendingContract"] | null;
            marketplace_pending_contracts: components["schemas"]["PendingSum"];
            /** Nodes */
            nodes: components["schemas"]["NodeOut"][];
            /** Reasons */
            reasons: string[];
            /** Remaining Rounds */
            remaining_rounds: number | null;
            /** Round */
            round: number | null;
            /**
             * Status
             * @enum {string}
             */
            status: "idle" | "training" | "degraded";
            /** Target Rounds */
            target_rounds: number | null;
        };
        /**
         * SummaryOut
         * @description Escrow and governance in numbers.
         */
        SummaryOut: {
            /** Disputes Open */
            disputes_open: number;
            /** Disputes Total */
            disputes_total: number;
            /**
             * Ledger Imbalance
             * @description credits, at most 6 decimal places
             */
            ledger_imbalance: number;
            /**
             * Locked
             * @description credits, at most 6 decimal places
             */
            locked: number;
            /** Open Holds */
            open_holds: number;
            /**
             * Refunded
             * @description credits, at most 6 decimal places
             */
            refunded: number;
            /**
             * Released
             * @description credits, at most 6 decimal places
             */
            released: number;
        };
        /** SuperLinkOut */
        SuperLinkOut: {
            /**
             * Address
             * @description host:port
             */
            address: string;
            /**
             * Ca Certificate
             * @description PEM; public
             */
            ca_certificate: string;
        };
        /** SweepOut */
        SweepOut: {
            /** Field */
            field: string;
            /** Points */
            points: components["schemas"]["SweepPointOut"][];
        };
        /**
         * SweepPointOut
         * @description What one value of the field would give.
         */
        SweepPointOut: {
            /** Compatible Offers */
            compatible_offers: number;
            /** Has Match */
            has_match: boolean;
            /** Offers */
            offers: number;
            /**
             * Optimal
             * @description whether it is proven that no set is better
             */
            optimal: boolean;
            /**
             * Total Price
             * @description for all rounds; null without a match
             */
            total_price: number | null;
            /** Total Score */
            total_score: number | null;
            /**
             * Value
             * @description as asked: credits for a budget
             */
            value: number;
        };
        /** TimelineEvent */
        TimelineEvent: {
            /** Actor */
            actor: string;
            /** At */
            at: string;
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /** Event */
            event: string;
            /** Hash */
            hash: string;
            /** Prev Hash */
            prev_hash: string;
            /** Seq */
            seq: number;
            /** Ts */
            ts: number;
        };
        /** TimelineOut */
        TimelineOut: {
            /** Contract Id */
            contract_id: string;
            /** Events */
            events: components["schemas"]["TimelineEvent"][];
            /** Head Hash */
            head_hash: string;
        };
        /** TrialBalanceOut */
        TrialBalanceOut: {
            /** Accounts */
            accounts: components["schemas"]["BalanceLine"][];
            /**
             * Held
             * @description credits, at most 6 decimal places
             */
            held: number;
            /**
             * Locked
             * @description credits, at most 6 decimal places
             */
            locked: number;
            /**
             * Sum
             * @description credits, at most 6 decimal places
             */
            sum: number;
        };
        /** TriggerIn */
        TriggerIn: {
            /**
             * Contract Id
             * @description default: the funded contract that was locked first
             */
            contract_id?: string | null;
            /**
             * Rounds
             * @description default: all rounds of the contract
             */
            rounds?: number | null;
        };
        /** TriggerOut */
        TriggerOut: {
            marketplace_contract: components["schemas"]["BoundContract"];
            /** Run Id */
            run_id: string;
            /**
             * Status
             * @default accepted
             * @constant
             */
            status: "accepted";
        };
        /**
         * Upstream
         * @description The services behind the gateway.
         * @enum {string}
         */
        Upstream: "marketplace" | "matching" | "escrow" | "training_coordinator";
        /** Warning_ */
        Warning_: {
            /** Code */
            code: string;
            /** Message */
            message: string;
        };
        /**
         * WhyNotOut
         * @description How an offer fares against the intents of the recent past, asked again of the offers of now.
         *
         *     `compatible` = `chosen` + `lost_to_price` + `lost_to_others` + `withheld`.
         */
        WhyNotOut: {
            /**
             * Chosen
             * @description how often it would be chosen at its price now
             */
            chosen: number;
            /**
             * Compatible
             * @description of these, how many the offer suits, its price aside
             */
            compatible: number;
            /**
             * Contracted
             * @description of these, how many became a contract with this offer
             */
            contracted: number;
            /**
             * Intents
             * @description intents that were asked again: the newest ones of the window, at most 100
             */
            intents: number;
            /** Lost To Conditions */
            lost_to_conditions: components["schemas"]["LostToCondition"][];
            /**
             * Lost To Others
             * @description how often no price would
             */
            lost_to_others: number;
            /**
             * Lost To Price
             * @description how often a lower price of the curve would have it chosen
             */
            lost_to_price: number;
            /** Offer Id */
            offer_id: string;
            /**
             * Prices
             * @description out of `compatible` less `withheld`, each found by asking again
             */
            prices: components["schemas"]["PricePoint"][];
            /** Window S */
            window_s: number;
            /**
             * Withheld
             * @description compatible ones of which nothing more is told: only one or two other sellers suit them
             */
            withheld: number;
        };
        /** WithdrawalIn */
        WithdrawalIn: {
            /**
             * Amount
             * @description credits
             */
            amount: number;
            /**
             * Note
             * @description for example where it is to go
             * @default
             */
            note: string;
            /**
             * Participant
             * @description whose money is to leave
             */
            participant: string;
        };
        /** WithdrawalList */
        WithdrawalList: {
            /** Count */
            count: number;
            /** Next Cursor */
            next_cursor: string | null;
            /** Withdrawals */
            withdrawals: components["schemas"]["WithdrawalOut"][];
        };
        /** WithdrawalOut */
        WithdrawalOut: {
            /** Actor */
            actor: string;
            /**
             * Amount
             * @description credits, at most 6 decimal places
             */
            amount: number;
            /** Created At */
            created_at: number;
            /** Note */
            note: string;
            /** Participant */
            participant: string;
            /** Status */
            status: string;
            /** Updated At */
            updated_at: number;
            /** Withdrawal Id */
            withdrawal_id: string;
        };
        /** WithdrawalPatch */
        WithdrawalPatch: {
            /**
             * Note
             * @default
             */
            note: string;
            /**
             * Status
             * @enum {string}
             */
            status: "confirmed" | "rejected";
        };
        /**
         * WithdrawalStatus
         * @enum {string}
         */
        WithdrawalStatus: "requested" | "confirmed" | "rejected";
        /**
         * SummaryOut
         * @description The market in numbers, as `/metrics_summary` shows it.
         */
        marketplace_SummaryOut: {
            /** Contracts By Status */
            contracts_by_status: {
                [key: string]: number;
            };
            /** Contracts Total */
            contracts_total: number;
            /**
             * Locked Escrow Total
             * @description credits, at most 6 decimal places
             */
            locked_escrow_total: number;
            /** Offers Active */
            offers_active: number;
            /** Offers Total */
            offers_total: number;
            /** Open Intents */
            open_intents: number;
            /**
             * Refunded Total
             * @description credits, at most 6 decimal places
             */
            refunded_total: number;
            /**
             * Released Payout Total
             * @description credits, at most 6 decimal places
             */
            released_payout_total: number;
        };
        /** RegisteredOut */
        training_coordinator_RegisteredOut: {
            /**
             * Grant Keys
             * @description JWK set: what the node verifies grants with
             */
            grant_keys?: {
                [key: string]: unknown;
            } | null;
            /** Node Id */
            node_id: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    evidence_keys__well_known_evidence_keys_json_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_audit_audit_get: {
        parameters: {
            query?: {
                /** @description a participant, or a role where nobody in particular held the key */
                actor?: string | null;
                /** @description text in path, address, key id or request id */
                q?: string | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
            /** @description invalid_actor, invalid_limit, invalid_q, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    export_audit_export_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": unknown;
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_errors_errors_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorList"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_error_errors__code__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEntry"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_accounts_escrow_accounts_get: {
        parameters: {
            query: {
                participant: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountList"];
                };
            };
            /** @description malformed_json, participant_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_account_escrow_accounts__participant__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                participant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description account_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    statement_escrow_accounts__participant__statement_get: {
        parameters: {
            query?: {
                format?: ("json" | "csv") | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path: {
                participant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatementOut"];
                };
            };
            /** @description invalid_limit, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description account_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    contract_ledger_escrow_contracts__contract_id__ledger_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                contract_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractLedger"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_settlement_escrow_contracts__contract_id__settlement_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                contract_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettlementOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deposit_escrow_deposits_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DepositIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DepositOut"];
                };
            };
            /** @description amount_required, invalid_amount, malformed_json, participant_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_holds_escrow_holds_get: {
        parameters: {
            query?: {
                state?: components["schemas"]["HoldState"] | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldList"];
                };
            };
            /** @description invalid_state, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    summary_escrow_summary_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SummaryOut"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trial_balance_escrow_trial_balance_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialBalanceOut"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_withdrawals_escrow_withdrawals_get: {
        parameters: {
            query?: {
                status?: components["schemas"]["WithdrawalStatus"] | null;
                participant?: string | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WithdrawalList"];
                };
            };
            /** @description invalid_limit, invalid_status, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    request_withdrawal_escrow_withdrawals_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WithdrawalIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WithdrawalOut"];
                };
            };
            /** @description amount_required, invalid_amount, malformed_json, participant_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description insufficient_funds */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description account_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_withdrawal_escrow_withdrawals__withdrawal_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                withdrawal_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WithdrawalPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WithdrawalOut"];
                };
            };
            /** @description invalid_status, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description withdrawal_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description invalid_status_transition */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health_health_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    alive_healthz_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: string;
                    };
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_keys_identity_keys_get: {
        parameters: {
            query?: {
                participant?: string | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyList"];
                };
            };
            /** @description invalid_limit, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    make_key_identity_keys_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKeyOut"];
                };
            };
            /** @description invalid_participant, invalid_role, malformed_json, participant_required, role_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_key_identity_keys__key_id__revoke_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description key_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_participants_identity_participants_get: {
        parameters: {
            query?: {
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParticipantList"];
                };
            };
            /** @description invalid_limit, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_participant_identity_participants__participant__revoke_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                participant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParticipantOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description participant_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_invites_join_invites_get: {
        parameters: {
            query?: {
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InviteList"];
                };
            };
            /** @description invalid_limit, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_invite_join_invites__invite_id__revoke_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                invite_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InviteOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description invite_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register_join_register_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisteredOut"];
                };
            };
            /** @description invalid_public_key, invite_required, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description invite_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description invite_exhausted */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description invite_expired */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_registrations_join_registrations_get: {
        parameters: {
            query?: {
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistrationList"];
                };
            };
            /** @description invalid_limit, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_registration_join_registrations__registration_id__revoke_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                registration_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistrationOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description registration_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    request_invite_join_request_invite_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteRequestIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestedOut"];
                };
            };
            /** @description compute_type_required, malformed_json, valid_contact_email_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_requests_join_requests_get: {
        parameters: {
            query?: {
                status?: ("pending" | "approved" | "rejected") | null;
                /** @description text in e-mail, name or note */
                q?: string | null;
                /** @description newest or oldest first */
                sort?: "newest" | "oldest";
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestList"];
                };
            };
            /** @description invalid_limit, invalid_sort, invalid_status, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approve_join_requests__request_id__approve_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ApproveIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInviteOut"];
                };
            };
            /** @description invalid_invite_limits, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description invalid_status_transition */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reject_join_requests__request_id__reject_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                request_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RejectIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestOut"];
                };
            };
            /** @description malformed_json, reason_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description invalid_status_transition */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_contracts_marketplace_contracts_get: {
        parameters: {
            query?: {
                round_intent_id?: string | null;
                payout_status?: ("pending" | "released" | "refunded") | null;
                escrow_status?: ("pending" | "locked" | "released" | "refunded" | "rejected") | null;
                model_owner_id?: string | null;
                seller_node_id?: string | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractList"];
                };
            };
            /** @description invalid_limit, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_contract_marketplace_contracts__contract_id__get: {
        parameters: {
            query?: {
                /** @description timeline events, separated by commas: answer once one is there */
                wait_for?: string | null;
                /** @description how long to wait, at most 30000 */
                timeout_ms?: number;
            };
            header?: never;
            path: {
                contract_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractOut"];
                };
            };
            /** @description invalid_timeout_ms, invalid_wait_for, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_decision_marketplace_contracts__contract_id__decision_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                contract_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found, decision_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    contract_evidence_marketplace_contracts__contract_id__evidence_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                contract_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replace_providers_marketplace_contracts__contract_id__replacements_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                contract_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ReplaceIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_ready, nothing_to_replace */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description no_compatible_offers_found */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description matching_behind, service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_timeline_marketplace_contracts__contract_id__timeline_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                contract_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimelineOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_disputes_marketplace_disputes_get: {
        parameters: {
            query?: {
                status?: components["schemas"]["DisputeStatus"] | null;
                contract_id?: string | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisputeList"];
                };
            };
            /** @description invalid_limit, invalid_status, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_dispute_marketplace_disputes_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DisputeIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisputeOut"];
                };
            };
            /** @description malformed_json, reason_required, reporter_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description escrow_not_locked */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    move_dispute_marketplace_disputes__dispute_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dispute_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DisputePatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisputeOut"];
                };
            };
            /** @description invalid_payouts, invalid_status, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description dispute_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_already_refunded, contract_already_released, contract_disputed, escrow_not_locked, hold_expired, invalid_status_transition */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refund_marketplace_escrow_refund_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContractRef"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefundOut"];
                };
            };
            /** @description contract_id_required, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_already_refunded, contract_already_released, contract_disputed, escrow_not_locked, hold_expired, rounds_delivered, training_in_progress */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    release_marketplace_escrow_release_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReleaseIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseOut"];
                };
            };
            /** @description contract_id_required, invalid_payouts, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_already_refunded, contract_already_released, contract_disputed, escrow_not_locked, hold_expired, payout_below_due, training_in_progress */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    match_marketplace_match_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MatchIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractOut"];
                };
            };
            /** @description invalid_max_offers, malformed_json, round_intent_id_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description round_intent_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description round_intent_expired, round_intent_not_open */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description no_compatible_offers_found */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description matching_behind, service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_offers_marketplace_offers_get: {
        parameters: {
            query?: {
                status?: ("active" | "paused" | "withdrawn") | null;
                seller_node_id?: string | null;
                modality?: string | null;
                /** @description text in title, seller, ids or description */
                q?: string | null;
                /** @description a leading minus sorts downwards */
                sort?: "newest" | "price" | "-price" | "quality" | "-quality" | "samples" | "-samples";
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferList"];
                };
            };
            /** @description invalid_limit, invalid_q, invalid_sort, invalid_status, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_offer_marketplace_offers_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OfferIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferOut"];
                };
            };
            /** @description invalid_price_per_round, malformed_json, seller_node_id_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_offer_marketplace_offers__offer_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                offer_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description offer_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch_offer_marketplace_offers__offer_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                offer_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["OfferPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferOut"];
                };
            };
            /** @description malformed_json, unknown_field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description offer_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_why_not_marketplace_offers__offer_id__why_not_get: {
        parameters: {
            query?: {
                /** @description seconds to look back */
                window?: number;
            };
            header?: never;
            path: {
                offer_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhyNotOut"];
                };
            };
            /** @description invalid_window, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description offer_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description matching_behind, service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview_draft_marketplace_policy_draft_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DraftIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DraftOut"];
                };
            };
            /** @description invalid_max_offers, malformed_json, task_type_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview_marketplace_policy_preview_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewOut"];
                };
            };
            /** @description invalid_max_offers, invalid_policy_overrides, invalid_sweep, malformed_json, round_intent_id_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description round_intent_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_intents_marketplace_round_intents_get: {
        parameters: {
            query?: {
                status?: components["schemas"]["IntentStatus"] | null;
                model_owner_id?: string | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntentList"];
                };
            };
            /** @description invalid_limit, invalid_status, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_intent_marketplace_round_intents_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntentIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntentOut"];
                };
            };
            /** @description malformed_json, model_owner_id_required, task_type_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_intent_marketplace_round_intents__round_intent_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                round_intent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntentOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description round_intent_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch_intent_marketplace_round_intents__round_intent_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                round_intent_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["IntentPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntentOut"];
                };
            };
            /** @description invalid_status, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description round_intent_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description invalid_status_transition, round_intent_not_open */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    summary_marketplace_summary_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["marketplace_SummaryOut"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    metrics_metrics_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    metrics_summary_metrics_summary_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MetricsSummary"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    dead_letters_ops_dead_letters_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetterList"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replay_ops_dead_letters_replay_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events_ops_events_get: {
        parameters: {
            query?: {
                /** @description for example escrow.funds_held */
                kind?: string | null;
                /** @description go on after this event */
                last_event_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    recent_ops_events_recent_get: {
        parameters: {
            query?: {
                /** @description 1 to 500 */
                limit?: number;
                /** @description for example escrow.funds_held */
                kind?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health_ops_health_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ready_readyz_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_session_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_session_session_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SessionIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description invalid_keep, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_session_session_delete: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    demo_session_demo_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DemoSession"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_session_me_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health_status_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    contract_evidence_training_contracts__contract_id__evidence_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                contract_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractEvidence"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_nodes_training_nodes_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeList"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register_node_training_nodes_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodeIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["training_coordinator_RegisteredOut"];
                };
            };
            /** @description invalid_public_key, malformed_json, name_required, public_key_required */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable, training_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_runs_training_runs_get: {
        parameters: {
            query?: {
                contract_id?: string | null;
                state?: ("queued" | "starting" | "running" | "succeeded" | "failed" | "stopped") | null;
                /** @description 1 to 500 */
                limit?: number;
                /** @description next_cursor of the answer before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunList"];
                };
            };
            /** @description invalid_limit, invalid_state, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_run_training_runs__run_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOut"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description run_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_model_training_runs__run_id__model_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description model_not_found, run_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_model_card_training_runs__run_id__model_card_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelCard"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description model_not_found, run_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stop_run_training_runs__run_id__stop_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description run_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description run_not_active */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description service_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    training_status_training_status_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_superlink_training_superlink_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuperLinkOut"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trigger_training_trigger_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["TriggerIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerOut"];
                };
            };
            /** @description invalid_rounds, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_ready, no_contract_ready */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description provider_node_offline, service_unavailable, training_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trigger_fl: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["TriggerIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerOut"];
                };
            };
            /** @description invalid_rounds, malformed_json */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description contract_not_ready, no_contract_ready */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description provider_node_offline, service_unavailable, training_unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
