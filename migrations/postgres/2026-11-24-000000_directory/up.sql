-- Text ids and JSON text, the same in both databases. Moments are UTC, cut to microseconds.

CREATE TABLE municipality (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE organization (
    id TEXT NOT NULL PRIMARY KEY,
    municipality TEXT NOT NULL REFERENCES municipality (code),
    match_key TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    said_version BIGINT NOT NULL,
    content TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    UNIQUE (municipality, match_key)
);

CREATE TABLE organization_statement (
    organization_id TEXT NOT NULL REFERENCES organization (id),
    source_name TEXT NOT NULL,
    position INTEGER NOT NULL,
    content TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, source_name)
);
CREATE INDEX organization_statement_by_source ON organization_statement (source_name);

CREATE TABLE location (
    id TEXT NOT NULL PRIMARY KEY,
    municipality TEXT NOT NULL REFERENCES municipality (code),
    match_key TEXT NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    area_found BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    UNIQUE (municipality, match_key)
);

CREATE TABLE offering (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    municipality TEXT NOT NULL REFERENCES municipality (code),
    source_name TEXT,
    external_id TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    deleted_at TIMESTAMP,
    UNIQUE (municipality, source_name, external_id)
);

CREATE TABLE offering_organization (
    offering_id TEXT NOT NULL REFERENCES offering (id),
    position INTEGER NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organization (id),
    role TEXT NOT NULL,
    PRIMARY KEY (offering_id, position)
);
CREATE INDEX offering_organization_by_organization ON offering_organization (organization_id);

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    offering_id TEXT NOT NULL REFERENCES offering (id),
    position INTEGER NOT NULL,
    location_id TEXT REFERENCES location (id),
    content TEXT NOT NULL
);
CREATE INDEX session_by_offering ON session (offering_id);
CREATE INDEX session_by_location ON session (location_id);

CREATE TABLE area (
    code TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    outline TEXT,
    changed_at TIMESTAMP NOT NULL
);

CREATE TABLE front_door (
    area_code TEXT NOT NULL,
    position INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (area_code, position)
);

CREATE TABLE change (
    number BIGINT NOT NULL PRIMARY KEY,
    entity TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);

CREATE TABLE revision (
    change_number BIGINT NOT NULL PRIMARY KEY REFERENCES change (number),
    entity TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    before TEXT,
    after TEXT,
    actor TEXT NOT NULL,
    reason TEXT,
    at TIMESTAMP NOT NULL
);
CREATE INDEX revision_by_entity ON revision (entity, entity_id);

-- Public numbers are drawn from a sequence: two writers never wait for each other, and none is given twice.
CREATE SEQUENCE offering_number;
