//! The reader, right cards and wrong ones.

use super::{BY_HAND, check, check_from};
use expect_test::expect;

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
            by-hand                      form person 1/15 @family_name
            reader ready                 form person 1/15 @family_name
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
        card mai                // nobody has said yet whose form this is
        show pin
        pin 099190000017
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
            family_name Nguyễn           form person 1/15 @family_name
            birth_date 03/01/1990        form person 1/15 @birth_date
            card mai                     form person 1/15 @birth_date
            show pin                     "", date keys
            pin 099190000017             form person 1/15 @pin
            card mai                     form person 1/15 @pin, birth_date? differs-from-card
            show family_name             "NGUYỄN" (typed), digits keys
            show birth_date              "03/01/1990" (typed), on the card "02/01/1990", digits keys
            show pin                     "099190000017" (typed), digits keys
            birth_date 02/01/1990        form person 1/15 @birth_date
            key Enter                    form person 1/15 @pin
            show birth_date              "02/01/1990" (card), digits keys
            next                         form birthplace 2/15 @birth_place
        "#]],
    );
}

#[test]
fn another_persons_card_in_the_middle_of_the_form_is_ignored() {
    check_from(
        BY_HAND,
        "
        card duc
        pin 099190000017
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
            card duc                     form person 1/15 @family_name
            pin 099190000017             form person 1/15 @pin
            card mai                     form person 1/15 @pin
            card duc                     form person 1/15 @pin
            show family_name             "NGUYỄN" (card), digits keys
            show pin                     "099190000017" (typed), digits keys
            card mai                     form person 1/15 @pin
            next                         form birthplace 2/15 @birth_place
            card duc                     form birthplace 2/15 @birth_place
            back                         form person 1/15 @family_name
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
            next                         form birthplace 1/14 @birth_place
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
            next                         form birthplace 1/14 @birth_place
        "#]],
    );
}

#[test]
fn whoever_has_a_dossier_here_is_told_once_and_may_go_on_or_come_back_with_the_slip() {
    check(
        "
start
has-dossier
consent required
next
card mai
has-dossier
not-me
card mai
has-dossier
next
        ",
        expect![[r#"
            start                        consent
            has-dossier                  consent
            consent required             consent, may go on
            next                         card
            card mai                     identity
            has-dossier                  identity, has a dossier here
            not-me                       card
            card mai                     identity
            has-dossier                  identity, has a dossier here
            next                         form birthplace 1/14 @birth_place
        "#]],
    );
}
