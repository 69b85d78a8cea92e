//! A half-filled form as bytes, and back again beside the card of its citizen.

use crate::domain::card::CardClaim;
use crate::domain::flow::{Consents, HalfFilled, Purpose};
use crate::domain::form::{Draft, Field, Section, Source};
use crate::domain::triage::Answers;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    v: u8,
    consent_version: String,
    purposes: Vec<String>,
    answers: String,
    /// Key of the first field of the step.
    step: Option<String>,
    fields: BTreeMap<String, Entry>,
    declined: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    value: String,
    /// What an address said before units of today were taken for it.
    given: Option<String>,
    triage: bool,
}

/// JSON. Nothing is written of the card: it is presented again.
pub(super) fn to_bytes(half: &HalfFilled, consent_version: &str) -> Option<Zeroizing<Vec<u8>>> {
    let HalfFilled { draft, section, answers, consents } = half;
    let filled = Field::ALL.into_iter().filter(|field| !draft.value(*field).is_empty());
    let fields = filled.map(|field| {
        let (value, given) = (draft.value(field), draft.as_given(field));
        let entry = Entry {
            value: value.to_owned(),
            given: (given != value).then(|| given.to_owned()),
            triage: draft.source(field) == Some(Source::Triage),
        };
        (field.spec().key.to_owned(), entry)
    });
    let declined = Field::ALL.into_iter().filter(|field| draft.is_declined(*field));
    let shape = Shape {
        v: VERSION,
        consent_version: consent_version.to_owned(),
        purposes: Purpose::keys_of(consents),
        answers: answers.code(),
        step: section.and_then(first_key).map(str::to_owned),
        fields: fields.collect(),
        declined: declined.map(|field| field.spec().key.to_owned()).collect(),
    };
    serde_json::to_vec(&shape).ok().map(Zeroizing::new)
}

/// Beside this card. `None`: of another version. A consent to another text is no consent to this one.
pub(super) fn parse(bytes: &[u8], card: &CardClaim, consent_version: &str) -> Option<HalfFilled> {
    let shape: Shape = serde_json::from_slice(bytes).ok().filter(|shape: &Shape| shape.v == VERSION)?;
    let mut draft = Draft::default();
    draft.claim(card);
    for field in Field::ALL {
        match shape.fields.get(field.spec().key) {
            // What the citizen took out of the card's data stays out.
            None => draft.enter(field, String::new()),
            Some(Entry { value, given, triage }) => draft.put_back(field, value, given.as_deref(), *triage),
        }
    }
    for field in shape.declined.iter().filter_map(|key| Field::from_key(key)) {
        draft.decline(field);
    }
    let same_text = shape.consent_version == consent_version;
    let consents = if same_text { Purpose::among(&shape.purposes) } else { Consents::default() };
    let section = shape.step.and_then(|key| Some(Field::from_key(&key)?.spec().section));
    Some(HalfFilled { draft, section, answers: Answers::parse(&shape.answers)?, consents })
}

fn first_key(section: Section) -> Option<&'static str> {
    section.fields().next().map(|field| field.spec().key)
}
