//! How people reach an offering: a role with channels, and the values the channels carry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::vocabulary::ConceptId;

/// Who answers, and how to reach them; a role, never only a person's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The role of who answers, as "Gastvrouw".
    pub role: String,
    /// At least one way to reach them.
    pub channels: Vec<Channel>,
    /// What to say when you call, as "Zeg: ik kom voor de wandelgroep".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub say_this: Option<String>,
}

/// One way to reach a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// What kind of way.
    #[serde(rename = "type")]
    pub kind: ChannelType,
    /// The number, address or place, in the form that its type asks for.
    pub value: String,
    /// When somebody answers, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// The languages in which somebody answers; empty when unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<ConceptId>,
}

/// The kinds of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChannelType {
    /// A telephone number.
    Phone,
    /// A number for text messages.
    Sms,
    /// A number on WhatsApp; valid alone.
    Whatsapp,
    /// An e-mail address.
    Email,
    /// The address of a web form.
    Form,
    /// A place to go to, in words.
    Visit,
}

impl ChannelType {
    /// Checks and tidies the value of a channel of this type.
    pub fn check(self, value: &str) -> Result<String, String> {
        match self {
            Self::Phone | Self::Sms | Self::Whatsapp => {
                Phone::from_str(value).map(String::from).map_err(|e| e.to_string())
            }
            Self::Email => Email::from_str(value).map(String::from).map_err(|e| e.to_string()),
            Self::Form => WebUrl::from_str(value).map(String::from).map_err(|e| e.to_string()),
            Self::Visit => Ok(value.to_owned()),
        }
    }
}

macro_rules! text_values {
    ($($(#[$doc:meta])* $name:ident, $error:ident, $message:literal, $example:literal);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, example = $example)]
        pub struct $name(String);

        impl $name {
            /// The value as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[doc = concat!("Text that is no [`", stringify!($name), "`].")]
        #[derive(Debug, thiserror::Error)]
        #[error($message)]
        pub struct $error(String);
    )+};
}

text_values! {
    /// A telephone number as people write it: digits, spaces, and perhaps a leading `+`; 3 to 15 digits.
    ///
    /// Short numbers such as 113 and 14020 are numbers too. Written as given, with single spaces.
    Phone, InvalidPhone, "'{0}' is not a telephone number: give 3 to 15 digits, as 020 000 00 01 or +31 20 000 00 01", "020 000 00 01";
    /// An e-mail address: a name, one `@`, and a host name with a dot.
    Email, InvalidEmail, "'{0}' is not an e-mail address: give one as info@buurthuis.example", "info@buurthuis.example";
    /// An address on the web, `https` or `http`.
    WebUrl, InvalidWebUrl, "'{0}' is not a web address: give one as https://buurthuis.example/", "https://buurthuis.example/";
}

impl FromStr for Phone {
    type Err = InvalidPhone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || InvalidPhone(text.chars().take(40).collect());
        // The zero in brackets is dialled only without the code of the country.
        let text = if text.starts_with('+') { &text.replace("(0)", "") } else { text };
        let spaced: String = text.chars().map(|c| if "-./()".contains(c) { ' ' } else { c }).collect();
        let kept = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
        let digits = kept.strip_prefix('+').unwrap_or(&kept);
        let count = digits.bytes().filter(u8::is_ascii_digit).count();
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b' ');
        if plain && (3..=15).contains(&count) { Ok(Self(kept)) } else { Err(fault()) }
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ok = text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"()".contains(c))
            && text.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty()
                    && !host.contains('@')
                    && host.split('.').count() > 1
                    && host.split('.').all(|part| !part.is_empty())
            });
        if ok { Ok(Self(text.into())) } else { Err(InvalidEmail(text.chars().take(80).collect())) }
    }
}

impl FromStr for WebUrl {
    type Err = InvalidWebUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || InvalidWebUrl(text.chars().take(80).collect());
        let url = url::Url::parse(text).map_err(|_| fault())?;
        let ok = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && text.len() <= 2000;
        if ok { Ok(Self(url.into())) } else { Err(fault()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_single_spaces() {
        for (given, kept) in [
            ("020-000 00 01", "020 000 00 01"),
            ("+31 (0)20.0000001", "+31 20 0000001"),
            ("113", "113"),
            ("0800-0113", "0800 0113"),
        ] {
            assert_eq!(Phone::from_str(given).map(String::from).ok().as_deref(), Some(kept), "{given}");
        }
        for wrong in ["", "12", "bel mij", "020 000 00 01 toestel 3", "++31200000001", "12345678901234567"] {
            assert!(Phone::from_str(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert!(WebUrl::from_str("https://buurthuis.example/pad?x=1").is_ok());
        for wrong in
            ["javascript:alert(1)", "buurthuis.example", "ftp://x.example/", "https://", "https://user@x.example/"]
        {
            assert!(WebUrl::from_str(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_has_one_at_sign_and_a_host() {
        assert!(Email::from_str("info@buurthuis.example").is_ok());
        for wrong in ["info", "@x.example", "a@b", "a b@c.example", "a@@c.example", "a@.example"] {
            assert!(Email::from_str(wrong).is_err(), "{wrong}");
        }
    }
}
