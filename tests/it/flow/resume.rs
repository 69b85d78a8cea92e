//! A dossier's slip: its own citizen goes on, everybody else learns nothing.

use super::check;
use expect_test::expect;

#[test]
fn slip_and_card_bring_the_dossier_back_to_the_review_and_it_is_saved_again() {
    check(
        "
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card duc
        card mai                // while it is looked for, nobody else's card counts
        not-reopened other-card
        card mai
        reopened mai
        show family_name
        submit-only             // it is answered for anew
        edit phone
        phone 0000000002
        next
        submit
        saved 7F3K-92QX
        ",
        expect![[""]],
    );
}

#[test]
fn what_does_not_come_back_says_why_and_leaves_nothing() {
    check(
        "
        have-slip
        card mai                // a card alone opens nothing
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        not-reopened not-here
        card mai
        back
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        leave
        reopened mai            // comes too late: it is nobody's
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        not-reopened void
        slip t1.00000000        // another slip may still go on
        ",
        expect![[""]],
    );
}

#[test]
fn a_consent_to_another_text_is_asked_for_anew() {
    check(
        "
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        reopened mai other-text
        next
        consent required
        next
        show phone
        ",
        expect![[""]],
    );
}
