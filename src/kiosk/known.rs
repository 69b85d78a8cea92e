//! Whose dossier was saved at this kiosk since it was started: enough to tell somebody that theirs is here already.
//!
//! Citizen numbers are few enough to be tried out, so nothing of this is on the disk: a tag under a key that lives and dies
//! with the process. A kiosk that is stolen and switched off tells nothing; one that was restarted has forgotten.

use super::Told;
use crate::domain::citizen::CitizenId;
use crate::domain::flow::Event;
use crate::domain::form::{Application, Field};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

type Tag = [u8; 32];

/// Tags of those who have an open dossier here.
pub(super) struct Known {
    key: Option<Zeroizing<[u8; 32]>>,
    tags: HashSet<Tag>,
    /// Being saved; counted once it is.
    next: Option<Tag>,
}

impl Known {
    /// Nobody. Without a random key nobody ever is: the notice is only advice.
    pub(super) fn nobody() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        let is_random = getrandom::fill(&mut *key).is_ok();
        Self { key: is_random.then_some(key), tags: HashSet::new(), next: None }
    }

    /// This one is being saved.
    pub(super) fn saving(&mut self, application: &Application) {
        let pin = application.fields().find(|(field, _)| *field == Field::Pin);
        self.next = pin.and_then(|(_, filled)| CitizenId::parse(&filled.value).ok()).and_then(|id| self.tag(&id));
    }

    /// It is saved.
    pub(super) fn saved(&mut self) {
        self.tags.extend(self.next.take());
    }

    /// Tells the loop if a dossier of this person was saved here. A full channel drops the notice, which is only advice.
    pub(super) fn look_up(&self, id: &CitizenId, events: &mpsc::Sender<Told>) {
        if self.tag(id).is_some_and(|tag| self.tags.contains(&tag)) {
            drop(events.try_send(Told::World(Event::HasDossier)));
        }
    }

    /// Key and number are of one length each: no other number gives the same bytes.
    fn tag(&self, id: &CitizenId) -> Option<Tag> {
        let key = self.key.as_ref()?;
        Some(Sha256::new().chain_update(**key).chain_update(id.as_str()).finalize().into())
    }
}
