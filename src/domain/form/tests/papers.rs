//! What each request needs beside the form.

use super::super::{Field, Paper};
use super::{filled, today};
use std::collections::BTreeSet;

#[track_caller]
fn check(answers: &[(Field, &str)], expected: &[Paper]) {
    let papers = filled(answers).papers(today());
    assert_eq!(papers[..papers.len() - 2], *expected, "{answers:?}");
    assert_eq!(papers[papers.len() - 2..], [Paper::CardPictures, Paper::Portrait]);
}

#[test]
fn every_request_has_its_own_papers_and_all_need_pictures() {
    use Paper as P;
    check(&[], &[]);
    check(&[(Field::Request, "lost")], &[P::LossReport]);
    check(&[(Field::Request, "damaged")], &[P::DamageReport, P::OldPassport, P::OldPassportPages]);
    check(&[(Field::Request, "changed")], &[P::OldPassport, P::OldPassportPages, P::ProofOfChange]);
    check(&[(Field::Request, "expired")], &[P::OldPassportIfValid, P::OldPassportPages]);
}

#[test]
fn a_passport_that_is_still_valid_is_handed_in_and_an_expired_one_is_kept() {
    let expired = |birth, issued| {
        filled(&[(Field::Request, "expired"), (Field::BirthDate, birth), (Field::OldPassportDate, issued)])
            .papers(today())
            .first()
            .copied()
    };
    // Ten years to the day; five for who was under 14 when it was issued.
    assert_eq!(expired("01/02/1993", "24/11/2016"), Some(Paper::OldPassport));
    assert_eq!(expired("01/02/1993", "23/11/2016"), Some(Paper::OldPassportPages));
    assert_eq!(expired("01/01/2010", "24/11/2021"), Some(Paper::OldPassport));
    assert_eq!(expired("01/01/2010", "23/11/2021"), Some(Paper::OldPassportPages));
    assert_eq!(expired("01/01/2007", "23/11/2021"), Some(Paper::OldPassport));
    assert_eq!(expired("01/02/1993", "bad"), Some(Paper::OldPassportIfValid));
}

#[test]
fn the_names_of_papers_on_the_wire_are_frozen() {
    let frozen = [
        "loss_report",
        "damage_report",
        "old_passport",
        "old_passport_if_valid",
        "old_passport_pages",
        "birth_certificate",
        "proof_of_change",
        "card_pictures",
        "portrait",
    ];
    assert_eq!(Paper::ALL.map(Paper::code), frozen);
    assert!(Paper::ALL.into_iter().all(|paper| Paper::from_code(paper.code()) == Some(paper)));
    assert_eq!(frozen.iter().collect::<BTreeSet<_>>().len(), frozen.len());
}
