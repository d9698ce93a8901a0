//! The facts of one segment of the index in memory, laid out for looking at many documents quickly.
//!
//! A segment never changes, so its columns are made once and live as long as it does.

use std::ops::Deref;

use geo::MultiPolygon;
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};
use tantivy::SegmentReader;

use crate::domain::{FrontDoor, Position, Region};

use super::SearchError;
use super::agenda::{Ahead, On, Times};
use super::card::{Kept, StoredHit};
use super::facts::{AreaKey, FOR_EVER, OfferingFacts, SessionFacts, UNKNOWN_DAY, flag};
use super::fields;
use super::grid::Grid;
use super::layout::{Bits, Layout};
use super::packed::{AreaFacts, Packed, Rules};
use super::sieve::Sets;

/// The facts of all documents of a segment.
#[derive(Default)]
pub(super) struct Columns {
    /// One for each document; documents that are no offerings have no sessions.
    pub offerings: Vec<OfferingRow>,
    pub sessions: Vec<SessionRow>,
    /// For each document the place of its first session; that of the next document ends them.
    session_starts: Vec<u32>,
    /// Latitude and longitude of each session, NaN where there is no position.
    pub positions: Vec<[f64; 2]>,
    /// What is seldom asked of an offering and of a session stands apart, so that what is always asked fills few
    /// lines of the processor's cache: waiting for memory is most of the time of a search.
    offering_lists: Vec<OfferingLists>,
    session_lists: Vec<SessionLists>,
    /// The documents of areas, and where their outlines are.
    pub areas: Vec<(u32, AreaFacts)>,
    area_boxes: RTree<AreaBox>,
    /// The documents of offerings by name, then number.
    pub by_name: Vec<u32>,
    pub grid: Grid,
    /// The area of each location with its document, in the order of areas.
    pub by_area: Vec<(AreaKey, u32)>,
    /// The documents with a session that tells whose residents it is for.
    pub for_residents: Vec<u32>,
    /// The sessions that come to the homes of residents of a place, with their documents.
    pub come_home: Vec<(u32, usize)>,
    /// The sessions that are for the residents of a region.
    service_regions: Vec<(usize, Region)>,
    /// The documents that are found only from a day on, or until a day, in the order of these days.
    first_days: Vec<(i32, u32)>,
    last_days: Vec<(i32, u32)>,
    /// The documents by what their sessions have.
    pub sets: Sets,
    /// When each session is, and what comes of it in the weeks ahead.
    pub times: Vec<Times>,
    pub ahead: Ahead,
    /// What was shown of them last: about 10 MB, and all of most municipalities.
    pub hits: Kept<StoredHit, 4096>,
    /// The areas that were asked for last.
    pub kept_areas: Kept<KeptArea, 1024>,
    /// The lowest number of each 64 offerings, in their order.
    pub lowest_numbers: Vec<i64>,
    names: String,
    passes: Vec<(u16, u32)>,
    ends: Vec<(i32, u32)>,
    area_keys: Vec<AreaKey>,
    organizations: Vec<u128>,
}

/// What is often asked of an area, ready to use.
pub(super) struct KeptArea {
    pub outline: Option<MultiPolygon>,
    /// A position in it.
    pub inside: Option<Position>,
    pub front_doors: Vec<FrontDoor>,
}

/// The box around an area, with its place among the areas of a segment.
type AreaBox = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// A segment as a search sees it: its columns, and what of its sessions is on in the time that is asked for.
#[derive(Clone, Copy)]
pub(super) struct View<'s> {
    pub columns: &'s Columns,
    pub on: Option<&'s On>,
}

impl Deref for View<'_> {
    type Target = Columns;

    fn deref(&self) -> &Columns {
        self.columns
    }
}

/// The facts of an offering.
#[derive(Clone, Copy, Default)]
pub(super) struct OfferingRow {
    pub number: i64,
    pub assured: i32,
    /// The place of its name among the names of the segment; equal names have one place.
    pub name_rank: u32,
    pub municipality: u16,
    pub main_theme: Option<u16>,
}

