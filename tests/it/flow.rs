//! One citizen's way through the kiosk, told as scripts; `flow/script.rs` explains their language.
//! After a wanted change: `UPDATE_EXPECT=1 cargo test --test it flow::`, then read the diff.

pub(crate) mod script;
mod walk;

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
    let told: String = told.lines().skip(before).map(|line| format!("{line}\n")).collect();
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
            next                         form request 8/9 @request
            choose request first_issue   form request 8/9 @request_detail
            choose chip with_chip        form request 8/9 @chip
            next                         form delivery 9/9 @agency
            agency da nang               form delivery 9/9 @agency
            show agency                  "da nang" (typed), letters keys, offers Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng
            choose agency Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng form delivery 9/9 @receive_mode
            choose receive_mode collect  form delivery 9/9 @delivery_address
            next                         review
            show family_name             "NGUYỄN" (card)
            submit                       saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            outbox 1 online              slip 7F3K-92QX •••••••••017, being sent
            delivered 7F3K-92QX          slip 7F3K-92QX •••••••••017, at the office
            finish                       welcome → forget
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
            family_name Thử              form person 1/9 @family_name
            back                         card
            back                         consent, may go on
            refuse                       trouble consent-refused
            back                         consent
            consent required             consent, may go on
            next                         card
            by-hand                      form person 1/9 @family_name
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

