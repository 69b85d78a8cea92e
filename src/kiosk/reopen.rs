//! A dossier comes back to whoever holds its slip and its card: from this kiosk's own queue, or from the office when there
//! is a network. What is opened here is in no file; it goes to the session, or is wiped.

use super::{Pending, Told};
use crate::camera;
use crate::domain::flow::{NotReopened, Presented, Reopened, WRONG_CARDS};
use crate::envelope::{Ids, SlipSecret, open_with_slip};
use crate::gateway::dossier;
use crate::gateway::http::{Gateway, NotFound};
use crate::gateway::wire::{Dossier, PortraitState};
use crate::queue::{Kept, Queue};
use rand_core::UnwrapErr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// So long the office may take for a whole dossier.
const PATIENCE: Duration = Duration::from_secs(15);

/// What came back, with the names and the secret under which a new version of it is saved.
pub(super) type Opened = (Box<Reopened>, Pending);

/// The slips as the loop uses them.
pub(super) struct Slips {
    queue: Queue,
    gateway: Option<Arc<Gateway>>,
    events: mpsc::Sender<Told>,
    consent_version: String,
    /// Counts sessions: a dossier that comes late is nobody's.
    session: u64,
}

impl Slips {
    pub(super) fn new(
        queue: Queue,
        gateway: Option<Arc<Gateway>>,
        events: mpsc::Sender<Told>,
        consent_version: String,
    ) -> Self {
        Self { queue, gateway, events, consent_version, session: 0 }
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
        let (queue, gateway, events) = (self.queue.clone(), self.gateway.clone(), self.events.clone());
        let (session, version) = (self.session, self.consent_version.clone());
        tokio::spawn(async move {
            let outcome = open(&queue, gateway.as_deref(), &presented, &version).await;
            // The loop may have ended; then nobody waits.
            let _ = events.send(Told::Reopened { session, outcome: outcome.map(Box::new) }).await;
        });
    }
}

async fn open(
    queue: &Queue,
    gateway: Option<&Gateway>,
    presented: &Presented,
    version: &str,
) -> Result<Opened, NotReopened> {
    let secret = SlipSecret::from_fragment(presented.key.as_str()).ok_or(NotReopened::NotHere)?;
    let hash = secret.lookup_hash();
    let kept = queue.newest(hash).await.map_err(|_| NotReopened::Unreadable)?;
    let (Kept { manifest, parts }, source) = match (kept, gateway) {
        (Some(kept), _) => (kept, None),
        (None, None) => return Err(NotReopened::NotHere),
        (None, Some(gateway)) => (fetch(gateway, &secret).await?, Some(gateway)),
    };
    let mut contents = open_with_slip(&manifest, &parts, &secret).map_err(|_| NotReopened::Unreadable)?;
    let form = contents.first().ok_or(NotReopened::Unreadable)?;
    let dossier: Dossier = serde_json::from_slice(&form.bytes).map_err(|_| NotReopened::Unreadable)?;
    // Counted before it is compared: a power cut between the two gives nobody a try.
    let tries = queue.count_try(hash).await.map_err(|_| NotReopened::Unreadable)?;
    let Some(left) = u32::from(WRONG_CARDS).checked_sub(tries) else {
        return Err(NotReopened::Void);
    };
    let Some((draft, agreed)) = dossier::reopened(&dossier, &presented.card, version) else {
        return Err(if left == 0 { NotReopened::Void } else { NotReopened::OtherCard { left: left as u8 } });
    };
    let portrait = contents.iter().position(|part| part.media_type == dossier::PORTRAIT);
    let portrait = portrait.and_then(|at| camera::portrait(Arc::new(contents.swap_remove(at).bytes)));
    let portrait_skipped = dossier.portrait == Some(PortraitState::Skipped);
    // If it cannot be written, the next visit has a try less; nothing is lost by it.
    drop(queue.forget_tries(hash).await);
    if let Some(gateway) = source {
        gateway.slip_opened(&secret).await;
    }
    let fresh = Ids::random(crate::clock::unix_ms(), &mut UnwrapErr(getrandom::SysRng));
    let pending = Pending {
        ids: Ids { dossier: manifest.dossier_id, ..fresh },
        secret,
        supersedes: Some(manifest.submission_id),
    };
    Ok((Box::new(Reopened { draft, consents: agreed, portrait, portrait_skipped }), pending))
}

/// From the office; no longer than a citizen waits.
async fn fetch(gateway: &Gateway, secret: &SlipSecret) -> Result<Kept, NotReopened> {
    let fetched = tokio::time::timeout(PATIENCE, gateway.open_slip(secret)).await;
    let (manifest, parts) = fetched.unwrap_or(Err(NotFound::Offline)).map_err(|why| match why {
        NotFound::Void => NotReopened::Void,
        NotFound::Unknown | NotFound::Offline => NotReopened::NotHere,
    })?;
    // Another dossier under this slip's name would not open; one of another slip is none of ours.
    if manifest.lookup_hash == secret.lookup_hash() { Ok(Kept { manifest, parts }) } else { Err(NotReopened::NotHere) }
}

#[cfg(test)]
mod tests;
