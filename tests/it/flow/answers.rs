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
fn who_has_a_one_word_name_or_does_not_know_a_parent_is_asked_twice_and_goes_on() {
    check_from(
        BY_HAND,
        "
        fill person
        middle_given
        next
        next
        fill origin
        next
        fill contact
        next
        fill residence
        next
        fill work
        next
        next
        next
        ",
        expect![[r#"
            fill person                  form person 1/9 @pin
            middle_given                 form person 1/9 @middle_given
            next                         form person 1/9 @middle_given, middle_given: really-empty
            next                         form origin 2/9 @birth_place
            fill origin                  form origin 2/9 @religion
            next                         form contact 3/9 @phone
            fill contact                 form contact 3/9 @email
            next                         form residence 4/9 @permanent_address
            fill residence               form residence 4/9 @current_address
            next                         form work 5/9 @occupation
            fill work                    form work 5/9 @occupation
            next                         form parents 6/9 @father_name
            next                         form parents 6/9 @father_name, father_name: really-empty, father_birth: really-empty, mother_name: really-empty, mother_birth: really-empty
            next                         form spouse 7/9 @spouse_name
        "#]],
    );
}
