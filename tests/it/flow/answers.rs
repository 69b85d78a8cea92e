//! What is typed, chosen and corrected.

use super::{BY_HAND, REVIEW, check_from};
use expect_test::expect;

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
            next                         form person 1/15 @family_name, family_name: required, sex: required, birth_date: required, pin: required
            type nguyeenx                form person 1/15 @family_name, sex: required, birth_date: required, pin: required
            show family_name             "NGUYỄN" (typed), letters keys
            key Enter                    form person 1/15 @middle_given, sex: required, birth_date: required, pin: required
            type thij thuwr              form person 1/15 @middle_given, sex: required, birth_date: required, pin: required
            show middle_given            "THỊ THỬ" (typed), letters keys
            telex                        form person 1/15 @middle_given, sex: required, birth_date: required, pin: required
            key Enter                    form person 1/15 @sex, sex: required, birth_date: required, pin: required
            choose sex female            form person 1/15 @birth_date, birth_date: required, pin: required
            show birth_date              "", date keys
            type 02011990                form person 1/15 @birth_date, pin: required
            key Enter                    form person 1/15 @pin, pin: required
            show birth_date              "02/01/1990" (typed), digits keys
            pin 0991900000               form person 1/15 @pin, pin: pin-shape
            next                         form person 1/15 @pin, pin: pin-shape
            type 17                      form person 1/15 @pin
            show pin                     "099190000017" (typed), digits keys
            next                         form birthplace 2/15 @birth_place
        "#]],
    );
}

