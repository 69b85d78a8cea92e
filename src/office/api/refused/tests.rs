#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::Refused;
use crate::office::store::StoreError;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use std::collections::BTreeSet;

const CONTRACT: &str = include_str!("../../openapi.yaml");

/// One of each.
fn all() -> Vec<Refused> {
    vec![
        Refused::BadSignature,
        Refused::ManifestSignature,
        Refused::Body,
        Refused::Conflict,
        Refused::DigestMismatch,
        Refused::DiskFull,
        Refused::IdMismatch,
        Refused::ManifestShape,
        Refused::Method,
        Refused::Missing(vec![1]),
        Refused::NoKeys,
        Refused::Nonce,
        Refused::NoSuchPath,
        Refused::OtherKey,
        Refused::Query,
        Refused::Revoked,
        Refused::Shape,
        Refused::StaleChallenge,
        Refused::StoreFailed(None),
        Refused::Timeout,
        Refused::TooLarge,
        Refused::TooManyParts,
        Refused::TooOften(1),
        Refused::Unavailable,
        Refused::Unknown,
        Refused::UnknownKiosk,
        Refused::ExpiredSlip,
        Refused::VoidCode,
        Refused::VoidSlip,
        Refused::WrongCode,
    ]
}

/// The statuses that the contract promises for some path.
fn promised() -> BTreeSet<u16> {
    let statuses = CONTRACT.lines().filter_map(|line| line.trim().strip_prefix('"')?.get(..3)?.parse().ok());
    statuses.collect()
}

#[test]
fn the_contract_names_every_status_and_every_code_and_no_others() {
    let refusals: BTreeSet<_> = all().iter().map(Refused::status_and_code).collect();
    let statuses = refusals.iter().map(|(status, _)| status.as_u16());
    assert_eq!(statuses.chain([200, 201, 202, 204]).collect::<BTreeSet<_>>(), promised());
    let listed = CONTRACT.split("enum: [bad-signature,").nth(1).unwrap().split(']').next().unwrap();
    let listed: BTreeSet<_> = listed.split(',').map(str::trim).chain(["bad-signature"]).collect();
    let codes: BTreeSet<_> = refusals.iter().map(|(_, code)| *code).filter(|code| *code != "missing-parts").collect();
    assert_eq!(codes, listed);
    for code in codes {
        assert!(CONTRACT.contains(&format!("`{code}`:")), "{code} is explained");
    }
}

#[test]
fn whoever_has_to_wait_is_told_how_long() {
    let wait = |refused: Refused| {
        let response = refused.into_response();
        let seconds = response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        (response.status(), seconds)
    };
    let some = |seconds: &str| Some(seconds.to_owned());
    assert_eq!(wait(Refused::TooOften(1)), (StatusCode::TOO_MANY_REQUESTS, some("1")));
    assert_eq!(wait(Refused::TooOften(2_001)), (StatusCode::TOO_MANY_REQUESTS, some("3")));
    assert_eq!(wait(StoreError::Unavailable.into()), (StatusCode::SERVICE_UNAVAILABLE, some("5")));
    assert_eq!(wait(Refused::Conflict), (StatusCode::CONFLICT, None));
}
