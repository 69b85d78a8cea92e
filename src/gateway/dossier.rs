//! A checked application as the content of an envelope, and back again at the office.

use super::wire::{Consent, Dossier, PortraitState, Value};
use crate::domain::card::CardClaim;
use crate::domain::citizen::Date;
use crate::domain::flow::{Consents, PortraitNote, Purpose, Sealable};
use crate::domain::form::{Answer, Asked, Draft, Field, Problem, Rules, Source};
use crate::envelope::Part;
use zeroize::Zeroizing;

/// Version of the content's shape.
pub const VERSION: u8 = 1;
/// Media type of the portrait, a content of its own beside the form.
pub const PORTRAIT: &str = "image/jpeg";

const CARD_QR: &str = "card_qr";
const TYPED: &str = "typed";
const TRIAGE: &str = "triage";

/// The plain content of part 0 as JSON. Wiped when dropped.
pub fn content(sealable: &Sealable, consent_version: &str) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    let fields = sealable.application.fields().map(|(field, filled)| {
        let value = Value {
            value: filled.value.to_string(),
            source: source_key(filled.source).to_owned(),
            on_card: filled.on_card.as_ref().map(|text| text.to_string()),
            before_2025: filled.before_2025.as_ref().map(|text| text.to_string()),
            since_2025: filled.since_2025.as_ref().map(|text| text.to_string()),
        };
        (field.spec().key.to_owned(), value)
    });
    let dossier = Dossier {
        v: VERSION,
        form_edition: sealable.application.edition().to_owned(),
        fields: fields.collect(),
        consent: Consent { version: consent_version.to_owned(), purposes: Purpose::keys_of(&sealable.consents) },
        papers: sealable.application.papers().iter().map(|paper| paper.code().to_owned()).collect(),
        portrait: match sealable.portrait_note {
            PortraitNote::NotAsked => None,
            PortraitNote::Inside => Some(PortraitState::Inside),
            PortraitNote::Skipped => Some(PortraitState::Skipped),
        },
    };
    serde_json::to_vec(&dossier).map(Zeroizing::new)
}

/// The other contents of the envelope: the portrait, if one was taken.
pub fn attachments(sealable: &Sealable) -> Vec<Part> {
    let portrait = sealable.portrait.iter();
    portrait.map(|one| Part { media_type: PORTRAIT.to_owned(), bytes: Zeroizing::clone(&one.jpeg) }).collect()
}

/// Checks a received dossier with the form's own code: every problem as field key and problem code.
pub fn problems(dossier: &Dossier, rules: &Rules, today: Date) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    if dossier.v != VERSION || dossier.form_edition != rules.edition {
        found.push(("form_edition".to_owned(), "unknown-edition"));
    }
    let agreed = Purpose::among(&dossier.consent.purposes);
    if Purpose::ALL.into_iter().any(|purpose| purpose.is_required() && !agreed[purpose as usize]) {
        found.push(("consent".to_owned(), Problem::Required.code()));
    }
    let mut draft = before_the_guard(dossier);
    for (key, value) in &dossier.fields {
        match Field::from_key(key) {
            Some(field) => draft.enter(field, value.value.clone()),
            None => found.push((key.clone(), "unknown-field")),
        }
    }
    if let Err(wrong) = draft.check(Asked { rules, today }) {
        found.extend(wrong.into_iter().map(|(field, problem)| (field.spec().key.to_owned(), problem.code())));
    }
    found
}

/// The draft of a saved dossier, compared with the card, for the next version of it; with it what was agreed to, if that
/// was the text of `consent_version`. `None`: the number in it is not the card's.
pub fn reopened(dossier: &Dossier, card: &CardClaim, consent_version: &str) -> Option<(Draft, Consents)> {
    let number = dossier.fields.get(Field::Pin.spec().key)?;
    if number.value != card.id().as_str() {
        return None;
    }
    let mut draft = before_the_guard(dossier);
    draft.claim(card);
    for field in Field::ALL {
        let Some(value) = dossier.fields.get(field.spec().key) else {
            // What the citizen took out of the card's data stays out.
            if !field.is_help() {
                draft.enter(field, String::new());
            }
            continue;
        };
        draft.put_back(field, &value.value, value.before_2025.as_deref(), value.source == TRIAGE);
    }
    let same_text = dossier.consent.version == consent_version;
    let agreed = if same_text { Purpose::among(&dossier.consent.purposes) } else { Consents::default() };
    Some((draft, agreed))
}

/// What dossiers of before 2026-11-25 leave out: their citizens chose the request itself, and worded a change
/// themselves.
fn before_the_guard(dossier: &Dossier) -> Draft {
    let mut draft = Draft::default();
    let request = dossier.fields.get(Field::Request.spec().key).and_then(|value| Answer::from_key(&value.value));
    if let Some(request) = request.filter(|_| !dossier.fields.contains_key(Field::EverIssued.spec().key)) {
        let issued = if request == Answer::FirstIssue { Answer::NeverIssued } else { Answer::IssuedBefore };
        draft.enter(Field::EverIssued, issued.key().to_owned());
        if request == Answer::FirstIssue {
            draft.enter(Field::FirstConfirmed, issued.key().to_owned());
        }
        draft.enter(Field::Request, request.key().to_owned());
        if request == Answer::Changed {
            draft.enter(Field::ChangeKind, Answer::ChangedOther.key().to_owned());
        }
    }
    draft
}

fn source_key(source: Source) -> &'static str {
    match source {
        Source::CardQr => CARD_QR,
        Source::Typed => TYPED,
        Source::Triage => TRIAGE,
    }
}
