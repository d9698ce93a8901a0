//! The end of a run: what a source said of organizations before, and does not say any more.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;

use super::changes::{BATCH, log};
use super::connection::AnyConnection;
use super::organizations::{OrganizationKey, Rows, SourceRun, load};
use super::schema::{offering, offering_organization, organization, organization_statement};
use super::statements::{Fields, Known};
use super::{Actor, Store, StoreError};
use crate::domain::MunicipalityCode;

/// How much of its source a run has read.
pub enum Extent<'a> {
    /// All of it: what the run did not name is no longer there.
    Whole,
    /// Perhaps a part: the listings for which this tells so, by municipality, source and external id.
    Listings(&'a dyn Fn(&MunicipalityCode, &str, &str) -> bool),
}

/// A tenant, a source, and what it may take back of the organizations with these keys.
type Candidates = (MunicipalityCode, String, Vec<(String, Less)>);
type Portion<'a> = (&'a MunicipalityCode, &'a str, &'a [(String, Less)]);

/// What a source takes back of one organization.
enum Less {
    Fields(Fields),
    All,
}

impl Store {
    /// Takes back what a source said of organizations before its run and not in it; tells how many organizations are
    /// shown otherwise because of it.
    ///
    /// Only for a run that read every row: one that was left out may have said it. An organization that is named by
    /// a listing of the source which the run did not read keeps all that the source said of it, so that a file with a
    /// part of the listings takes nothing back.
    pub fn take_back_unsaid(&self, run: &SourceRun, extent: &Extent<'_>, actor: &Actor) -> Result<usize, StoreError> {
        let mut retold = HashSet::new();
        for (tenant, source, less) in self.candidates(run, extent)? {
            let portion = (&tenant, source.as_str(), less.as_slice());
            retold.extend(self.write(|conn| {
                let mut rows = Rows::default();
                let retold = take_back(conn, run, extent, portion, &mut HashMap::new(), &mut rows)?;
                rows.store(conn)?;
                log(conn, rows.entries, actor)?;
                Ok(retold)
            })?);
        }
        Ok(retold.len())
    }

    /// How many organizations [`Self::take_back_unsaid`] would show otherwise; nothing is written.
    pub fn count_unsaid(&self, run: &SourceRun, extent: &Extent<'_>) -> Result<usize, StoreError> {
        let mut retold = HashSet::new();
        let candidates = self.candidates(run, extent)?;
        // What one source takes back matters to the next, and to nobody when there is one.
        let is_alone = candidates.windows(2).all(|two| two[0].1 == two[1].1);
        let mut later = HashMap::new();
        for (tenant, source, less) in candidates {
            let conn = &mut *self.connection()?;
            let portion = (&tenant, source.as_str(), less.as_slice());
            retold.extend(take_back(conn, run, extent, portion, &mut later, &mut Rows::default())?);
            if is_alone {
                later.clear();
            }
        }
        Ok(retold.len())
    }

    /// What may be taken back, in portions for one transaction each.
    fn candidates(&self, run: &SourceRun, extent: &Extent<'_>) -> Result<Vec<Candidates>, StoreError> {
        // In one order, so that two of these do not wait for each other in a circle.
        let mut by_source: BTreeMap<(&MunicipalityCode, &str), BTreeMap<String, Less>> = BTreeMap::new();
        for ((tenant, source, key), said) in &run.named {
            let less = by_source.entry((tenant, source)).or_default();
            let unsaid = said.before & !said.fields;
            if unsaid != 0 {
                less.insert(key.clone(), Less::Fields(unsaid));
            }
        }
        if matches!(extent, Extent::Whole) {
            for ((tenant, source), less) in &mut by_source {
                let keys: Vec<String> = organization_statement::table
                    .inner_join(organization::table.on(organization::id.eq(organization_statement::organization_id)))
                    .filter(organization_statement::source_name.eq(*source))
                    .filter(organization::municipality.eq(tenant.as_str()))
                    .select(organization::match_key)
                    .load(&mut *self.connection()?)?;
                let unnamed = keys
                    .into_iter()
                    .filter(|key| !run.named.contains_key(&((*tenant).clone(), (*source).to_owned(), key.clone())));
                less.extend(unnamed.map(|key| (key, Less::All)));
            }
        }
        let mut portions = Vec::new();
        for ((tenant, source), less) in by_source {
            let mut less = less.into_iter().peekable();
            while less.peek().is_some() {
                portions.push((tenant.clone(), source.to_owned(), less.by_ref().take(BATCH / 2).collect()));
            }
        }
        Ok(portions)
    }
}

/// Collects what taking back changes; tells which organizations are shown otherwise.
///
/// `later` holds organizations as this would leave them, where nothing is stored.
fn take_back(
    conn: &mut AnyConnection,
    run: &SourceRun,
    extent: &Extent<'_>,
    (tenant, source, less): Portion<'_>,
    later: &mut HashMap<OrganizationKey, Known>,
    rows: &mut Rows,
) -> Result<Vec<OrganizationKey>, StoreError> {
    let keys: Vec<&str> = less.iter().map(|(key, _)| key.as_str()).collect();
    let mut known = load(conn, tenant, &keys)?;
    for key in &keys {
        let rehearsed = (tenant.clone(), (*key).to_owned());
        if let Some(of) = later.get(&rehearsed).or_else(|| run.rehearsed.get(&rehearsed)) {
            known.insert((*key).to_owned(), of.clone());
        }
    }
    let unread: HashSet<String> = match extent {
        Extent::Whole => HashSet::new(),
        Extent::Listings(is_read) => {
            let ids: Vec<String> = known.values().map(|of| of.id.to_string()).collect();
            let is_unread = |id: &Option<String>| id.as_deref().is_none_or(|id| !is_read(tenant, source, id));
            let listings = listings(conn, tenant, source, &ids)?.into_iter();
            listings.filter(|(_, external_id)| is_unread(external_id)).map(|(organization, _)| organization).collect()
        }
    };
    let mut retold = Vec::new();
    for (key, less) in less {
        let Some(mut of) = known.remove(key).filter(|of| !unread.contains(&of.id.to_string())) else { continue };
        let is_less = match less {
            Less::Fields(fields) => of.take_back(source, *fields),
            Less::All => of.silence(source),
        };
        let key = (tenant.clone(), key.clone());
        if is_less && of.settle(tenant, &key.1, rows)? {
            retold.push(key.clone());
        }
        later.insert(key, of);
    }
    Ok(retold)
}

/// The listings of a source that name one of these organizations, as organization and external id.
fn listings(
    conn: &mut AnyConnection,
    tenant: &MunicipalityCode,
    source: &str,
    organizations: &[String],
) -> Result<Vec<(String, Option<String>)>, StoreError> {
    Ok(offering_organization::table
        .inner_join(offering::table.on(offering::id.eq(offering_organization::offering_id)))
        .filter(offering_organization::organization_id.eq_any(organizations))
        .filter(offering::municipality.eq(tenant.as_str()))
        .filter(offering::source_name.eq(source))
        .filter(offering::deleted_at.is_null())
        .select((offering_organization::organization_id, offering::external_id))
        .load(conn)?)
}
