-- What is one JSON text with a code of its own: the own words of a municipality, the postcodes with the same digits.
CREATE TABLE document (
    entity TEXT NOT NULL,
    id TEXT NOT NULL,
    content TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (entity, id)
);
