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
      "description": "at least this many offers in the contract",
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
  }
} as const;
