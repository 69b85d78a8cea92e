//! Asks the office by tag whether a person has an open dossier there.

use super::{Gateway, body};
use crate::domain::submission::Outcome;
use crate::gateway::open::{AskOpen, OpenSaid, PATH, PersonKey, Tag, from_text, to_text};
use reqwest::Method;
use uuid::Uuid;
use zeroize::Zeroizing;

impl Gateway {
    /// The office's key for tags as it is now, and whether this person has an open dossier there. With `dossier` the
    /// office notes that the person saved it; without a tag only the key is asked for.
    pub async fn ask_open(&self, tag: Option<Tag>, dossier: Option<Uuid>) -> Result<(PersonKey, bool), Outcome> {
        let challenge = self.challenge().await?;
        let ask = AskOpen { v: 1, challenge: challenge.clone(), tag: tag.as_ref().map(to_text), dossier_id: dossier };
        let said: OpenSaid = self.said(self.signed(Method::POST, PATH, None, body(&ask)?)).await?;
        let is_answer = said.kiosk_id == self.kiosk_id && said.challenge == challenge;
        let key = from_text(&said.key).filter(|_| is_answer).ok_or(Outcome::NotTheOffice)?;
        Ok((Zeroizing::new(key), said.open))
    }
}
