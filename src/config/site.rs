//! One place where kiosks stand: who is responsible for the data there, and how to reach them.

use serde::Deserialize;

/// `kiosk-config/sites/<place>.toml`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
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
