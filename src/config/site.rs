//! One place where kiosks stand: who is responsible for the data there, and how to reach them.

use super::{Refusal, Source};
use serde::Deserialize;
use toml::Spanned;

/// The slip's QR has to stay coarse enough for an old telephone: the address, without the secret.
const MAX_URL_CHARS: usize = 120;

/// `kiosk-config/sites/<place>.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Shown in the header.
    pub name: String,
    /// The controller of the personal data (Law 91/2025/QH15), shown with the consent.
    pub controller_name: String,
    /// How to reach them: a telephone number or an address.
    pub controller_contact: String,
    /// The office's address for citizens: the slip's QR leads to `<this>/h#<secret>`.
    pub citizen_url: String,
    /// Version of the consent text in force here, for the dossier's record.
    pub consent_version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Spanned<String>,
    controller_name: Spanned<String>,
    controller_contact: Spanned<String>,
    citizen_url: Spanned<String>,
    consent_version: Spanned<String>,
}

impl Site {
    pub(super) fn read(source: &Source) -> Result<Self, Refusal> {
        let file: File = source.parse()?;
        let filled = |value: Spanned<String>, name: &str| match value.get_ref().trim() {
            "" => Err(source.refuse(value.span(), &format!("{name}: must not be empty"))),
            text => Ok(text.to_owned()),
        };
        let url = file.citizen_url.get_ref();
        if !url.starts_with("https://") || url.chars().count() > MAX_URL_CHARS || url.contains(['#', ' ']) {
            let what = format!("citizen_url: https://…, at most {MAX_URL_CHARS} characters, without # and spaces");
            return Err(source.refuse(file.citizen_url.span(), &what));
        }
        Ok(Self {
            name: filled(file.name, "name")?,
            controller_name: filled(file.controller_name, "controller_name")?,
            controller_contact: filled(file.controller_contact, "controller_contact")?,
            citizen_url: filled(file.citizen_url, "citizen_url")?,
            consent_version: filled(file.consent_version, "consent_version")?,
        })
    }

    /// True for the places that ship as examples: nobody can be reached under `.invalid` (RFC 2606).
    pub fn is_example(&self) -> bool {
        self.citizen_url.contains(".invalid")
    }
}