#[derive(Clone, Copy, Default)]
struct OfferingLists {
    name: Span,
    organizations: Span,
}

/// The facts of a session: one line of the processor's cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct SessionRow {
    pub bits: Bits,
    /// The parts of the week in which it is on and stays on; [`Columns::slots`] has those of a day.
    slots: u32,
    pub price: u32,
    pub assured: i32,
    pub room_until: i32,
    pub no_more_from: i32,
    pub age: (u8, u8),
    pub flags: u8,
    pub door: u8,
}

#[derive(Clone, Copy)]
struct SessionLists {
    passes: Span,
    ends: Span,
    areas: Span,
    service_areas: Span,
}

/// A part of one of the lists.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    length: u16,
}

impl Span {
    fn since(start: usize, end: usize) -> Self {
        // A list of one document has at most u16::MAX items as it is packed, and a segment fewer than u32::MAX.
        Self { start: start as u32, length: (end - start) as u16 }
    }

    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.start as usize + usize::from(self.length)
    }
}

impl Columns {
    /// Reads the facts of a segment.
    pub fn read(segment: &SegmentReader, layout: &Layout) -> Result<Self, SearchError> {
        let documents = segment.max_doc() as usize;
        let mut columns = Self {
            offerings: vec![OfferingRow::default(); documents],
            offering_lists: vec![OfferingLists::default(); documents],
            ..Self::default()
        };
        if let Some(packed) = segment.fast_fields().bytes(fields::PACKED)? {
            // The dictionary is read from its beginning to its end: finding each document's bytes in it would unpack
            // a block of it for each.
            let mut documents: Vec<(u64, u32)> = (0..segment.max_doc())
                .filter_map(|document| Some((packed.ords().first(document)?, document)))
                .collect();
            documents.sort_unstable();
            let mut waiting = documents.into_iter().peekable();
            let (mut bytes, mut places) = (Vec::new(), Vec::new());
            let mut stream = packed.dictionary().stream()?;
            while stream.advance() {
                let start = bytes.len();
                bytes.extend_from_slice(stream.key());
                while let Some((_, document)) = waiting.next_if(|(ordinal, _)| *ordinal == stream.term_ord()) {
                    places.push((document, start..bytes.len()));
                }
            }
            // Searches visit documents in their order, and so should find their facts.
            let mut rules = Rules::default();
            places.sort_unstable_by_key(|(document, _)| *document);
            for (document, place) in places {
                match Packed::from_bytes(&bytes[place], &mut rules).ok_or(SearchError::Damaged)? {
                    Packed::Offering(facts) => columns.add_offering(document, facts),
                    Packed::Area(facts) => columns.areas.push((document, facts)),
                }
            }
        }
        columns.finish();
        columns.sets = Sets::new(&columns, layout);
        Ok(columns)
    }

    fn add_offering(&mut self, document: u32, facts: OfferingFacts) {
        let (name, organizations, sessions) = (self.names.len(), self.organizations.len(), self.sessions.len());
        self.names.push_str(&facts.name);
        self.organizations.extend(&facts.organizations);
        // Documents in between are no offerings and have none.
        self.session_starts.resize(document as usize + 1, sessions as u32);
        for session in facts.sessions {
            self.add_session(document, session);
        }
        self.offerings[document as usize] = OfferingRow {
            number: facts.number,
            assured: facts.assured,
            name_rank: 0,
            municipality: facts.municipality,
            main_theme: facts.main_theme,
        };
        self.offering_lists[document as usize] = OfferingLists {
            name: Span::since(name, self.names.len()),
            organizations: Span::since(organizations, self.organizations.len()),
        };
        if facts.shown.0 != UNKNOWN_DAY {
            self.first_days.push((facts.shown.0, document));
        }
        if facts.shown.1 != FOR_EVER {
            self.last_days.push((facts.shown.1, document));
        }
        self.by_name.push(document);
    }