#[test]
fn everything_can_be_typed_by_hand() {
    check_from(
        BY_HAND,
        "
        next                    // the caret goes to the first thing that is wrong
        type nguyeenx
        show family_name
        key Enter
        type thij thuwr
        show middle_given
        telex
        key Enter
        choose sex female
        show birth_date
        type 02011990
        key Enter
        show birth_date
        pin 0991900000
        next
        type 17
        show pin
        next
        ",
        expect![[r#"
            next                         form person 1/9 @family_name, family_name: required, middle_given: required, sex: required, birth_date: required, pin: required
            type nguyeenx                form person 1/9 @family_name, middle_given: required, sex: required, birth_date: required, pin: required
            show family_name             "NGUYỄN" (typed), letters keys
            key Enter                    form person 1/9 @middle_given, middle_given: required, sex: required, birth_date: required, pin: required
            type thij thuwr              form person 1/9 @middle_given, sex: required, birth_date: required, pin: required
            show middle_given            "THỊ THỬ" (typed), letters keys
            telex                        form person 1/9 @middle_given, sex: required, birth_date: required, pin: required
            key Enter                    form person 1/9 @sex, sex: required, birth_date: required, pin: required
            choose sex female            form person 1/9 @birth_date, birth_date: required, pin: required
            show birth_date              "", date keys
            type 02011990                form person 1/9 @birth_date, pin: required
            key Enter                    form person 1/9 @pin, pin: required
            show birth_date              "02/01/1990" (typed), digits keys
            pin 0991900000               form person 1/9 @pin, pin: pin-shape
            next                         form person 1/9 @pin, pin: pin-shape
            type 17                      form person 1/9 @pin
            show pin                     "099190000017" (typed), digits keys
            next                         form origin 2/9 @birth_place
        "#]],
    );
}

#[test]
fn a_number_that_speaks_of_another_sex_or_year_is_questioned_and_accepted() {
    check_from(
        BY_HAND,
        "
        fill person
        choose sex female
        choose sex male
        birth_date 01/02/1994
        next
        ",
        expect![[r#"
            fill person                  form person 1/9 @pin
            choose sex female            form person 1/9 @sex, pin? pin-against-sex
            choose sex male              form person 1/9 @sex
            birth_date 01/02/1994        form person 1/9 @birth_date, pin? pin-against-birth
            next                         form origin 2/9 @birth_place
        "#]],
    );
}

#[test]
fn letters_do_not_get_into_numbers_nor_more_digits_than_there_are_boxes() {
    check_from(
        BY_HAND,
        "
        pin 09909300007456789
        show pin
        pin abc
        show pin
        family_name   thử
        show family_name
        key Backspace
        show family_name
        key Shift
        type a
        show family_name
        ",
        expect![[r#"
            pin 09909300007456789        form person 1/9 @pin
            show pin                     "099093000074" (typed), digits keys
            pin abc                      form person 1/9 @pin
            show pin                     "", digits keys
            family_name   thử            form person 1/9 @family_name
            show family_name             "THỬ" (typed), letters keys
            key Backspace                form person 1/9 @family_name
            show family_name             "TH" (typed), letters keys
            key Shift                    form person 1/9 @family_name, shift
            type a                       form person 1/9 @family_name
            show family_name             "THA" (typed), letters keys
        "#]],
    );
}

#[test]
fn without_a_reader_the_form_stays_open_and_the_reader_may_come_back() {
    check(
        "
        start
        consent required
        next
        reader ready
        card-refused garbled
        reader gone             // takes its complaint along
        by-hand
        reader ready
        back
        card mot
        ",
        expect![[r#"
            start                        consent
            consent required             consent, may go on
            next                         card
            reader ready                 card
            card-refused garbled         card, card: damaged or incomplete record
            reader gone                  card
            by-hand                      form person 1/9 @family_name
            reader ready                 form person 1/9 @family_name
            back                         card
            card mot                     identity
        "#]],
    );
}

#[test]
fn what_is_no_card_is_named_and_a_card_is_awaited_still() {
    check(
        "
        card mai                // nobody's turn: nothing is read
        start
        card mai                // before the consent neither
        consent required
        next
        card bad-url
        card bad-cut
        card bad-utf
        card old
        card-refused too-long
        card tho
        not-me                  // the claim is dropped
        card hleo
        show family_name
        card mai                // the next in the queue waves theirs
        show family_name
        ",
        expect![[r#"
            card mai                     welcome
            start                        consent
            card mai                     consent
            consent required             consent, may go on
            next                         card
            card bad-url                 card, card: not the code of a citizen card
            card bad-cut                 card, card: damaged or incomplete record
            card bad-utf                 card, card: the scanner does not send UTF-8
            card old                     card, card: an old nine-digit number
            card-refused too-long        card, card: record too long
            card tho                     identity
            not-me                       card
            card hleo                    identity
            show family_name             "H'LEO" (card)
            card mai                     identity
            show family_name             "H'LEO" (card)
        "#]],
    );
}

#[test]
fn a_card_fills_what_is_empty_and_shows_where_it_differs_from_what_was_typed() {
    check_from(
        BY_HAND,
        "
        family_name Nguyễn
        birth_date 03/01/1990
        card mai
        show family_name
        show birth_date
        show pin
        birth_date 02/01/1990   // as the card says after all
        key Enter
        show birth_date
        next
        ",
        expect![[r#"
            family_name Nguyễn           form person 1/9 @family_name
            birth_date 03/01/1990        form person 1/9 @birth_date
            card mai                     form person 1/9 @birth_date, birth_date? differs-from-card
            show family_name             "NGUYỄN" (typed), date keys
            show birth_date              "03/01/1990" (typed), on the card "02/01/1990", date keys
            show pin                     "099190000017" (card), date keys
            birth_date 02/01/1990        form person 1/9 @birth_date
            key Enter                    form person 1/9 @pin
            show birth_date              "02/01/1990" (card), digits keys
            next                         form origin 2/9 @birth_place
        "#]],
    );
}

#[test]
fn another_persons_card_in_the_middle_of_the_form_is_ignored() {
    check_from(
        BY_HAND,
        "
        card mai
        card duc
        show family_name
        show pin
        card mai
        next
        card duc
        back
        back                    // a card was read: \"is this you?\" is the screen before
        show middle_given
        ",
        expect![[r#"
            card mai                     form person 1/9 @family_name
            card duc                     form person 1/9 @family_name
            show family_name             "NGUYỄN" (card), letters keys
            show pin                     "099190000017" (card), letters keys
            card mai                     form person 1/9 @family_name
            next                         form origin 2/9 @birth_place
            card duc                     form origin 2/9 @birth_place
            back                         form person 1/9 @family_name
            back                         identity
            show middle_given            "THỊ THỬ MAI" (card)
        "#]],
    );
}

#[test]
fn a_name_of_one_word_is_whole_when_the_card_gives_it_so() {
    check(
        "
        start
        consent required
        next
        qr 099195000033||Thửniê|30061995|Nữ|Buôn Thử, Xã Không Có Thật, Đắk Lắk|20122022
        show family_name
        show middle_given
        next                    // nothing to ask: on to the next step
        ",
        expect![[r#"
            start                        consent
            consent required             consent, may go on
            next                         card
            qr 099195000033||Thửniê|30061995|Nữ|Buôn Thử, Xã Không Có Thật, Đắk Lắk|20122022 identity
            show family_name             "THỬNIÊ" (card)
            show middle_given            ""
            next                         form origin 2/9 @birth_place
        "#]],
    );
}

#[test]
fn who_is_under_fourteen_is_told_at_once() {
    check_from(
        BY_HAND,
        "
        fill person
        birth_date 24/11/2012
        next
        birth_date 23/11/2012   // fourteen today
        next
        ",
        expect![[r#"
            fill person                  form person 1/9 @pin
            birth_date 24/11/2012        form person 1/9 @birth_date, pin? pin-against-birth
            next                         form person 1/9 @birth_date, birth_date: under-fourteen, pin? pin-against-birth
            birth_date 23/11/2012        form person 1/9 @birth_date, pin? pin-against-birth
            next                         form origin 2/9 @birth_place
        "#]],
    );
}

#[test]
fn an_unknown_day_of_birth_is_accepted_as_the_papers_have_it() {
    check(
        "
        start
        consent required
        next
        card tho
        show birth_date
        next
        ",
        expect![[r#"
            start                        consent
            consent required             consent, may go on
            next                         card
            card tho                     identity
            show birth_date              "1960" (card)
            next                         form origin 2/9 @birth_place
        "#]],
    );
}

#[test]
fn a_first_passport_and_an_old_one_exclude_each_other() {
    check_from(
        REVIEW,
        "
        edit old_passport_number
        type B0000001
        next
        choose request expired
        next
        edit old_passport_number
        key Backspace
        next
        ",
        expect![[r#"
            edit old_passport_number     form request 8/9 @old_passport_number
            type B0000001                form request 8/9 @old_passport_number, old_passport_number: first-but-has-passport
            next                         form request 8/9 @old_passport_number, old_passport_number: first-but-has-passport
            choose request expired       form request 8/9 @request_detail
            next                         review
            edit old_passport_number     form request 8/9 @old_passport_number
            key Backspace                form request 8/9 @old_passport_number, old_passport_number: passport-shape
            next                         form request 8/9 @old_passport_number, old_passport_number: passport-shape
        "#]],
    );
}

#[test]
fn a_changed_passport_needs_the_change_and_the_old_number() {
    check_from(
        REVIEW,
        "
        edit request
        choose request changed
        next
        type Thay đổi nơi sinh
        next
        type C0000000
        next
        ",
        expect![[r#"
            edit request                 form request 8/9 @request
            choose request changed       form request 8/9 @request_detail, request_detail: required, old_passport_number: passport-needed
            next                         form request 8/9 @request_detail, request_detail: required, old_passport_number: passport-needed
            type Thay đổi nơi sinh       form request 8/9 @request_detail, old_passport_number: passport-needed
            next                         form request 8/9 @old_passport_number, old_passport_number: passport-needed
            type C0000000                form request 8/9 @old_passport_number
            next                         review
        "#]],
    );
}

#[test]
fn the_post_needs_an_address() {
    check_from(
        REVIEW,
        "
        edit receive_mode
        choose receive_mode post
        next
        type Tổ 1, Thôn Thử
        next
        submit
        ",
        expect![[r#"
            edit receive_mode            form delivery 9/9 @receive_mode
            choose receive_mode post     form delivery 9/9 @delivery_address, delivery_address: required
            next                         form delivery 9/9 @delivery_address, delivery_address: required
            type Tổ 1, Thôn Thử          form delivery 9/9 @delivery_address
            next                         review
            submit                       saving → save
        "#]],
    );
}

#[test]
fn from_the_review_one_value_is_changed_and_the_review_is_back() {
    check_from(
        REVIEW,
        "
        show phone
        edit phone
        phone 123
        next
        phone 0000000002
        next
        show phone
        edit phone
        back                    // changed nothing
        back                    // and from the review backwards, step by step
        next
        ",
        expect![[r#"
            show phone                   "0000000001" (typed)
            edit phone                   form contact 3/9 @phone
            phone 123                    form contact 3/9 @phone, phone: phone-shape
            next                         form contact 3/9 @phone, phone: phone-shape
            phone 0000000002             form contact 3/9 @phone
            next                         review
            show phone                   "0000000002" (typed)
            edit phone                   form contact 3/9 @phone
            back                         review
            back                         form delivery 9/9 @delivery_address
            next                         review
        "#]],
    );
}

#[test]
fn a_review_with_a_hole_leads_to_it() {
    check_from(
        REVIEW,
        "
        edit phone
        key Backspace
        back                    // leaves it wrong
        submit
        type 1
        next
        submit
        ",
        expect![[r#"
            edit phone                   form contact 3/9 @phone
            key Backspace                form contact 3/9 @phone, phone: phone-shape
            back                         review, phone: phone-shape
            submit                       form contact 3/9 @phone, phone: phone-shape
            type 1                       form contact 3/9 @phone
            next                         review
            submit                       saving → save
        "#]],
    );
}

#[test]
fn idleness_is_warned_of_and_then_everything_is_wiped() {
    check_from(
        BY_HAND,
        "
        family_name Thử
        idle 59
        idle 60
        stay
        idle 60
        type n                  // a key is a touch
        idle 89
        idle 90
        idle 91
        start
        consent required
        next
        by-hand
        show family_name
        ",
        expect![[r#"
            family_name Thử              form person 1/9 @family_name
            idle 59                      form person 1/9 @family_name
            idle 60                      form person 1/9 @family_name, wiped in 30 s
            stay                         form person 1/9 @family_name
            idle 60                      form person 1/9 @family_name, wiped in 30 s
            type n                       form person 1/9 @family_name
            idle 89                      form person 1/9 @family_name, wiped in 1 s
            idle 90                      welcome → forget
            idle 91                      welcome
            start                        consent
            consent required             consent, may go on
            next                         card
            by-hand                      form person 1/9 @family_name
            show family_name             "", letters keys
        "#]],
    );
}

#[test]
fn nobody_is_wiped_while_the_disk_is_at_work() {
    check_from(
        REVIEW,
        "
        submit
        idle 90
        leave
        submit
        card duc
        save-failed busy
        idle 90
        saved 7F3K-92QX         // too late: nobody is there any more
        ",
        expect![[r#"
            submit                       saving → save
            idle 90                      saving
            leave                        saving
            submit                       saving
            card duc                     saving
            save-failed busy             trouble busy, may retry
            idle 90                      welcome → forget
            saved 7F3K-92QX              welcome
        "#]],
    );
}

#[test]
fn a_full_disk_a_busy_queue_and_a_missing_key_leave_the_form_as_it_is() {
    check_from(
        REVIEW,
        "
        submit
        save-failed disk-full
        retry
        save-failed busy
        back
        show phone
        submit
        save-failed office-key-missing
        retry
        saved 7F3K-92QX
        ",
        expect![[r#"
            submit                       saving → save
            save-failed disk-full        trouble disk-full, may retry
            retry                        saving → save
            save-failed busy             trouble busy, may retry
            back                         review
            show phone                   "0000000001" (typed)
            submit                       saving → save
            save-failed office-key-missing trouble office-key-missing, may retry
            retry                        saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
        "#]],
    );
}

#[test]
fn after_a_broken_queue_only_the_same_dossier_may_be_tried_again() {
    check_from(
        REVIEW,
        "
        submit
        save-failed broken
        back                    // it may have been committed: no second dossier
        retry
        save-failed broken
        leave
        ",
        expect![[r#"
            submit                       saving → save
            save-failed broken           trouble broken, may retry
            back                         trouble broken, may retry
            retry                        saving → save
            save-failed broken           trouble broken, may retry
            leave                        welcome → forget
        "#]],
    );
}

#[test]
fn the_slips_qr_is_shown_on_request_and_hides_by_itself() {
    check_from(
        REVIEW,
        "
        submit
        saved 7F3K-92QX
        outbox 1 offline
        reveal
        wait 19
        wait 1
        reveal
        leave
        ",
        expect![[r#"
            submit                       saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            outbox 1 offline             slip 7F3K-92QX •••••••••017, waiting for the line
            reveal                       slip 7F3K-92QX •••••••••017, waiting for the line, QR for 20 s
            wait 19                      slip 7F3K-92QX •••••••••017, waiting for the line, QR for 1 s
            wait 1                       slip 7F3K-92QX •••••••••017, waiting for the line
            reveal                       slip 7F3K-92QX •••••••••017, waiting for the line, QR for 20 s
            leave                        welcome → forget
        "#]],
    );
}

#[test]
fn only_its_own_receipt_marks_a_slip_as_sent() {
    check_from(
        REVIEW,
        "
        submit
        saved 7F3K-92QX
        delivered AAAA-AAAA
        outbox 2 offline
        outbox 1 online
        delivered 7F3K-92QX
        outbox 0 offline        // what is there stays there
        ",
        expect![[r#"
            submit                       saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            delivered AAAA-AAAA          slip 7F3K-92QX •••••••••017, being sent
            outbox 2 offline             slip 7F3K-92QX •••••••••017, waiting for the line
            outbox 1 online              slip 7F3K-92QX •••••••••017, being sent
            delivered 7F3K-92QX          slip 7F3K-92QX •••••••••017, at the office
            outbox 0 offline             slip 7F3K-92QX •••••••••017, at the office
        "#]],
    );
}

#[test]
fn switching_off_wipes_a_form_but_waits_for_a_save() {
    check_from(
        REVIEW,
        "
        stopping
        leave
        start
        stopping
        ",
        expect![[r#"
            stopping                     trouble stopping → forget
            leave                        welcome → forget
            start                        consent
            stopping                     trouble stopping → forget
        "#]],
    );
    check_from(
        REVIEW,
        "
        submit
        stopping
        saved 7F3K-92QX
        stopping                // the slip may be read to its end
        ",
        expect![[r#"
            submit                       saving → save
            stopping                     saving
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            stopping                     slip 7F3K-92QX •••••••••017, being sent
        "#]],
    );
}
