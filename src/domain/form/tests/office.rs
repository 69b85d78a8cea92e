//! What the office receives, and what a slip brings back from it.

use super::{BEFORE, Field, filled, rules, today};
use crate::domain::card::parse_qr;
use crate::domain::flow::{PortraitNote, Sealable};
use crate::domain::form::Asked;
use crate::gateway::{dossier, wire};
use std::collections::BTreeSet;

#[test]
fn what_the_kiosk_accepts_the_office_accepts_in_the_same_words() {
    let rules = rules();
    let everything = [
        BEFORE,
        (Field::Request, "changed"),
        (Field::ChangeKind, "changed_birth_place"),
        (Field::ChangeFrom, "Quảng Ngãi"),
        (Field::OldPassportNumber, "b0000001"),
        (Field::OldPassportDate, "03022016"),
        (Field::TemporaryAddress, "Khu trọ Thử"),
        (Field::Employer, "Nhà máy Thử"),
        (Field::SpouseName, "Trần Thị Thử"),
        (Field::SpouseBirth, "1994"),
        (Field::RefundAccount, "0000000000"),
        (Field::RefundHolder, "Đoàn Văn Thử"),
        (Field::RefundBank, "agribank"),
        (Field::ReceiveMode, "post"),
        (Field::DeliveryAddress, "Tổ 1, Thôn Thử"),
    ];
    for draft in [filled(&[]), filled(&everything)] {
        let Ok(application) = draft.check(Asked { rules: &rules, today: today() }) else { panic!("it is right") };
        let kept: Vec<(&str, String)> =
            application.fields().map(|(field, filled)| (field.spec().key, filled.value.to_string())).collect();
        let sealable = Sealable {
            application,
            consents: [true, true, true, false],
            portrait: None,
            portrait_note: PortraitNote::NotAsked,
        };
        let json = dossier::content(&sealable, "2026-11-01").unwrap();
        let received: wire::Dossier = serde_json::from_slice(&json).unwrap();
        assert_eq!(dossier::problems(&received, &rules, today()), []);
        assert_eq!(received.form_edition, "tk01@tt69-2026");
        let arrived: BTreeSet<(&str, String)> =
            received.fields.iter().map(|(key, value)| (key.as_str(), value.value.clone())).collect();
        assert_eq!(arrived, kept.into_iter().collect());
        let card = "099093000074||Đoàn Văn Thử|01021993|Nam|Thôn Thử, Xã Không Có Thật|15042021";
        let card = parse_qr(card.as_bytes()).unwrap();
        let (again, consents) = dossier::reopened(&received, &card, "2026-11-01").expect("it is the same person's");
        let again = again.check(Asked { rules: &rules, today: today() }).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let again: BTreeSet<(&str, String)> =
            again.fields().map(|(field, filled)| (field.spec().key, filled.value.to_string())).collect();
        assert_eq!(again, arrived, "a slip brings back what was saved");
        assert_eq!(consents, [true, true, true, false]);
        let other =
            parse_qr(b"099190000017||Nguy\xe1\xbb\x85n Th\xe1\xbb\xad|02011990|N\xe1\xbb\xaf|Th\xc3\xb4n|15042021")
                .unwrap();
        assert!(dossier::reopened(&received, &other, "2026-11-01").is_none(), "somebody else's card");
    }
}
