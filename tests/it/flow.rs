//! One citizen's way through the kiosk, told as scripts; `flow/script.rs` explains their language.
//! After a wanted change: `UPDATE_EXPECT=1 cargo test --test it flow::`, then read the diff.

mod answers;
mod cards;
mod endings;
mod officer;
mod printing;
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
const REVIEW: &str = "start\nconsent required\nnext\ncard mai\nnext\nfill origin\nnext\nfill contact\nnext\n\
    fill residence\nnext\nfill work\nnext\nfill parents\nnext\nnext\nfill request\nnext\nfill delivery\nnext\n";

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
        fill origin
        next
        phone 0000000001
        email thu@example.invalid
        next
        fill residence
        next
        fill work
        next
        fill parents
        next
        next                    // not married
        choose request first_issue
        choose chip with_chip
        next
        agency da nang
        show agency
        choose agency Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng
        choose receive_mode collect
        next
        show family_name
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
            next                         form origin 2/9 @birth_place
            fill origin                  form origin 2/9 @religion
            next                         form contact 3/9 @phone
            phone 0000000001             form contact 3/9 @phone
            email thu@example.invalid    form contact 3/9 @email
            next                         form residence 4/9 @temporary_address
            fill residence               form residence 4/9 @current_address
            next                         form work 5/9 @occupation
            fill work                    form work 5/9 @occupation
            next                         form parents 6/9 @father_name
            fill parents                 form parents 6/9 @mother_birth
            next                         form spouse 7/9 @spouse_name
            next                         form request 8/9 @request_detail
            choose request first_issue   form request 8/9 @request_detail
            choose chip with_chip        form request 8/9 @chip
            next                         form delivery 9/9 @agency
            agency da nang               form delivery 9/9 @agency
            show agency                  "da nang" (typed), letters keys, offers Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng
            choose agency Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng form delivery 9/9 @delivery_address
            choose receive_mode collect  form delivery 9/9 @delivery_address
            next                         review
            show family_name             "NGUYỄN" (card)
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
            refuse                       trouble consent-refused
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
            refuse                       trouble consent-refused
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
        "start\nconsent all\nnext\nby-hand\nfill person\nnext\nfill origin\nnext\nfill contact\nnext\nfill residence\nnext\n\
         fill work\nnext\nfill parents\nnext\nnext\nfill request\nnext\n",
        "
        refund_account 0000000000
        next
        refund_holder Đoàn Văn Thử
        refund_bank Agribank
        next
        back
        show refund_account
        back
        back
        back
        back
        back
        back
        back
        back
        back
        back                    // from the first step past the card to the consent
        consent refund
        consent refund          // taken back and given again: the account is asked anew
        next
        by-hand
        next
        next
        next
        next
        next
        next
        next
        next
        show refund_account
        ",
        expect![[r#"
            refund_account 0000000000    form refund 9/10 @refund_account
            next                         form refund 9/10 @refund_holder, refund_holder: holder-needed, refund_bank: bank-needed
            refund_holder Đoàn Văn Thử   form refund 9/10 @refund_holder, refund_bank: bank-needed
            refund_bank Agribank         form refund 9/10 @refund_bank
            next                         form delivery 10/10 @agency
            back                         form refund 9/10 @refund_account
            show refund_account          "0000000000" (typed), digits keys
            back                         form request 8/10 @request_detail
            back                         form spouse 7/10 @spouse_name
            back                         form parents 6/10 @father_name
            back                         form work 5/10 @employer
            back                         form residence 4/10 @temporary_address
            back                         form contact 3/10 @phone
            back                         form origin 2/10 @birth_place
            back                         form person 1/10 @family_name
            back                         card
            back                         consent, may go on
            consent refund               consent, may go on
            consent refund               consent, may go on
            next                         card
            by-hand                      form person 1/10 @family_name
            next                         form origin 2/10 @birth_place
            next                         form contact 3/10 @phone
            next                         form residence 4/10 @temporary_address
            next                         form work 5/10 @employer
            next                         form parents 6/10 @father_name
            next                         form spouse 7/10 @spouse_name
            next                         form request 8/10 @request_detail
            next                         form refund 9/10 @refund_account
            show refund_account          "", digits keys
        "#]],
    );
}
