//! A dossier of this kiosk's own queue comes back to whoever holds its slip and its card. What is opened here is in no
//! file; it goes to the session, or is wiped.

use super::{Pending, Told};
use crate::camera;
use crate::domain::flow::{NotReopened, Presented, Reopened, WRONG_CARDS};
use crate::envelope::{Ids, SlipSecret, open_with_slip};
use crate::gateway::dossier;
use crate::gateway::wire::{Dossier, PortraitState};
use crate::queue::{Kept, Queue};
use rand_core::UnwrapErr;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What came back, with the names and the secret under which a new version of it is saved.
pub(super) type Opened = (Box<Reopened>, Pending);

/// The slips as the loop uses them.
pub(super) struct Slips {
    queue: Queue,
    events: mpsc::Sender<Told>,
    consent_version: String,
    /// Counts sessions: a dossier that comes late is nobody's.
    session: u64,
}

impl Slips {
    pub(super) fn new(queue: Queue, events: mpsc::Sender<Told>, consent_version: String) -> Self {
        Self { queue, events, consent_version, session: 0 }
    }

    /// The session is over.
    pub(super) fn forget(&mut self) {
        self.session += 1;
    }

    /// True for the session that asked.
    pub(super) fn is_current(&self, session: u64) -> bool {
        session == self.session
    }

    /// Opens; answered by [`Told::Reopened`].
    pub(super) fn reopen(&self, presented: Box<Presented>) {
        let (queue, events) = (self.queue.clone(), self.events.clone());
        let (session, version) = (self.session, self.consent_version.clone());
        tokio::spawn(async move {
            let outcome = open(&queue, &presented, &version).await;
            // The loop may have ended; then nobody waits.
            let _ = events.send(Told::Reopened { session, outcome: outcome.map(Box::new) }).await;
        });
    }
}

async fn open(queue: &Queue, presented: &Presented, version: &str) -> Result<Opened, NotReopened> {
    let secret = SlipSecret::from_fragment(presented.key.as_str()).ok_or(NotReopened::NotHere)?;
    let hash = secret.lookup_hash();
    let kept = queue.newest(hash).await.map_err(|_| NotReopened::Unreadable)?.ok_or(NotReopened::NotHere)?;
    let Kept { manifest, parts } = kept;
    let mut contents = open_with_slip(&manifest, &parts, &secret).map_err(|_| NotReopened::Unreadable)?;
    let form = contents.first().ok_or(NotReopened::Unreadable)?;
    let dossier: Dossier = serde_json::from_slice(&form.bytes).map_err(|_| NotReopened::Unreadable)?;
    // Counted before it is compared: a power cut between the two gives nobody a try.
    let tries = queue.count_try(hash).await.map_err(|_| NotReopened::Unreadable)?;
    let Some(left) = u32::from(WRONG_CARDS).checked_sub(tries) else {
        return Err(NotReopened::Void);
    };
    let portrait = contents.iter().position(|part| part.media_type == dossier::PORTRAIT);
    let portrait = portrait.and_then(|at| camera::portrait(Arc::new(contents.swap_remove(at).bytes)));
    let portrait_skipped = dossier.portrait == Some(PortraitState::Skipped);
    let Some((draft, agreed)) = dossier::reopened(&dossier, &presented.card, version) else {
        return Err(if left == 0 { NotReopened::Void } else { NotReopened::OtherCard { left: left as u8 } });
    };
    // If it cannot be written, the next visit has a try less; nothing is lost by it.
    drop(queue.forget_tries(hash).await);
    let fresh = Ids::random(crate::clock::unix_ms(), &mut UnwrapErr(getrandom::SysRng));
    let pending = Pending {
        ids: Ids { dossier: manifest.dossier_id, ..fresh },
        secret,
        supersedes: Some(manifest.submission_id),
    };
    Ok((Box::new(Reopened { draft, consents: agreed, portrait, portrait_skipped }), pending))
}

#[cfg(test)]
mod tests;
