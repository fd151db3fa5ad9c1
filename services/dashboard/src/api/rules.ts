// Generated from docs/openapi.json by `python -m services.dashboard generate`. Do not edit.
export const RULES = {
  "OfferIn": {
    "allowed_tasks": {
      "type": "array",
      "description": "tasks it may be used for; empty means all",
      "maxItems": 100,
      "required": false
    },
    "attestation_status": {
      "type": "string",
      "description": "whether somebody verified the data; verified raises trust",
      "default": "unknown",
      "enum": [
        "unknown",
        "pending",
        "verified",
        "revoked"
      ],
      "required": false
    },
    "dataset_fingerprint": {
      "type": "string",
      "description": "identifies the data, for example its SHA-256 as the node measured it",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    },
    "description": {
      "type": "string",
      "description": "what is in the data",
      "default": "",
      "maxLength": 4000,
      "required": false
    },
    "expires_at": {
      "type": "integer",
      "description": "Unix seconds; 0 means never",
      "default": 0,
      "minimum": 0,
      "maximum": 32503680000,
      "required": false
    },
    "label_schema": {
      "type": "string",
      "description": "what the labels mean",
      "default": "",
      "maxLength": 4000,
      "required": false
    },
    "measurements": {
      "description": "what the node measured; with a hold-out score it is the quality, too",
      "required": false
    },
    "min_payout_share": {
      "type": "number",
      "description": "least share of the price for a delivered round, 0 to 1, where a contract pays by contribution",
      "default": 0,
      "minimum": 0,
      "maximum": 1,
      "required": false
    },
    "min_rounds": {
      "type": "integer",
      "description": "least number of rounds a contract must buy",
      "default": 1,
      "minimum": 1,
      "maximum": 10000,
      "required": false
    },
    "modality": {
      "type": "string",
      "description": "tabular, image, text, …",
      "default": "tabular",
      "minLength": 1,
      "maxLength": 200,
      "required": false
    },
    "price_per_round": {
      "type": "number",
      "description": "credits for one training round",
      "default": 0,
      "minimum": 0,
      "maximum": 1000000000,
      "multipleOf": 0.000001,
      "required": false
    },
    "privacy_profile": {
      "type": "string",
      "description": "how privacy is protected",
      "default": "",
      "maxLength": 200,
      "required": false
    },
    "quality_score": {
      "type": "number",
      "description": "0 (useless) to 1 (perfect)",
      "default": 0.5,
      "minimum": 0,
      "maximum": 1,
      "required": false
    },
    "sample_count": {
      "type": "integer",
      "description": "rows in the dataset",
      "default": 0,
      "minimum": 0,
      "maximum": 1000000000000,
      "required": false
    },
    "seller_node_id": {
      "type": "string",
      "description": "who sells; the name under which the provider's node is known",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    },
    "status": {
      "type": "string",
      "default": "active",
      "enum": [
        "active",
        "paused",
        "withdrawn"
      ],
      "required": false
    },
    "title": {
      "type": "string",
      "description": "a line for people",
      "default": "",
      "maxLength": 200,
      "required": false
    }
  },
  "IntentIn": {
    "attestation_required": {
      "type": "boolean",
      "description": "only offers whose attestation is verified",
      "default": false,
      "required": false
    },
    "budget_total": {
      "type": "number",
      "description": "credits for the whole contract, all rounds; 0 means no limit",
      "default": 0,
      "minimum": 0,
      "maximum": 1000000000,
      "multipleOf": 0.000001,
      "required": false
    },
    "deadline_ts": {
      "type": "integer",
      "description": "Unix seconds; default one hour from now",
      "minimum": 0,
      "maximum": 32503680000,
      "required": false
    },
    "differential_privacy": {
      "description": "with fedavg and fedprox only",
      "required": false
    },
    "dispute_window_s": {
      "type": "integer",
      "description": "seconds that an automatic settlement waits for a dispute, may be 0; left out: as the escrow is set",
      "minimum": 0,
      "maximum": 2592000,
      "required": false
    },
    "excluded_sellers": {
      "type": "array",
      "description": "sellers that are not wanted",
      "maxItems": 100,
      "required": false
    },
    "label_schema": {
      "type": "string",
      "description": "label schema that an offer must have; empty means any",
      "default": "",
      "maxLength": 4000,
      "required": false
    },
    "min_providers": {
      "type": "integer",
      "description": "at least this many offers in the contract, and providers in each round",
      "default": 1,
      "minimum": 1,
      "maximum": 25,
      "required": false
    },
    "min_quality_score": {
      "type": "number",
      "description": "offers below this are not considered",
      "default": 0,
      "minimum": 0,
      "maximum": 1,
      "required": false
    },
    "min_sample_count": {
      "type": "integer",
      "description": "rows that an offer's dataset must have",
      "default": 0,
      "minimum": 0,
      "maximum": 1000000000000,
      "required": false
    },
    "model_owner_id": {
      "type": "string",
      "description": "who buys",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    },
    "one_offer_per_seller": {
      "type": "boolean",
      "description": "at most one offer of each seller in the contract",
      "default": false,
      "required": false
    },
    "preferred_sellers": {
      "type": "array",
      "description": "sellers that are chosen where it makes no difference to the score",
      "maxItems": 100,
      "required": false
    },
    "pricing": {
      "type": "string",
      "description": "posted: each offer is paid what it asks; truthful: a budget is auctioned off, one offer of each seller, so that no seller gains by asking for anything but what it wants",
      "default": "posted",
      "enum": [
        "posted",
        "truthful"
      ],
      "required": false
    },
    "privacy_profile": {
      "type": "string",
      "description": "privacy profile that an offer must have; empty means any",
      "default": "",
      "maxLength": 200,
      "required": false
    },
    "required_modalities": {
      "type": "array",
      "description": "modalities that will do; empty means all",
      "maxItems": 100,
      "required": false
    },
    "round_id": {
      "type": "string",
      "description": "the buyer's own name for the round",
      "minLength": 1,
      "maxLength": 200,
      "required": false
    },
    "rounds": {
      "type": "integer",
      "description": "training rounds to buy",
      "default": 1,
      "minimum": 1,
      "maximum": 10000,
      "required": false
    },
    "settlement": {
      "type": "string",
      "description": "manual: the escrow waits for a release; auto: a complete delivery is paid for by itself after the dispute window; left out: as the exchange is set, which is manual unless its operator says otherwise",
      "enum": [
        "manual",
        "auto"
      ],
      "required": false
    },
    "settlement_rule": {
      "type": "string",
      "description": "delivery: price × rounds delivered; contribution: half of that, and the other half by measured contribution",
      "default": "delivery",
      "enum": [
        "delivery",
        "contribution"
      ],
      "required": false
    },
    "strategy": {
      "type": "string",
      "description": "how updates become the next model",
      "default": "fedavg",
      "enum": [
        "fedavg",
        "fedprox",
        "fedadam",
        "trimmed_mean",
        "krum"
      ],
      "required": false
    },
    "task_type": {
      "type": "string",
      "description": "the task to train, for example classification",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    }
  },
  "DisputeIn": {
    "contract_id": {
      "type": "string",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    },
    "reason": {
      "type": "string",
      "description": "why",
      "minLength": 1,
      "maxLength": 4000,
      "required": true
    },
    "reporter": {
      "type": "string",
      "description": "who objects",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    }
  },
  "DepositIn": {
    "amount": {
      "type": "number",
      "description": "credits",
      "minimum": 0,
      "maximum": 1000000000,
      "multipleOf": 0.000001,
      "required": true
    },
    "note": {
      "type": "string",
      "default": "",
      "maxLength": 4000,
      "required": false
    },
    "participant": {
      "type": "string",
      "description": "whose account grows",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    }
  },
  "WithdrawalIn": {
    "amount": {
      "type": "number",
      "description": "credits",
      "minimum": 0,
      "maximum": 1000000000,
      "multipleOf": 0.000001,
      "required": true
    },
    "note": {
      "type": "string",
      "description": "for example where it is to go",
      "default": "",
      "maxLength": 4000,
      "required": false
    },
    "participant": {
      "type": "string",
      "description": "whose money is to leave",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    }
  },
  "KeyIn": {
    "expires_in_s": {
      "type": "integer",
      "description": "seconds until it ends by itself; default never",
      "required": false
    },
    "label": {
      "type": "string",
      "description": "a line to know it again by",
      "default": "",
      "maxLength": 200,
      "required": false
    },
    "participant": {
      "type": "string",
      "description": "whose key; the name under which it sells or buys",
      "minLength": 1,
      "maxLength": 200,
      "required": true
    },
    "role": {
      "type": "string",
      "enum": [
        "provider",
        "model_owner",
        "operator",
        "reviewer"
      ],
      "required": true
    }
  },
  "ApproveIn": {
    "max_uses": {
      "type": "integer",
      "description": "how many may register by it",
      "default": 1,
      "required": false
    },
    "participant": {
      "type": "string",
      "description": "whose place it is; default: whoever registers gets a new id of its own",
      "minLength": 1,
      "maxLength": 200,
      "required": false
    },
    "valid_for_s": {
      "type": "integer",
      "description": "seconds",
      "default": 604800,
      "required": false
    }
  },
  "RejectIn": {
    "reason": {
      "type": "string",
      "minLength": 1,
      "maxLength": 4000,
      "required": true
    }
  }
} as const;