    fn add_session(&mut self, document: u32, facts: SessionFacts) {
        let (passes, ends, areas) = (self.passes.len(), self.ends.len(), self.area_keys.len());
        self.passes.extend(&facts.passes);
        self.ends.extend(&facts.ends);
        self.area_keys.extend(&facts.areas);
        let service_areas = self.area_keys.len();
        self.area_keys.extend(&facts.service_areas);
        self.by_area.extend(facts.areas.iter().map(|area| (*area, document)));
        let session = self.sessions.len();
        if let Some(region) = facts.service_region {
            self.service_regions.push((session, region));
        }
        self.session_lists.push(SessionLists {
            passes: Span::since(passes, self.passes.len()),
            ends: Span::since(ends, self.ends.len()),
            areas: Span::since(areas, service_areas),
            service_areas: Span::since(service_areas, self.area_keys.len()),
        });
        self.positions.push(facts.position.map_or([f64::NAN; 2], |at| [at.lat(), at.lon()]));
        self.sessions.push(SessionRow {
            bits: facts.bits,
            slots: facts.slots,
            price: facts.price,
            assured: facts.assured,
            room_until: facts.room_until,
            no_more_from: facts.no_more_from,
            age: facts.age,
            flags: facts.flags | if facts.ends.is_empty() { 0 } else { flag::ENDS },
            door: facts.door,
        });
        self.times.push(facts.times);
        if self.is_for_residents(session) {
            self.for_residents.push(document);
            if facts.flags & flag::HOME != 0 {
                self.come_home.push((document, session));
            }
        }
        if self.ways_elsewhere(session) != 0 {
            self.sessions[session].flags |= flag::ELSEWHERE;
        }
    }

    /// Puts the lists into their order, when all documents are in.
    fn finish(&mut self) {
        let boxed = |(at, (_, area)): (usize, &(u32, AreaFacts))| {
            let [west, south, east, north] = area.extent?.bounds;
            Some(GeomWithData::new(Rectangle::from_corners([west, south], [east, north]), at))
        };
        self.area_boxes = RTree::bulk_load(self.areas.iter().enumerate().filter_map(boxed).collect());
        self.session_starts.resize(self.offerings.len() + 1, self.sessions.len() as u32);
        self.lowest_numbers = vec![i64::MAX; self.offerings.len().div_ceil(64)];
        for document in &self.by_name {
            let lowest = &mut self.lowest_numbers[*document as usize / 64];
            *lowest = self.offerings[*document as usize].number.min(*lowest);
        }
        let own = &*self;
        let positions = (0..own.offerings.len() as u32).flat_map(|document| {
            let sessions = own.sessions_of(document).filter(|at| own.has_position(*at));
            sessions.map(move |at| (document, own.positions[at]))
        });
        self.grid = Grid::new(positions);
        self.first_days.sort_unstable();
        self.last_days.sort_unstable();
        self.by_area.sort_unstable();
        self.by_area.dedup();
        self.for_residents.dedup();
        let mut by_name = std::mem::take(&mut self.by_name);
        by_name.sort_by(|a, b| {
            let number = |document: &u32| self.offerings[*document as usize].number;
            self.name(*a).cmp(self.name(*b)).then(number(a).cmp(&number(b)))
        });
        let mut rank = 0;
        for (at, document) in by_name.iter().enumerate() {
            if at > 0 && self.name(by_name[at - 1]) != self.name(*document) {
                rank += 1;
            }
            self.offerings[*document as usize].name_rank = rank;
        }
        self.by_name = by_name;
    }

    /// The areas around whose outlines a box can be drawn that holds a position.
    pub fn areas_around(&self, at: Position) -> impl Iterator<Item = &(u32, AreaFacts)> {
        self.area_boxes.locate_all_at_point(&[at.lon(), at.lat()]).map(|found| &self.areas[found.data])
    }

    /// The places of an offering's sessions; none of a document that is no offering.
    pub fn sessions_of(&self, document: u32) -> std::ops::Range<usize> {
        let at = document as usize;
        self.session_starts[at] as usize..self.session_starts[at + 1] as usize
    }

    /// The folded name of an offering.
    pub fn name(&self, document: u32) -> &str {
        &self.names[self.offering_lists[document as usize].name.range()]
    }

