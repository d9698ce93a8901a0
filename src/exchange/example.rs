//! The files that `wegwijzer import --template` writes: the columns alone, and filled in for three offerings.

use super::cell::{self, BOM};
use super::columns::{COLUMNS, TRANSLATED};

/// The rows of the example, as column and cell; the second offering has two rows, one for each of its groups.
const EXAMPLE: [&[(&str, &str)]; 4] = [
    &[
        ("external_id", "voorbeeld-1"),
        ("name", "Koffie-uur in de buurtkamer"),
        ("summary", "Drink koffie en praat met mensen uit de buurt."),
        ("description", "Iedereen kan binnenlopen. U hoeft niet te zeggen waarom u komt."),
        ("name_en", "Coffee hour in the community room"),
        ("summary_en", "Have a coffee and talk with people from the neighbourhood."),
        ("sphere", "Gemeenschappelijk"),
        ("formality", "informal"),
        ("kind", "Ontmoetingsplek"),
        ("continuum", "together"),
        ("theme", "meeting_people|loneliness"),
        ("target_group", "Iedereen"),
        ("organization", "Buurtkamer De Werf"),
        ("provider_type", "residents_initiative"),
        ("website", "https://dewerf.example/"),
        ("source", "voorbeeld"),
        ("municipality", "GM0363"),
        ("assured_date", "12-10-2026"),
        ("assured_by", "Buurtteam"),
        ("spoken_language", "nl|ar"),
        ("dutch_level", "none"),
        ("accessibility", "wheelchair|accessible_toilet"),
        ("cost", "Gratis"),
        ("joining", "inloop"),
        ("referral", "niet nodig"),
        ("anonymous", "ja"),
        ("contact_role", "Gastvrouw"),
        ("phone", "020 000 00 01"),
        ("say_this", "Zeg: ik kom voor het koffie-uur."),
        ("location_name", "Buurtkamer De Werf"),
        ("street", "Czaar Peterstraat"),
        ("house_number", "1"),
        ("postcode", "1018 NW"),
        ("city", "Amsterdam"),
        ("latitude", "52,3699"),
        ("longitude", "4,9296"),
        ("weekday", "dinsdag|donderdag"),
        ("starts_at", "10:00"),
        ("ends_at", "12:00"),
    ],
    &[
        ("external_id", "voorbeeld-2"),
        ("name", "Samen wandelen"),
        ("summary", "Wandel een uur mee door de buurt, in uw eigen tempo."),
        ("sphere", "communal"),
        ("formality", "mixed"),
        ("kind", "exercise_group"),
        ("theme", "exercise|meeting_people"),
        ("organization", "Welzijn aan het Water|Wandelclub Noord"),
        ("organization_role", "lead|partner"),
        ("provider_type", "welfare_organisation|sports_club"),
        ("source", "voorbeeld"),
        ("municipality", "GM0363"),
        ("age_from", "18"),
        ("cost", "small_amount"),
        ("price", "2,50|1"),
        ("price_per", "keer|keer"),
        ("price_for", "volwassenen|studenten"),
        ("city_pass", "GM0363"),
        ("city_pass_effect", "gratis"),
        ("contact_role", "Beweegcoach"),
        ("whatsapp", "020 000 00 02"),
        ("email", "wandelen@water.example"),
        ("session_label", "gemengde groep"),
        ("location_name", "Huis van de Wijk aan het Water"),
        ("street", "Kadeweg"),
        ("house_number", "12"),
        ("city", "Amsterdam"),
        ("rule", "FREQ=MONTHLY;BYDAY=1SA"),
        ("from", "2026-01-03"),
        ("starts_at", "9.30"),
        ("ends_at", "10.30"),
    ],
    &[
        ("external_id", "voorbeeld-2"),
        ("gender_setting", "women_only"),
        ("session_label", "vrouwengroep"),
        ("location_name", "Huis van de Wijk aan het Water"),
        ("weekday", "woensdag"),
        ("starts_at", "9.30"),
        ("ends_at", "10.30"),
    ],
    &[
        ("external_id", "voorbeeld-3"),
        ("name", "Luisterlijn in uw eigen taal"),
        ("summary", "Bel als u met iemand wilt praten."),
        ("sphere", "institutional"),
        ("formality", "informal"),
        ("kind", "helpline"),
        ("theme", "loneliness|low_mood_and_anxiety"),
        ("organization", "Stichting Luisteren"),
        ("provider_type", "volunteer_organisation"),
        ("source", "voorbeeld"),
        ("municipality", "NL"),
        ("spoken_language", "nl|en|tr"),
        ("cost", "free"),
        ("identification", "niets"),
        ("anonymous", "ja"),
        ("contact_role", "Vrijwilliger"),
        ("phone", "020 000 00 03"),
        ("place", "landelijk"),
    ],
];

/// The language whose columns the template shows.
const LANGUAGE: &str = "en";

/// The header alone: every column, and those of one translation.
pub fn template() -> String {
    format!("{BOM}{}\n", columns().join(","))
}

/// The header and three offerings, ready to import.
pub fn example() -> String {
    let columns = columns();
    let mut text = template();
    for row in EXAMPLE {
        let cells = columns.iter().map(|column| {
            let cell = row.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell);
            cell::quoted(cell)
        });
        text += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    text
}

fn columns() -> Vec<String> {
    let mut columns: Vec<String> = COLUMNS.iter().map(|column| column.name.to_owned()).collect();
    columns.extend(TRANSLATED.iter().map(|(prefix, _)| format!("{prefix}{LANGUAGE}")));
    columns
}
