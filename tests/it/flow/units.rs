//! Addresses with units of before July 2025: what was given and what it reads today stand side by side, and the office
//! gets both.

use super::{BY_HAND, check_from, script::Stage};
use expect_test::expect;
use passport_kiosk::domain::flow::Effect;
use passport_kiosk::gateway::dossier;
use serde_json::Value;

/// A card of 2021, by hand up to the addresses.
const OLD_CARD: &str = "start\nconsent required\nnext\n\
    qr 099190000017||Nguyễn Thị Thử Mai|02011990|Nữ|Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam|15042021\nnext\n\
    to permanent\n";

const REST: &str = "to review\nsubmit";

#[test]
fn the_card_and_the_units_of_today_stand_side_by_side_and_either_may_be_taken() {
    check_from(
        OLD_CARD,
        "
        show permanent_address
        choose permanent_address Thôn Khác, Xã Thăng An, Thành phố Đà Nẵng    // was not offered
        choose permanent_address Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng
        back
        show permanent_address
        choose permanent_address Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam
        back
        show permanent_address
        choose permanent_address Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng
        choose current_address Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng     // the same, with what it said before
        back
        show current_address
        ",
        expect![[r#"
            show permanent_address       "Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam" (card), letters keys, offers Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam · Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng
            choose permanent_address Thôn Khác, Xã Thăng An, Thành phố Đà Nẵng form permanent 5/15 @permanent_address
            choose permanent_address Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng form current 6/15 @current_address
            back                         form permanent 5/15 @permanent_address
            show permanent_address       "Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng" (typed), letters keys, offers Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam · Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng
            choose permanent_address Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam form current 6/15 @current_address
            back                         form permanent 5/15 @permanent_address
            show permanent_address       "Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam" (card), letters keys, offers Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam · Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng
            choose permanent_address Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng form current 6/15 @current_address
            choose current_address Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng form occupation 7/14 @occupation
            back                         form current 6/14 @current_address
            show current_address         "Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng" (typed), letters keys, offers Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam · Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng · Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng
        "#]],
    );
}

#[test]
fn a_split_ward_offers_its_candidates_and_typing_on_forgets_what_was_taken() {
    check_from(
        &format!("{BY_HAND}to permanent\n"),
        "
        type Toor 3, xax Hoaf Lieen, Hoaf Vang, DDaf Nawngx
        show permanent_address
        choose permanent_address Tổ 3, Phường Hải Vân, Thành phố Đà Nẵng
        back
        key Backspace
        show permanent_address
        next
        current_address Thoon 2, Xax Thawng An, Thanhf phoos DDaf Nawngx
        show current_address
        ",
        expect![[r#"
            type Toor 3, xax Hoaf Lieen, Hoaf Vang, DDaf Nawngx form permanent 6/16 @permanent_address
            show permanent_address       "Tổ 3, xã Hòa Liên, Hòa Vang, Đà Nẵng" (typed), letters keys, offers Tổ 3, xã Hòa Liên, Hòa Vang, Đà Nẵng · Tổ 3, Phường Hải Vân, Thành phố Đà Nẵng · Tổ 3, Phường Liên Chiểu, Thành phố Đà Nẵng
            choose permanent_address Tổ 3, Phường Hải Vân, Thành phố Đà Nẵng form current 7/16 @current_address
            back                         form permanent 6/16 @permanent_address
            key Backspace                form permanent 6/16 @permanent_address
            show permanent_address       "Tổ 3, Phường Hải Vân, Thành phố Đà Nẵn" (typed), letters keys
            next                         form current 7/16 @current_address
            current_address Thoon 2, Xax Thawng An, Thanhf phoos DDaf Nawngx form current 7/16 @current_address
            show current_address         "Thôn 2, Xã Thăng An, Thành phố Đà Nẵng" (typed), letters keys, offers Tổ 3, Phường Hải Vân, Thành phố Đà Nẵn
        "#]],
    );
}

/// The permanent address as the office gets it.
fn sent(choice: &str) -> Value {
    let mut stage = Stage::after(OLD_CARD);
    let lines = choice.lines().chain(REST.lines());
    let seen: Vec<_> = lines.flat_map(|line| stage.play(line)).flat_map(|seen| seen.effects).collect();
    let saved = seen.iter().find_map(|effect| if let Effect::Save(sealable) = effect { Some(sealable) } else { None });
    let content = dossier::content(saved.expect("the form is whole"), "test").unwrap();
    let content: Value = serde_json::from_slice(&content).unwrap();
    content["fields"]["permanent_address"].clone()
}

#[test]
fn the_office_gets_both_readings_whichever_is_taken() {
    let (old, new) = ("Thôn Thử, Bình Minh, Thăng Bình, Quảng Nam", "Thôn Thử, Xã Thăng An, Thành phố Đà Nẵng");
    let kept = sent("");
    assert_eq!(kept, serde_json::json!({ "value": old, "source": "card_qr", "since_2025": new }));
    let taken = sent(&format!("choose permanent_address {new}"));
    assert_eq!(taken, serde_json::json!({ "value": new, "source": "typed", "before_2025": old }));
}
