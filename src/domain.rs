//! Values and rules of the service, pure: no HTTP, SQL, index, clock or file.
//!
//! What stands here cannot be wrong: each value has one constructor that refuses nonsense, and
//! whoever holds the value need not check it again. [`OfferingDraft`] is the border for whole
//! offerings: it becomes an [`Offering`] or all its [`Violation`]s at once.

pub mod access;
pub mod area;
pub mod barrier;
pub mod change;
pub mod contact;
pub mod cost;
pub mod crisis;
pub mod draft;
pub mod holidays;
pub mod ids;
pub mod joining;
pub mod lexicon;
pub mod moment;
pub mod occurrence;
pub mod offering;
pub mod place;
pub mod postcode;
pub mod public;
pub mod reader;
pub mod recurrence;
pub mod region;
pub mod schedule;
pub mod text;
pub mod vocabulary;
pub mod wording;

pub use access::{Access, Capacity, CapacityState, Identification, Joining, Referral};
pub use area::{Area, AreaCode, AreaKind, FrontDoor};
pub use barrier::{BarrierKind, Barriers};
pub use change::{Change, ChangeKind, Deed, EntityKind, Revision, Tally};
pub use contact::{Channel, ChannelType, Contact, Email, Phone, WebUrl};
pub use cost::{CityPass, Cost, Euros, ExtraCost, PassEffect, Price, PriceUnit};
pub use crisis::Crisis;
pub use draft::OfferingDraft;
pub use holidays::HolidayCalendar;
pub use ids::{ChangeNumber, ItemNumber, LocationId, MunicipalityCode, OfferingId, OrganizationId, SessionId, Version};
pub use joining::Joinable;
pub use lexicon::{ConceptRef, Family, Lexicon, Need};
pub use moment::Now;
pub use occurrence::{Occurrence, Timetable};
pub use offering::{
    AgeRange, Assurance, DutchLevel, Image, Involvement, Maintainer, Offering, Organization, Place, Role, Session,
    Source, State, Status, Terms, Translation, TranslationOrigin,
};
pub use place::{Address, BoundingBox, Distance, InvalidPosition, Location, Position, Visibility};
pub use postcode::{Postcode, PostcodeArea};
pub use public::{PublicOffering, StoredOffering};
pub use reader::Violation;
pub use recurrence::Recurrence;
pub use region::{InvalidRegion, Region};
pub use schedule::{DayPart, Enrolment, Holidays, Schedule, ScheduleException, Slots};
pub use text::LanguageTag;
pub use vocabulary::{Concept, ConceptId, Labels, Scheme, Vocabulary};
pub use wording::{Meaning, Synonym, Wording, WordingDraft};
