//! The rows of the tables, and how JSON text in them is read and written.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::schema::{
    area, change, document, front_door, location, offering, offering_organization, organization,
    organization_statement, revision, session,
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = organization)]
pub struct OrganizationRow {
    pub id: String,
    pub municipality: String,
    pub match_key: String,
    pub name: String,
    pub version: i64,
    /// How often what sources say of it was written, which may change nothing that is shown.
    pub said_version: i64,
    pub content: String,
    pub changed_at: NaiveDateTime,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = organization_statement)]
pub struct StatementRow {
    pub organization_id: String,
    /// Empty for what offerings without a source say.
    pub source_name: String,
    /// The place among the sources: who began first decides.
    pub position: i32,
    pub content: String,
    pub changed_at: NaiveDateTime,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = location)]
pub struct LocationRow {
    pub id: String,
    pub municipality: String,
    pub match_key: String,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub area_found: bool,
    pub version: i64,
    pub content: String,
    pub changed_at: NaiveDateTime,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = offering)]
pub struct OfferingRow {
    pub id: String,
    pub number: i64,
    pub municipality: String,
    pub source_name: Option<String>,
    pub external_id: Option<String>,
    pub name: String,
    pub state: String,
    pub version: i64,
    pub content: String,
    pub created_at: NaiveDateTime,
    pub changed_at: NaiveDateTime,
    pub deleted_at: Option<NaiveDateTime>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = offering_organization)]
pub struct InvolvementRow {
    pub offering_id: String,
    pub position: i32,
    pub organization_id: String,
    pub role: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = session)]
pub struct SessionRow {
    pub id: String,
    pub offering_id: String,
    pub position: i32,
    pub location_id: Option<String>,
    pub content: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = area)]
pub struct AreaRow {
    pub code: String,
    pub kind: String,
    pub name: String,
    pub content: String,
    pub outline: Option<String>,
    pub changed_at: NaiveDateTime,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = front_door)]
pub struct FrontDoorRow {
    pub area_code: String,
    pub position: i32,
    pub content: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = document)]
pub struct DocumentRow {
    pub entity: String,
    pub id: String,
    pub content: String,
    pub changed_at: NaiveDateTime,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = change)]
pub struct ChangeRow {
    pub number: i64,
    pub entity: String,
    pub entity_id: String,
    pub kind: String,
    pub at: NaiveDateTime,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = revision)]
pub struct RevisionRow {
    pub change_number: i64,
    pub entity: String,
    pub entity_id: String,
    pub version: i64,
    pub before: Option<String>,
    pub after: Option<String>,
    pub actor: String,
    pub reason: Option<String>,
    pub at: NaiveDateTime,
}

/// Writes a value as JSON text.
pub fn to_json(what: &str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|cause| StoreError::Content { what: what.into(), cause: cause.into() })
}

/// Reads a value from JSON text.
pub fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|cause| StoreError::Content { what: what.into(), cause: cause.into() })
}

/// Reads a value from a JSON value.
pub fn from_value<T: DeserializeOwned>(what: &str, value: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|cause| StoreError::Content { what: what.into(), cause: cause.into() })
}

/// Reads an id or a code from its column.
pub fn from_text<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|cause: T::Err| StoreError::Content { what: text.into(), cause: cause.into() })
}
