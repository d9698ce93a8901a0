-- The own words of a municipality, as one JSON text.
CREATE TABLE wording (
    municipality TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
