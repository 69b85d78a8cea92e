//! TK01's table, read as a specification: what each blank takes, and what becomes of it.

mod office;
mod papers;

use super::{Answer, Asked, Draft, Field, ListName, Need, Problem, Rule, Rules, Section, Warning};
use crate::config;
use crate::domain::citizen::Date;
use crate::domain::flow::Purpose;
use std::collections::BTreeSet;

fn today() -> Date {
    Date::new(2026, 11, 23).unwrap()
}

fn rules() -> Rules {
    config::shipped_rules(today()).unwrap()
}

/// The problem of one value in an otherwise empty form.
#[track_caller]
fn check(field: Field, text: &str, expected: Option<Problem>) {
    let (rules, mut draft) = (rules(), Draft::default());
    draft.enter(field, text.to_owned());
    let found = draft.problem(field, Asked { rules: &rules, today: today() });
    assert_eq!(found, expected, "{} = {text:?}", field.spec().key);
}

/// The value as the office receives it.
#[track_caller]
fn check_kept(field: Field, text: &str, kept: &str) {
    let (rules, mut draft) = (rules(), Draft::default());
    draft.enter(field, text.to_owned());
    let asked = Asked { rules: &rules, today: today() };
    assert_eq!(draft.canonical(field, asked).as_deref(), Some(kept), "{} = {text:?}", field.spec().key);
}

