-- migrate:up
-- What a service says is written in the transaction that made it true, and published afterwards, in order.
CREATE TABLE outbox (
    position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid NOT NULL UNIQUE,
    stream       text NOT NULL,
    subject      text NOT NULL,
    body         jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

-- How far each stream has come by this service's own hand: lets a question wait for the newest fact.
CREATE TABLE stream_head (
    stream text PRIMARY KEY,
    seq    bigint NOT NULL
);

-- Each fact has its effect once per consumer, however often it is delivered.
CREATE TABLE inbox (
    consumer   text NOT NULL,
    event_id   uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_handled ON inbox (handled_at);

-- Attempts are counted here and not by JetStream, so that an outage cannot use them up.
CREATE TABLE delivery_retry (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    failures int NOT NULL DEFAULT 0,    -- tries that ended in an error
    starts   int NOT NULL DEFAULT 0,    -- tries that began, counted once a crash loop is suspected
    PRIMARY KEY (consumer, event_id)
);

CREATE TABLE dead_letter (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    subject  text NOT NULL,
    body     jsonb NOT NULL,
    attempts int NOT NULL,
    reason   text NOT NULL,
    dead_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

-- The first answer to a request with an Idempotency-Key, kept for as long as a client may ask again.
CREATE TABLE idempotency (
    scope        text NOT NULL,    -- role, method and path
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    status       int NOT NULL,
    body         bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

-- migrate:down
DROP TABLE idempotency, dead_letter, delivery_retry, inbox, stream_head, outbox;