    /// The documents of the offerings with this folded name.
    pub fn named(&self, name: &str) -> &[u32] {
        let start = self.by_name.partition_point(|document| self.name(*document) < name);
        let rest = &self.by_name[start..];
        &rest[..rest.partition_point(|document| self.name(*document) == name)]
    }

    /// The organizations that have a part in an offering.
    pub fn organizations(&self, document: u32) -> &[u128] {
        &self.organizations[self.offering_lists[document as usize].organizations.range()]
    }

    /// Whether the position of a session is known.
    pub fn has_position(&self, session: usize) -> bool {
        !self.positions[session][0].is_nan()
    }

    /// In which ways a session is elsewhere than at a place that is known in every way, one bit each: online, at home,
    /// nationwide; of unknown position, of unknown area, of one of these.
    pub fn ways_elsewhere(&self, session: usize) -> u8 {
        let own = self.sessions[session].flags & flag::NOWHERE;
        if own != 0 {
            return own;
        }
        let no_position = !self.has_position(session);
        let no_area = self.areas(session).is_empty() && !self.is_for_residents(session);
        u8::from(no_position) << 3 | u8::from(no_area) << 4 | u8::from(no_position || no_area) << 5
    }

    /// The parts of the week in which a session is on, on this day or later; none when that is not known.
    #[inline]
    pub fn slots(&self, session: usize, today: i32) -> u32 {
        let row = &self.sessions[session];
        if row.flags & flag::ENDS == 0 {
            return row.slots;
        }
        let going_on = self.ends(session).iter().filter(|(last, _)| *last >= today);
        going_on.fold(row.slots, |all, (_, slots)| all | slots)
    }

    /// The parts of the week in which a session is on until a day.
    pub fn ends(&self, session: usize) -> &[(i32, u32)] {
        &self.ends[self.session_lists[session].ends.range()]
    }

    /// The documents that are found from a later day on.
    pub fn not_yet(&self, today: i32) -> &[(i32, u32)] {
        &self.first_days[self.first_days.partition_point(|(first, _)| *first <= today)..]
    }

    /// The documents that were found until an earlier day.
    pub fn no_more(&self, today: i32) -> &[(i32, u32)] {
        &self.last_days[..self.last_days.partition_point(|(last, _)| *last < today)]
    }

    /// Whether all known times of a session were before a day.
    pub fn is_over(&self, session: usize, today: i32) -> bool {
        self.sessions[session].flags & flag::ENDS != 0 && self.slots(session, today) == 0
    }

    /// What a session costs with the pass of each municipality.
    pub fn passes(&self, session: usize) -> &[(u16, u32)] {
        &self.passes[self.session_lists[session].passes.range()]
    }

    /// The areas of a session's location.
    pub fn areas(&self, session: usize) -> &[AreaKey] {
        &self.area_keys[self.session_lists[session].areas.range()]
    }

    /// Whether a session tells whose residents it is for.
    fn is_for_residents(&self, session: usize) -> bool {
        !self.service_areas(session).is_empty() || self.service_region(session).is_some()
    }

    /// The region whose residents a session is for.
    pub fn service_region(&self, session: usize) -> Option<&Region> {
        let at = self.service_regions.binary_search_by_key(&session, |(session, _)| *session).ok()?;
        Some(&self.service_regions[at].1)
    }

    /// Whether a session is for the residents of any region.
    pub fn has_service_regions(&self) -> bool {
        !self.service_regions.is_empty()
    }

    /// Whether a session comes to a home at this position, which these areas hold.
    pub fn comes_to(&self, session: usize, home: Position, areas: &[AreaKey]) -> bool {
        let is_for = |own: &AreaKey| areas.iter().any(|area| own.includes(*area));
        self.sessions[session].flags & flag::HOME != 0
            && (self.service_areas(session).iter().any(is_for)
                || self.service_region(session).is_some_and(|region| region.contains(home)))
    }

    /// The areas whose residents a session is for.
    pub fn service_areas(&self, session: usize) -> &[AreaKey] {
        &self.area_keys[self.session_lists[session].service_areas.range()]
    }
}
