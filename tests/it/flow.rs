//! One citizen's way through the kiosk, told as scripts; `flow/script.rs` explains their language.
//! After a wanted change: `UPDATE_EXPECT=1 cargo test --test it flow::`, then read the diff.

mod answers;
mod cards;
mod endings;
mod kept;
mod officer;
mod photo;
mod printing;
mod resume;
pub(crate) mod script;
mod triage;
mod units;
mod walk;
mod words;

use expect_test::{Expect, expect};

/// Plays a script on a fresh kiosk; the expectation shows it again with what every line led to.
#[track_caller]
fn check(script: &str, expected: Expect) {
    expected.assert_eq(&script::run(script));
}

/// The common beginnings, to be put before a script.
const BY_HAND: &str = "start\nconsent required\nnext\nby-hand\n";
const REVIEW: &str = "start\nconsent required\nnext\ncard mai\nnext\nto review\n";

/// Like [`check`], without repeating how the citizen came there.
#[track_caller]
fn check_from(beginning: &str, script: &str, expected: Expect) {
    let told = script::run(&format!("{beginning}{script}"));
    let before = script::lines(beginning).count();
    let told: String = told.split_inclusive('\n').skip(before).collect();
    expected.assert_eq(&told);
}

#[test]
fn a_worker_applies_with_the_card_and_types_only_what_it_does_not_say() {
    check(
        "
        reader ready
        start
        consent required
        next
        card mai
        next                    // what the card says is in order: straight to the next step
        choose birth_place Đà Nẵng      // offered first: the card's number says so
        choose ethnicity Kinh
        choose religion Không
        phone 0000000001
        email thu@example.invalid
        next                    // the permanent address is the card's
        choose current_address Tổ 1, Thôn Thử, Xã Không Có Thật, Đà Nẵng      // the same
        choose occupation Công nhân
        employer Nhà máy Thử
        next
        father_name Nguyễn Văn Thử
        father_birth 1960
        next
        mother_name Lê Thị Thử
        mother_birth 05/1962
        next
        decline spouse_name     // not married
        choose first_confirmed never_issued     // the second time, after the triage
        choose chip with_chip
        show agency
        choose agency Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng
        show family_name
        submit-only             // without the legal statement nothing is saved
        vouch
        submit
        saved 7F3K-92QX
        outbox 1 online
        delivered 7F3K-92QX
        finish
        taken
        ",
        expect![[r#"
            reader ready                 welcome
            start                        consent
            consent required             consent, may go on
            next                         card
            card mai                     identity
            next                         form birthplace 1/14 @birth_place
            choose birth_place Đà Nẵng   form ethnicity 2/14 @ethnicity
            choose ethnicity Kinh        form religion 3/14 @religion
            choose religion Không        form contact 4/14 @phone
            phone 0000000001             form contact 4/14 @phone
            email thu@example.invalid    form contact 4/14 @email
            next                         form current 5/14 @current_address
            choose current_address Tổ 1, Thôn Thử, Xã Không Có Thật, Đà Nẵng form occupation 6/13 @occupation
            choose occupation Công nhân  form employer 7/13 @employer
            employer Nhà máy Thử         form employer 7/13 @employer
            next                         form father 8/13 @father_name
            father_name Nguyễn Văn Thử   form father 8/13 @father_name
            father_birth 1960            form father 8/13 @father_birth
            next                         form mother 9/13 @mother_name
            mother_name Lê Thị Thử       form mother 9/13 @mother_name
            mother_birth 05/1962         form mother 9/13 @mother_birth
            next                         form spouse 10/13 @spouse_name
            decline spouse_name          form firstconfirmed 11/13 @first_confirmed
            choose first_confirmed never_issued form chip 12/13 @chip
            choose chip with_chip        form agency 13/13 @agency
            show agency                  "", letters keys, offers Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng · Phòng Quản lý xuất nhập cảnh – Công an thành phố Hà Nội · Phòng Quản lý xuất nhập cảnh – Công an tỉnh Cao Bằng · Phòng Quản lý xuất nhập cảnh – Công an tỉnh Tuyên Quang · Phòng Quản lý xuất nhập cảnh – Công an tỉnh Điện Biên · Phòng Quản lý xuất nhập cảnh – Công an tỉnh Lai Châu
            choose agency Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng review
            show family_name             "NGUYỄN" (card)
            submit-only                  review
            vouch                        review
            submit                       saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            outbox 1 online              slip 7F3K-92QX •••••••••017, being sent
            delivered 7F3K-92QX          slip 7F3K-92QX •••••••••017, at the office
            finish                       slip 7F3K-92QX •••••••••017, at the office, card and slip?
            taken                        welcome → forget
        "#]],
    );
}

#[test]
fn without_consent_the_paper_way_is_shown_and_the_way_back_stays_open() {
    check(
        "
        start
        next                    // nothing is ticked beforehand
        consent prepare
        consent sensitive
        consent send
        consent refund
        consent send            // unticked again
        refuse
        back                    // asked anew, nothing ticked
        leave
        ",
        expect![[r#"
            start                        consent
            next                         consent
            consent prepare              consent
            consent sensitive            consent
            consent send                 consent, may go on
            consent refund               consent, may go on
            consent send                 consent
            refuse                       trouble consent-refused → keep nothing
            back                         consent
            leave                        welcome → forget
        "#]],
    );
}

#[test]
fn who_refuses_after_typing_leaves_nothing_behind() {
    check_from(
        BY_HAND,
        "
        family_name Thử
        back
        back
        refuse
        back
        consent required
        next
        by-hand
        show family_name
        ",
        expect![[r#"
            family_name Thử              form person 1/15 @family_name
            back                         card
            back                         consent, may go on
            refuse                       trouble consent-refused → keep nothing
            back                         consent
            consent required             consent, may go on
            next                         card
            by-hand                      form person 1/15 @family_name
            show family_name             "", letters keys
        "#]],
    );
}

#[test]
fn a_bank_account_goes_only_with_the_consent_to_it() {
    check_from(
        "start\nconsent all\nnext\nby-hand\nto refund\n",
        "
        refund_account 0000000000
        next
        refund_holder Đoàn Văn Thử
        refund_bank Agribank
        next
        back
        show refund_account
        back
        show chip               // what stands before it stays
        leave
        ",
        expect![[r#"
            refund_account 0000000000    form refund 16/17 @refund_account
            next                         form refund 16/17 @refund_holder, refund_holder: holder-needed, refund_bank: bank-needed
            refund_holder Đoàn Văn Thử   form refund 16/17 @refund_holder, refund_bank: bank-needed
            refund_bank Agribank         form refund 16/17 @refund_bank
            next                         form agency 17/17 @agency
            back                         form refund 16/17 @refund_account
            show refund_account          "0000000000" (typed), digits keys
            back                         form chip 15/17 @chip
            show chip                    "with_chip" (typed)
            leave                        welcome → forget
        "#]],
    );
}
