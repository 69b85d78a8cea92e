//! Whose dossier is here already: saved at this kiosk since it was started, or open at the office if it answers in time.
//!
//! Citizen numbers are few enough to be tried out, so nothing of this is on the disk: tags under keys that live and die
//! with the process. A kiosk that is stolen and switched off tells nothing; one that was restarted has forgotten.

use super::Told;
use crate::domain::citizen::CitizenId;
use crate::domain::form::{Application, Field};
use crate::gateway::http::Gateway;
use crate::gateway::open::{self, PersonKey, Tag};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// So long the office may take; after that nothing is told.
const PATIENCE: Duration = Duration::from_secs(2);
/// More marks than these do not wait for the office.
const MAX_MARKS: usize = 1_000;

/// Tags of those who have an open dossier here, and the way to ask the office.
pub(super) struct Known {
    key: Option<PersonKey>,
    tags: HashSet<Tag>,
    /// Being saved; counted once it is.
    next: Option<Next>,
    /// Counts questions and sessions: an answer that comes late is nobody's.
    asked: u64,
    gateway: Option<Arc<Gateway>>,
    office: Arc<Mutex<Office>>,
}

/// Tags of the person whose dossier is being saved.
struct Next {
    here: Option<Tag>,
    mark: Option<(Tag, Uuid)>,
}

/// What is shared with the calls that are under way.
#[derive(Default)]
struct Office {
    key: Option<PersonKey>,
    /// Saved here, and not yet told to the office.
    marks: Vec<(Tag, Uuid)>,
}

impl Known {
    /// Nobody. Without a random key nobody ever is: the notice is only advice.
    pub(super) fn nobody(gateway: Option<Arc<Gateway>>) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        let is_random = getrandom::fill(&mut *key).is_ok();
        let key = is_random.then_some(key);
        Self { key, tags: HashSet::new(), next: None, asked: 0, gateway, office: Arc::default() }
    }

    /// This one is being saved.
    pub(super) fn saving(&mut self, application: &Application, dossier: Uuid) {
        let pin = application.fields().find(|(field, _)| *field == Field::Pin);
        self.next =
            pin.and_then(|(_, filled)| CitizenId::parse(&filled.value).ok()).map(|id| self.tags_of(&id, dossier));
    }

    /// Under our own key, and under the office's where it is known.
    fn tags_of(&self, id: &CitizenId, dossier: Uuid) -> Next {
        Next { here: self.tag(id), mark: lock(&self.office).key.as_ref().map(|key| (open::tag(key, id), dossier)) }
    }

    /// It is saved.
    pub(super) fn saved(&mut self) {
        let Some(Next { here, mark }) = self.next.take() else { return };
        self.tags.extend(here);
        {
            let mut office = lock(&self.office);
            if office.marks.len() < MAX_MARKS {
                office.marks.extend(mark);
            }
        }
        self.reach();
    }

    /// The session is over: no answer is awaited.
    pub(super) fn forget(&mut self) {
        self.asked += 1;
    }

    /// True for the latest question of the running session.
    pub(super) fn is_current(&self, asked: u64) -> bool {
        asked == self.asked
    }

    /// Tells the loop if this person has a dossier here, or at the office. A full channel drops the notice, which is only
    /// advice.
    pub(super) fn look_up(&mut self, id: &CitizenId, events: &mpsc::Sender<Told>) {
        self.asked += 1;
        let asked = self.asked;
        if self.tag(id).is_some_and(|tag| self.tags.contains(&tag)) {
            drop(events.try_send(Told::HasDossier { asked }));
            return;
        }
        let Some(gateway) = self.gateway.clone() else { return };
        let (office, events, id) = (Arc::clone(&self.office), events.clone(), id.clone());
        tokio::spawn(async move {
            let open = tokio::time::timeout(PATIENCE, is_open(&gateway, &office, &id)).await;
            if open == Ok(Some(true)) {
                drop(events.try_send(Told::HasDossier { asked }));
            }
        });
    }

    /// Fetches the office's key and tells it what was saved meanwhile. What fails is tried at the next occasion.
    pub(super) fn reach(&self) {
        let Some(gateway) = self.gateway.clone() else { return };
        let office = Arc::clone(&self.office);
        tokio::spawn(async move {
            let marks = std::mem::take(&mut lock(&office).marks);
            if marks.is_empty() && lock(&office).key.is_none() {
                ask(&gateway, &office, None, None).await;
            }
            for (tag, dossier) in marks {
                if ask(&gateway, &office, Some(tag), Some(dossier)).await.is_none() {
                    lock(&office).marks.push((tag, dossier));
                }
            }
        });
    }

    fn tag(&self, id: &CitizenId) -> Option<Tag> {
        self.key.as_ref().map(|key| open::tag(key, id))
    }
}

async fn is_open(gateway: &Gateway, office: &Mutex<Office>, id: &CitizenId) -> Option<bool> {
    if lock(office).key.is_none() {
        ask(gateway, office, None, None).await?;
    }
    let tag = lock(office).key.as_ref().map(|key| open::tag(key, id))?;
    ask(gateway, office, Some(tag), None).await
}

/// Keeps the key of the answer: the office may have another one since.
async fn ask(gateway: &Gateway, office: &Mutex<Office>, tag: Option<Tag>, dossier: Option<Uuid>) -> Option<bool> {
    let (key, open) = gateway.ask_open(tag, dossier).await.ok()?;
    lock(office).key = Some(key);
    Some(open)
}

/// Nothing is done under this lock but a look or a change.
fn lock(office: &Mutex<Office>) -> std::sync::MutexGuard<'_, Office> {
    office.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
