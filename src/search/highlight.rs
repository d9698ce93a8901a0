//! Marks the words of a query in texts.

use std::collections::HashMap;

use super::analysis::{QueryWord, words_where};

/// Marks the words of a query. What it knows of a word it knows for the next text: those of one page are much alike, and
/// stems cost most.
pub(super) struct Marker<'q> {
    words: Vec<&'q QueryWord>,
    /// Whether the query finds a folded word.
    finds: HashMap<String, bool>,
}

impl<'q> Marker<'q> {
    pub fn new(words: impl Iterator<Item = &'q QueryWord>) -> Self {
        Self { words: words.collect(), finds: HashMap::new() }
    }

    /// The text as HTML with `<mark>` around each word that the query finds; nothing when it finds none.
    pub fn mark(&mut self, text: &str) -> Option<String> {
        let mut html = String::new();
        let mut done = 0;
        for word in words_where(text, |run| self.words.iter().any(|wanted| wanted.may_find(run))) {
            // A run that folding parts is one word here.
            if word.start < done || !self.finds(word.folded) {
                continue;
            }
            html.reserve(text.len() + 32);
            escape(&text[done..word.start], &mut html);
            html.push_str("<mark>");
            escape(&text[word.start..word.end], &mut html);
            html.push_str("</mark>");
            done = word.end;
        }
        if done == 0 {
            return None;
        }
        escape(&text[done..], &mut html);
        Some(html)
    }

    fn finds(&mut self, folded: String) -> bool {
        if let Some(finds) = self.finds.get(&folded) {
            return *finds;
        }
        let finds = self.words.iter().any(|wanted| wanted.finds(&folded));
        self.finds.insert(folded, finds);
        finds
    }
}

fn escape(text: &str, html: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::analysis::{query_words, words};

    #[test]
    fn words_are_marked_in_all_their_forms_and_the_rest_is_escaped() {
        for (text, query, expected) in [
            ("Wandelen & praten <b>", "wandeling", Some("<mark>Wandelen</mark> &amp; praten &lt;b&gt;")),
            ("Café 'De Hoek'", "cafe hoek", Some("<mark>Café</mark> &#39;De <mark>Hoek</mark>&#39;")),
            ("Eten voor ouderen", "ouders", None),
            ("ŁÓDŹ łódź", "lodz", Some("<mark>ŁÓDŹ</mark> <mark>łódź</mark>")),
            ("½½ uur", "1 2", Some("<mark>½½</mark> uur")),
        ] {
            assert_eq!(Marker::new(query_words(query).iter()).mark(text).as_deref(), expected, "{text}, {query}");
        }
    }

    proptest::proptest! {
        #[test]
        fn marks_take_nothing_away(text in "\\PC{0,40}|[a-c &<']{0,20}", query in "\\PC{0,10}|[a-c ]{0,5}") {
            let query = query_words(&query);
            let mut marker = Marker::new(query.iter());
            let slowly = words(&text).iter().any(|word| query.iter().any(|wanted| wanted.finds(&word.folded)));
            let html = marker.mark(&text);
            proptest::prop_assert_eq!(html.is_some(), slowly);
            proptest::prop_assert_eq!(&marker.mark(&text), &html, "what it knows changes nothing");
            if let Some(html) = html {
                let mut escaped = String::new();
                escape(&text, &mut escaped);
                proptest::prop_assert_eq!(html.replace("<mark>", "").replace("</mark>", ""), escaped);
            }
        }
    }
}
