//! A dossier that another kiosk delivered, by its slip. Nothing of it is signed by the office: the slip's secret decides,
//! under which nothing else opens.

use super::{Gateway, body, deadline, json};
use crate::envelope::{MAX_PART_BYTES, Manifest, SlipSecret};
use crate::gateway::wire::{SlipAsked, SlipFound, SlipPart};
use reqwest::{Response, StatusCode};
use serde::Serialize;

/// Why the office hands out nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// It has received nothing under this slip, or nothing that opens any more by its age.
    #[error("the office has nothing for this slip")]
    Unknown,
    /// Voided by an officer, or by too many wrong numbers.
    #[error("this slip is void")]
    Void,
    /// It does not answer, or not as an office does.
    #[error("the office does not answer")]
    Offline,
}

impl Gateway {
    /// The newest version of the dossier behind a slip, with its sealed parts in order. The office counts it as an
    /// opening before it answers.
    pub async fn open_slip(&self, secret: &SlipSecret) -> Result<(Manifest, Vec<Vec<u8>>), NotFound> {
        let lookup = *secret.lookup();
        let found: SlipFound = json(self.ask("open", &SlipAsked { lookup }).await?).await.ok_or(NotFound::Offline)?;
        let manifest = Manifest::parse(&found.manifest).map_err(|_| NotFound::Offline)?;
        let mut parts = Vec::new();
        for entry in &manifest.parts {
            let response = self.ask("part", &SlipPart { lookup, n: entry.n }).await?;
            let fits =
                response.content_length().is_some_and(|length| length <= MAX_PART_BYTES as u64 && length == entry.len);
            if !fits {
                return Err(NotFound::Offline);
            }
            parts.push(response.bytes().await.map_err(|_| NotFound::Offline)?.to_vec());
        }
        Ok((manifest, parts))
    }

    /// Tells that the number on the card was the right one. If it does not arrive, the slip has an opening less.
    pub async fn slip_opened(&self, secret: &SlipSecret) {
        drop(self.ask("opened", &SlipAsked { lookup: *secret.lookup() }).await);
    }

    async fn ask(&self, what: &str, content: &(impl Serialize + Sync)) -> Result<Response, NotFound> {
        let body = body(content).map_err(|_| NotFound::Offline)?;
        let request =
            self.client.post(format!("{}/h/{what}", self.base)).timeout(deadline(body.len() as u64)).body(body);
        let response = request.send().await.map_err(|_| NotFound::Offline)?;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::NOT_FOUND => Err(NotFound::Unknown),
            StatusCode::GONE => Err(NotFound::Void),
            _ => Err(NotFound::Offline),
        }
    }
}