#[test]
fn telex_vni_and_the_accent_keys_write_the_same_name() {
    check_from(
        BY_HAND,
        "
        focus middle_given
        type Thij DDaof
        show middle_given
        middle_given
        telex
        type Thi5 D9ao2
        show middle_given
        middle_given
        telex
        type Thị Đào
        show middle_given
        middle_given
        telex
        type Thij
        show middle_given
        ",
        expect![[r#"
            focus middle_given           form person 1/15 @middle_given
            type Thij DDaof              form person 1/15 @middle_given
            show middle_given            "THỊ ĐÀO" (typed), letters keys
            middle_given                 form person 1/15 @middle_given
            telex                        form person 1/15 @middle_given
            type Thi5 D9ao2              form person 1/15 @middle_given
            show middle_given            "THỊ ĐÀO" (typed), letters keys
            middle_given                 form person 1/15 @middle_given
            telex                        form person 1/15 @middle_given
            type Thị Đào                 form person 1/15 @middle_given
            show middle_given            "THỊ ĐÀO" (typed), letters keys
            middle_given                 form person 1/15 @middle_given
            telex                        form person 1/15 @middle_given
            type Thij                    form person 1/15 @middle_given
            show middle_given            "THỊ" (typed), letters keys
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
            fill person                  form person 1/15 @pin
            choose sex female            form person 1/15 @sex, pin? pin-against-sex
            choose sex male              form person 1/15 @sex
            birth_date 01/02/1994        form person 1/15 @birth_date, pin? pin-against-birth
            next                         form birthplace 2/15 @birth_place
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
            pin 09909300007456789        form person 1/15 @pin
            show pin                     "099093000074" (typed), digits keys
            pin abc                      form person 1/15 @pin
            show pin                     "", digits keys
            family_name   thử            form person 1/15 @family_name
            show family_name             "THỬ" (typed), letters keys
            key Backspace                form person 1/15 @family_name
            show family_name             "TH" (typed), letters keys
            key Shift                    form person 1/15 @family_name, shift
            type a                       form person 1/15 @family_name
            show family_name             "THA" (typed), letters keys
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
            fill person                  form person 1/15 @pin
            birth_date 24/11/2012        form person 1/15 @birth_date, pin? pin-against-birth
            next                         form person 1/15 @birth_date, birth_date: under-fourteen, pin? pin-against-birth
            birth_date 23/11/2012        form person 1/15 @birth_date, pin? pin-against-birth
            next                         form birthplace 2/15 @birth_place
        "#]],
    );
}

#[test]
fn a_first_passport_and_an_old_one_exclude_each_other() {
    check_from(
        REVIEW,
        "
        show request
        edit request            // it follows from what was said before
        choose ever_issued issued_before
        choose request expired
        next
        type B0000001
        next
        show request
        edit request
        back
        edit old_passport_number
        key Backspace
        next
        type 1
        next
        ",
        expect![[r#"
            show request                 "first_issue" (typed)
            edit request                 form everissued 0/0 @ever_issued
            choose ever_issued issued_before form request 13/15 @request, request: required
            choose request expired       form oldpassport 14/16 @old_passport_number, old_passport_number: passport-needed
            next                         form oldpassport 14/16 @old_passport_number, old_passport_number: passport-needed
            type B0000001                form oldpassport 14/16 @old_passport_number
            next                         review
            show request                 "expired" (typed)
            edit request                 form request 13/16 @request
            back                         review
            edit old_passport_number     form oldpassport 14/16 @old_passport_number
            key Backspace                form oldpassport 14/16 @old_passport_number, old_passport_number: passport-shape
            next                         form oldpassport 14/16 @old_passport_number, old_passport_number: passport-shape
            type 1                       form oldpassport 14/16 @old_passport_number
            next                         review
        "#]],
    );
}

#[test]
fn a_changed_passport_needs_the_change_and_the_old_number() {
    check_from(
        REVIEW,
        "
        edit request
        choose ever_issued issued_before
        choose request changed
        type C0000000
        next
        choose change_kind changed_birth_place
        type DDaf Nawngx
        next
        change_from Hue
        next
        show request_detail
        ",
        expect![[r#"
            edit request                 form everissued 0/0 @ever_issued
            choose ever_issued issued_before form request 13/15 @request, request: required
            choose request changed       form oldpassport 14/17 @old_passport_number, old_passport_number: passport-needed
            type C0000000                form oldpassport 14/17 @old_passport_number
            next                         form change 15/17 @change_kind, change_kind: required
            choose change_kind changed_birth_place form changefrom 16/18 @change_from, change_from: required
            type DDaf Nawngx             form changefrom 16/18 @change_from, change_from: no-change
            next                         form changefrom 16/18 @change_from, change_from: no-change
            change_from Hue              form changefrom 16/18 @change_from
            next                         review
            show request_detail          "Thay đổi nơi sinh từ Huế sang Đà Nẵng"
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
            edit receive_mode            form receive 0/0 @receive_mode
            choose receive_mode post     form delivery 16/16 @delivery_address, delivery_address: required
            next                         form delivery 16/16 @delivery_address, delivery_address: required
            type Tổ 1, Thôn Thử          form delivery 16/16 @delivery_address
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
            edit phone                   form contact 4/14 @phone
            phone 123                    form contact 4/14 @phone, phone: phone-shape
            next                         form contact 4/14 @phone, phone: phone-shape
            phone 0000000002             form contact 4/14 @phone
            next                         review
            show phone                   "0000000002" (typed)
            edit phone                   form contact 4/14 @phone
            back                         review
            back                         form agency 14/14 @agency
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
            edit phone                   form contact 4/14 @phone
            key Backspace                form contact 4/14 @phone, phone: phone-shape
            back                         review, phone: phone-shape
            submit                       form contact 4/14 @phone, phone: phone-shape
            type 1                       form contact 4/14 @phone
            next                         review
            submit                       saving → save
        "#]],
    );
}

#[test]
fn who_has_a_one_word_name_or_does_not_know_a_parent_is_asked_twice_and_goes_on() {
    check_from(
        BY_HAND,
        "
        fill person
        middle_given
        next
        next
        to father
        next
        next
        decline mother_name
        ",
        expect![[r#"
            fill person                  form person 1/15 @pin
            middle_given                 form person 1/15 @middle_given
            next                         form person 1/15 @middle_given, middle_given: really-empty
            next                         form birthplace 2/15 @birth_place
            to father                    form father 11/16 @father_name
            next                         form father 11/16 @father_name, father_name: really-empty, father_birth: really-empty
            next                         form mother 12/16 @mother_name
            decline mother_name          form spouse 13/16 @spouse_name
        "#]],
    );
}
