//! Putting values into a JSON document at a pointer, and taking them out again.
//!
//! Pointers (RFC 6901) here name keys of our own forms, which hold no `/` and no `~`. A number is a place in a list.

use serde_json::{Map, Value};

/// The most items of a list that a pointer may ask for; the domain accepts no more either.
pub(super) const MAX_ITEMS: usize = 200;

/// Puts a value, making objects and lists on the way; what stands there already gives way.
pub(super) fn put(root: &mut Value, pointer: &str, value: Value) {
    let mut at = root;
    for key in pointer.split('/').skip(1) {
        at = match key.parse::<usize>() {
            Ok(index) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let Value::Array(items) = at else { return };
                let index = index.min(MAX_ITEMS);
                if items.len() <= index {
                    items.resize(index + 1, Value::Null);
                }
                &mut items[index]
            }
            Err(_) => {
                if !at.is_object() {
                    *at = Value::Object(Map::new());
                }
                let Value::Object(map) = at else { return };
                map.entry(key).or_insert(Value::Null)
            }
        };
    }
    *at = value;
}

/// Puts every value of a fragment of the form: objects and lists of objects are gone into, the rest replaces.
pub(super) fn put_all(root: &mut Value, pointer: &str, fragment: &Value) {
    match fragment {
        Value::Object(map) => {
            for (key, value) in map {
                put_all(root, &format!("{pointer}/{key}"), value);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (index, item) in items.iter().enumerate() {
                put_all(root, &format!("{pointer}/{index}"), item);
            }
        }
        other => put(root, pointer, other.clone()),
    }
}

/// Takes a value out, and with it the objects and lists that are empty then.
///
/// In a list its place stays, as nothing, until all places are nothing, so that the pointers of the others stay right.
pub(super) fn take(root: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, key) = pointer.rsplit_once('/')?;
    let taken = match root.pointer_mut(parent)? {
        Value::Object(map) => map.remove(key)?,
        Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?)?.take(),
        _ => return None,
    };
    let emptied = match root.pointer(parent) {
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(items)) => items.iter().all(Value::is_null),
        _ => false,
    };
    if emptied && !parent.is_empty() {
        take(root, parent);
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_put_can_be_taken_and_leaves_nothing_behind() {
        let mut document = json!({});
        put(&mut document, "/cost/prices/1/amount", json!(2));
        put(&mut document, "/cost/prices/0/per", json!("visit"));
        put(&mut document, "/name", json!("Koffie"));
        assert_eq!(document, json!({ "name": "Koffie", "cost": { "prices": [{ "per": "visit" }, { "amount": 2 }] } }));
        assert_eq!(take(&mut document, "/cost/prices/0/per"), Some(json!("visit")));
        assert_eq!(take(&mut document, "/cost/prices/1/amount"), Some(json!(2)));
        assert_eq!(document, json!({ "name": "Koffie" }));
        assert_eq!(take(&mut document, "/cost/prices/1/amount"), None);
    }

    #[test]
    fn a_fragment_is_put_value_by_value() {
        let mut document = json!({ "theme": ["work"], "sessions": [{ "label": "ochtend" }] });
        put_all(&mut document, "", &json!({ "theme": ["grief"], "sessions": [{ "place": { "type": "home" } }] }));
        let expected = json!({ "theme": ["grief"], "sessions": [{ "label": "ochtend", "place": { "type": "home" } }] });
        assert_eq!(document, expected);
    }

    #[test]
    fn no_pointer_asks_for_endless_memory() {
        let mut document = json!({});
        put(&mut document, "/theme/99999999999", json!("grief"));
        assert_eq!(document["theme"].as_array().map(Vec::len), Some(MAX_ITEMS + 1));
    }
}
