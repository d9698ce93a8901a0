//! The tables as diesel knows them; `migrations/` makes them, the same in both databases.

diesel::table! {
    municipality (code) {
        code -> Text,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    organization (id) {
        id -> Text,
        municipality -> Text,
        match_key -> Text,
        name -> Text,
        version -> BigInt,
        said_version -> BigInt,
        content -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    organization_statement (organization_id, source_name) {
        organization_id -> Text,
        source_name -> Text,
        position -> Integer,
        content -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    location (id) {
        id -> Text,
        municipality -> Text,
        match_key -> Text,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        area_found -> Bool,
        version -> BigInt,
        content -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    offering (id) {
        id -> Text,
        number -> BigInt,
        municipality -> Text,
        source_name -> Nullable<Text>,
        external_id -> Nullable<Text>,
        name -> Text,
        state -> Text,
        version -> BigInt,
        content -> Text,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    offering_organization (offering_id, position) {
        offering_id -> Text,
        position -> Integer,
        organization_id -> Text,
        role -> Text,
    }
}

diesel::table! {
    session (id) {
        id -> Text,
        offering_id -> Text,
        position -> Integer,
        location_id -> Nullable<Text>,
        content -> Text,
    }
}

diesel::table! {
    area (code) {
        code -> Text,
        kind -> Text,
        name -> Text,
        content -> Text,
        outline -> Nullable<Text>,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    front_door (area_code, position) {
        area_code -> Text,
        position -> Integer,
        content -> Text,
    }
}

diesel::table! {
    document (entity, id) {
        entity -> Text,
        id -> Text,
        content -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    change (number) {
        number -> BigInt,
        entity -> Text,
        entity_id -> Text,
        kind -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    revision (change_number) {
        change_number -> BigInt,
        entity -> Text,
        entity_id -> Text,
        version -> BigInt,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        actor -> Text,
        reason -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    municipality,
    organization,
    organization_statement,
    location,
    offering,
    offering_organization,
    session,
    area,
    front_door,
    change,
    revision,
);
