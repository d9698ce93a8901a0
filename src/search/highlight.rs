//! Marks the words of a query in a text.

use super::analysis::{QueryWord, words_where};

/// The text as HTML with `<mark>` around each word that the query finds; nothing when it finds none.
pub(super) fn highlight(text: &str, query: &[&QueryWord]) -> Option<String> {
    let mut html = String::with_capacity(text.len() + 32);
    let mut done = 0;
    let mut found = false;
    for word in words_where(text, |run| query.iter().any(|wanted| wanted.may_find(run))) {
        // A run that folding parts is one word here.
        if word.start < done || !query.iter().any(|wanted| wanted.finds(&word.folded)) {
            continue;
        }
        escape(&text[done..word.start], &mut html);
        html.push_str("<mark>");
        escape(&text[word.start..word.end], &mut html);
        html.push_str("</mark>");
        done = word.end;
        found = true;
    }
    escape(&text[done..], &mut html);
    found.then_some(html)
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
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
            assert_eq!(
                highlight(text, &query_words(query).iter().collect::<Vec<_>>()).as_deref(),
                expected,
                "{text}, {query}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn marks_take_nothing_away(text in "\\PC{0,40}|[a-c ]{0,20}", query in "\\PC{0,10}|[a-c ]{0,5}") {
            let slowly = words(&text).iter().any(|word| query_words(&query).iter().any(|wanted| wanted.finds(&word.folded)));
            proptest::prop_assert_eq!(highlight(&text, &query_words(&query).iter().collect::<Vec<_>>()).is_some(), slowly);
            if let Some(html) = highlight(&text, &query_words(&query).iter().collect::<Vec<_>>()) {
                let mut escaped = String::new();
                escape(&text, &mut escaped);
                proptest::prop_assert_eq!(html.replace("<mark>", "").replace("</mark>", ""), escaped);
            }
        }
    }
}