/// A field, what is right in it, and what is wrong with what.
type Judged<'a> = (Field, &'a [&'a str], &'a [(&'a str, Problem)]);
/// Changes to a filled form, and what is then wrong.
type Together<'a> = (&'a [(Field, &'a str)], &'a [(Field, Problem)]);

#[test]
fn each_rule_takes_what_is_right_and_names_what_is_wrong() {
    use Problem as P;
    let too_long = "Thử ".repeat(80);
    let table: &[Judged<'_>] = &[
        (
            Field::FamilyName,
            &["Nguyễn", "H'Leo", "Y", "Công Tằng Tôn Nữ", "ĐỖ-TRẦN"],
            &[("Thử 2", P::LettersOnly), ("Иван", P::LettersOnly), (&too_long, P::TooLong), ("Ðỗ", P::LettersOnly)],
        ),
        (
            Field::Pin,
            &["099190000017", " 099190000017 "],
            &[
                ("099000017", P::OldIdNumber),
                ("09919000001", P::PinShape),
                ("0991900000177", P::PinShape),
                ("09919000001a", P::PinShape),
            ],
        ),
        (
            Field::FatherBirth,
            &["02/01/1960", "2/1/1960", "02011960", "01/1960", "1960", "00001960"],
            &[
                ("1/2/3/1960", P::DateShape),
                ("60", P::DateShape),
                ("31/04/1960", P::DateImpossible),
                ("29/02/1961", P::DateImpossible),
                ("13/1960", P::DateImpossible),
                ("24/11/2026", P::DateInFuture),
                ("12/2026", P::DateInFuture),
                ("2027", P::DateInFuture),
            ],
        ),
        (
            Field::BirthDate,
            &["23/11/2012", "1960"],
            &[("24/11/2012", P::UnderFourteen), ("2012", P::UnderFourteen), ("24/11/2026", P::DateInFuture)],
        ),
        (
            Field::OldPassportDate,
            &["03/02/2016", "03022016"],
            &[
                ("02/2016", P::DateShape),
                ("2016", P::DateShape),
                ("30/02/2016", P::DateImpossible),
                ("24/11/2026", P::DateInFuture),
            ],
        ),
        (Field::Sex, &["male", "female"], &[("Nam", P::NotInList), ("lost", P::NotInList)]),
        (
            Field::Ethnicity,
            &["Kinh", "kinh", "Ê Đê", "e de", "GIA RAI"],
            &[("Người Kinh", P::NotInList), ("K", P::NotInList)],
        ),
        (Field::BirthPlace, &["Đà Nẵng", "Lào", "Quảng Nam"], &[]),
        (
            Field::Phone,
            &["0000000001", "+84000000001", "0000 000 001"],
            &[("000000000", P::PhoneShape), ("00000000011", P::PhoneShape), ("1000000001", P::PhoneShape)],
        ),
        (
            Field::Email,
            &["thu@example.invalid", "t.h-u+1@a.b.example"],
            &[
                ("thu", P::EmailShape),
                ("thu@example", P::EmailShape),
                ("thư@example.invalid", P::EmailShape),
                ("a@b@example.invalid", P::EmailShape),
            ],
        ),
        (Field::Employer, &["Nhà máy Thử (số 2)"], &[(&too_long, P::TooLong)]),
        (
            Field::OldPassportNumber,
            &["B0000001", "p00000002"],
            &[
                ("0000001", P::PassportShape),
                ("B000001", P::PassportShape),
                ("BB0000001", P::PassportShape),
                ("P000000001", P::PassportShape),
            ],
        ),
        (
            Field::RefundAccount,
            &["0000", "00000000000000000000"],
            &[("000", P::AccountShape), ("0000 0000", P::AccountShape), ("000000000000000000000", P::TooLong)],
        ),
    ];
    for (field, good, bad) in table {
        good.iter().for_each(|text| check(*field, text, None));
        bad.iter().for_each(|(text, problem)| check(*field, text, Some(*problem)));
    }
    let rules: BTreeSet<String> = table.iter().map(|(field, ..)| rule_name(field.spec().rule)).collect();
    let all: BTreeSet<String> = Field::ALL.into_iter().map(|field| rule_name(field.spec().rule)).collect();
    let elsewhere = [rule_name(Rule::Before)];
    assert_eq!(all, rules.into_iter().chain(elsewhere).collect(), "every rule has examples");
}

fn rule_name(rule: Rule) -> String {
    format!("{rule:?}").split('(').next().unwrap_or_default().to_owned()
}

#[test]
fn what_the_office_receives_is_in_one_spelling() {
    check_kept(Field::FamilyName, "  nguyễn  ", "NGUYỄN");
    check_kept(Field::MiddleGiven, "Thi\u{323} Thu\u{309}", "THỊ THỦ");
    check_kept(Field::BirthDate, "02011990", "02/01/1990");
    check_kept(Field::FatherBirth, "00001960", "1960");
    check_kept(Field::MotherBirth, "5/1962", "05/1962");
    check_kept(Field::Phone, "+84 000 000 001", "0000000001");
    check_kept(Field::Ethnicity, "e de", "Ê Đê");
    check_kept(Field::Religion, "KHÔNG", "Không");
    check_kept(Field::BirthPlace, "da nang", "Đà Nẵng");
    check_kept(Field::BirthPlace, "Quảng  Nam", "Quảng Nam");
    check_kept(Field::OldPassportNumber, "b0000001", "B0000001");
    check_kept(Field::RefundBank, "vietcombank", "Vietcombank");
    check_kept(Field::Employer, " Nhà máy\tThử ", "Nhà máy Thử");
}

/// Item numbers of TT 69/2026 as in `domain.md` 1.2; `None` is asked by the portal. All other fields of the program must
/// be in it too.
const ITEMS: &[(Option<u8>, &str, &[Field])] = &[
    (Some(1), "Họ / Chữ đệm và tên", &[Field::FamilyName, Field::MiddleGiven]),
    (Some(2), "Giới tính", &[Field::Sex]),
    (Some(3), "Sinh ngày, nơi sinh", &[Field::BirthDate, Field::BirthPlace]),
    (Some(4), "Số định danh cá nhân", &[Field::Pin]),
    (Some(5), "Dân tộc", &[Field::Ethnicity]),
    (Some(6), "Tôn giáo", &[Field::Religion]),
    (Some(7), "Số điện thoại", &[Field::Phone]),
    (Some(8), "Nơi thường trú", &[Field::PermanentAddress]),
    (Some(9), "Nơi tạm trú", &[Field::TemporaryAddress]),
    (Some(10), "Nơi ở hiện tại", &[Field::CurrentAddress]),
    (Some(11), "Nghề nghiệp", &[Field::Occupation]),
    (Some(12), "Tên và địa chỉ cơ quan", &[Field::Employer]),
    (
        Some(13),
        "Cha, mẹ, vợ/chồng",
        &[
            Field::FatherName,
            Field::FatherBirth,
            Field::MotherName,
            Field::MotherBirth,
            Field::SpouseName,
            Field::SpouseBirth,
        ],
    ),
    (Some(14), "Hộ chiếu cấp lần gần nhất", &[Field::OldPassportNumber, Field::OldPassportDate]),
    (Some(15), "Tài khoản hoàn lệ phí", &[Field::RefundAccount, Field::RefundHolder, Field::RefundBank]),
    (Some(16), "Nội dung đề nghị", &[Field::Request, Field::RequestDetail, Field::Chip]),
    (None, "Cổng dịch vụ công", &[Field::Email, Field::Agency, Field::ReceiveMode, Field::DeliveryAddress]),
    (
        None,
        "Dẫn đến mục 16, không phải mục của mẫu",
        &[Field::EverIssued, Field::FirstConfirmed, Field::ChangeKind, Field::ChangeFrom],
    ),
];

#[test]
fn every_item_of_the_form_is_asked_and_nothing_else_is() {
    let numbers: Vec<u8> = ITEMS.iter().filter_map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (1..=16).collect::<Vec<u8>>());
    let in_items: BTreeSet<Field> = ITEMS.iter().flat_map(|(.., fields)| fields.iter().copied()).collect();
    assert_eq!(in_items, Field::ALL.into_iter().collect::<BTreeSet<_>>());
    assert_eq!(ITEMS.iter().map(|(.., fields)| fields.len()).sum::<usize>(), Field::ALL.len(), "no field twice");
}

#[test]
fn the_names_on_the_wire_are_frozen() {
    let keys: Vec<&str> = Field::ALL.into_iter().map(|field| field.spec().key).collect();
    let frozen = [
        "family_name",
        "middle_given",
        "sex",
        "birth_date",
        "pin",
        "birth_place",
        "ethnicity",
        "religion",
        "phone",
        "email",
        "permanent_address",
        "current_address",
        "temporary_address",
        "occupation",
        "employer",
        "father_name",
        "father_birth",
        "mother_name",
        "mother_birth",
        "spouse_name",
        "spouse_birth",
        "ever_issued",
        "first_confirmed",
        "request",
        "old_passport_number",
        "old_passport_date",
        "change_kind",
        "change_from",
        "request_detail",
        "chip",
        "refund_account",
        "refund_holder",
        "refund_bank",
        "agency",
        "receive_mode",
        "delivery_address",
    ];
    assert_eq!(keys, frozen);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    let answers: Vec<&str> = Answer::ALL.into_iter().map(Answer::key).collect();
    let frozen = [
        "male",
        "female",
        "first_issue",
        "expired",
        "lost",
        "damaged",
        "changed",
        "with_chip",
        "without_chip",
        "post",
        "collect",
        "never_issued",
        "issued_before",
        "changed_name",
        "changed_birth_date",
        "changed_birth_place",
        "changed_number",
        "changed_other",
    ];
    assert_eq!(answers, frozen);
    let purposes: Vec<&str> = Purpose::ALL.into_iter().map(Purpose::key).collect();
    assert_eq!(purposes, ["prepare", "sensitive", "send", "refund"]);
    for field in Field::ALL {
        assert_eq!(Field::from_key(field.spec().key), Some(field));
    }
}

#[test]
fn the_steps_hold_every_field_once_and_in_order() {
    let by_step: Vec<Field> = Section::ALL.into_iter().flat_map(Section::fields).collect();
    assert_eq!(by_step, Field::ALL);
}

#[test]
fn lists_are_searched_without_marks_and_from_the_beginning_first() {
    let rules = rules();
    assert_eq!(rules.suggest(ListName::Places, "da nang"), ["Đà Nẵng"]);
    assert_eq!(rules.suggest(ListName::Places, "DAK")[0], "Đắk Lắk");
    assert_eq!(rules.suggest(ListName::Ethnicities, "mong"), ["Mông"]);
    let agencies = rules.suggest(ListName::Agencies, "da nang");
    assert_eq!(agencies, ["Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng"]);
    assert_eq!(rules.suggest(ListName::Places, "").len(), super::SUGGESTIONS);
    assert_eq!(rules.suggest(ListName::Places, "không có nơi này"), [""; 0]);
    assert!(rules.suggest(ListName::Places, "n")[0].to_lowercase().starts_with('n'));
}

#[test]
fn a_spelling_without_marks_counts_only_where_it_is_unambiguous() {
    let rules =
        Rules { ethnicities: vec!["Thô".to_owned(), "Thổ".to_owned(), "Kinh".to_owned()], ..Rules::default() };
    assert_eq!(rules.canonical(ListName::Ethnicities, "tho"), None);
    assert_eq!(rules.canonical(ListName::Ethnicities, "THỔ").as_deref(), Some("Thổ"));
    assert_eq!(rules.canonical(ListName::Ethnicities, "kính").as_deref(), Some("Kinh"));
}

/// Everything that must be filled, and `changes` on top; an empty text clears a field.
fn filled(changes: &[(Field, &str)]) -> Draft {
    let ordinary = [
        (Field::FamilyName, "Đoàn"),
        (Field::MiddleGiven, "Văn Thử"),
        (Field::Sex, "male"),
        (Field::BirthDate, "01021993"),
        (Field::Pin, "099093000074"),
        (Field::BirthPlace, "da nang"),
        (Field::Ethnicity, "kinh"),
        (Field::Religion, "Không"),
        (Field::Phone, "+84000000001"),
        (Field::Email, "thu@example.invalid"),
        (Field::PermanentAddress, "Thôn Thử, Xã Không Có Thật"),
        (Field::CurrentAddress, "Khối Thử, Phường Không Có Thật"),
        (Field::Occupation, "cong nhan"),
        (Field::FatherName, "Đoàn Thử Cha"),
        (Field::FatherBirth, "1960"),
        (Field::MotherName, "Lê Thị Thử"),
        (Field::MotherBirth, "05/1962"),
        (Field::EverIssued, "never_issued"),
        (Field::FirstConfirmed, "never_issued"),
        (Field::Chip, "with_chip"),
        (Field::Agency, "Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng"),
        (Field::ReceiveMode, "collect"),
    ];
    let mut draft = Draft::default();
    ordinary.iter().chain(changes).for_each(|(field, text)| draft.enter(*field, (*text).to_owned()));
    draft
}

/// Two answers that go together: there was a passport, and this is it.
const BEFORE: (Field, &str) = (Field::EverIssued, "issued_before");
const PASSPORT: (Field, &str) = (Field::OldPassportNumber, "B0000001");

fn problems(changes: &[(Field, &str)]) -> Vec<(Field, Problem)> {
    let rules = rules();
    filled(changes).check(Asked { rules: &rules, today: today() }).err().unwrap_or_default()
}

#[test]
fn what_must_be_filled_is_missed_and_nothing_else_is() {
    assert_eq!(problems(&[]), []);
    for field in Field::ALL {
        let expected = match field.spec().need {
            // Saying it once is not saying it twice.
            _ if matches!(field, Field::EverIssued | Field::FirstConfirmed) => {
                vec![(field, Problem::Required), (Field::Request, Problem::FirstNotConfirmed)]
            }
            Need::Always => vec![(field, Problem::Required)],
            // A parent's date was entered, so the name is wanted; a name without a date is a whole answer.
            Need::Asked if matches!(field, Field::FatherName | Field::MotherName) => vec![(field, Problem::NameNeeded)],
            Need::When(_) | Need::Never | Need::Asked => vec![],
        };
        assert_eq!(problems(&[(field, "")]), expected);
    }
}

#[test]
fn answers_that_need_each_other_are_asked_together() {
    use {Field as F, Problem as P};
    let table: &[Together<'_>] = &[
        (&[BEFORE, (F::Request, "expired")], &[(F::OldPassportNumber, P::PassportNeeded)]),
        (&[BEFORE, (F::Request, "damaged")], &[(F::OldPassportNumber, P::PassportNeeded)]),
        (&[BEFORE, (F::Request, "lost")], &[]),
        (&[BEFORE, (F::Request, "changed"), PASSPORT], &[(F::ChangeKind, P::Required)]),
        (
            &[BEFORE, (F::Request, "changed"), PASSPORT, (F::ChangeKind, "changed_birth_place")],
            &[(F::ChangeFrom, P::Required)],
        ),
        (
            &[
                BEFORE,
                (F::Request, "changed"),
                PASSPORT,
                (F::ChangeKind, "changed_birth_place"),
                (F::ChangeFrom, "Huế"),
            ],
            &[],
        ),
        (
            &[
                BEFORE,
                (F::Request, "changed"),
                PASSPORT,
                (F::ChangeKind, "changed_birth_place"),
                (F::ChangeFrom, "Đà Nẵng"),
            ],
            &[(F::ChangeFrom, P::NoChange)],
        ),
        (&[BEFORE], &[(F::Request, P::Required)]),
        (&[(F::Request, "expired")], &[(F::Request, P::AnswersDiffer), (F::OldPassportNumber, P::PassportNeeded)]),
        (&[(F::OldPassportNumber, "B0000001")], &[(F::OldPassportNumber, P::FirstButHasPassport)]),
        (&[(F::ReceiveMode, "post")], &[(F::DeliveryAddress, P::Required)]),
        (&[(F::SpouseBirth, "1990")], &[(F::SpouseName, P::NameNeeded)]),
        (&[(F::SpouseName, "Lê Thử")], &[]),
        (&[(F::RefundAccount, "0000")], &[(F::RefundHolder, P::HolderNeeded), (F::RefundBank, P::BankNeeded)]),
        (&[(F::RefundHolder, "Lê Thử")], &[(F::RefundAccount, P::AccountNeeded)]),
        (&[(F::RefundBank, "Agribank")], &[(F::RefundAccount, P::AccountNeeded)]),
    ];
    for (changes, expected) in table {
        assert_eq!(problems(changes), *expected);
    }
}

/// What was before is read by what changes, and item 16 is worded from it.
#[test]
fn a_change_is_put_into_the_offices_words() {
    let rules = rules();
    let asked = Asked { rules: &rules, today: today() };
    let change = |kind, from| {
        let draft = filled(&[
            BEFORE,
            (Field::Request, "changed"),
            PASSPORT,
            (Field::ChangeKind, kind),
            (Field::ChangeFrom, from),
        ]);
        draft.problem(Field::ChangeFrom, asked).map_or_else(|| draft.canonical(Field::RequestDetail, asked), |_| None)
    };
    let table = [
        ("changed_name", "Đoàn Văn Cũ", Some("ĐOÀN VĂN CŨ"), "ĐOÀN VĂN THỬ"),
        ("changed_name", "đoàn văn thử", None, ""),
        ("changed_birth_date", "1992", Some("1992"), "01/02/1993"),
        ("changed_birth_date", "31/02/1993", None, ""),
        ("changed_birth_place", "hue", Some("Huế"), "Đà Nẵng"),
        ("changed_number", "099000017", Some("099000017"), "099093000074"),
        ("changed_number", "0990000170", None, ""),
    ];
    for (kind, from, before, now) in table {
        let text = change(kind, from);
        assert_eq!(text.is_some(), before.is_some(), "{kind}: {from}");
        let (text, before) = (text.unwrap_or_default(), before.unwrap_or_default());
        assert!(text.contains(before) && text.contains(now) && !text.contains('{'), "{text}");
    }
}

#[test]
fn a_number_is_questioned_and_never_refused() {
    assert_eq!(filled(&[]).warning(Field::Pin), None);
    assert_eq!(filled(&[(Field::Sex, "female")]).warning(Field::Pin), Some(Warning::PinAgainstSex));
    assert_eq!(filled(&[(Field::BirthDate, "1994")]).warning(Field::Pin), Some(Warning::PinAgainstBirth));
    assert_eq!(problems(&[(Field::Sex, "female"), (Field::BirthDate, "1994")]), []);
}

#[test]
fn a_one_word_name_and_unknown_parents_are_asked_for_twice_and_never_refused() {
    let parents = [Field::FatherName, Field::FatherBirth, Field::MotherName, Field::MotherBirth];
    let unknown: Vec<(Field, &str)> = parents.iter().map(|field| (*field, "")).collect();
    assert_eq!(problems(&unknown), []);
    let asked_again =
        [Section::Father, Section::Mother].map(|step| filled(&unknown).unanswered(step).collect::<Vec<_>>());
    assert_eq!(asked_again.concat(), parents);
    assert_eq!(problems(&[(Field::MiddleGiven, "")]), []);
    assert!(filled(&[(Field::MiddleGiven, "")]).unanswered(Section::Person).eq([Field::MiddleGiven]));
    assert_eq!(filled(&[]).unanswered(Section::Person).count(), 0);
}
