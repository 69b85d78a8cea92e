//! What a person still lacks, found out before anything is typed: eight questions, one answer each, and the advice
//! that follows. Nothing personal: only coded answers, which fit into the QR of a small slip.

/// One question; asked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// A 12-digit card, still valid (Law 26/2023/QH15; nine digits are dead since 1 January 2025).
    Card,
    /// 14 or over, acting for oneself (TT 69/2026/TT-BCA: TK01 or `TK01a`).
    Age,
    /// Electronic identity, level 2: the portal's only log-in since 1 July 2024.
    Vneid,
    /// A SIM in one's own name under the 12-digit number.
    Sim,
    /// Who pays online; anybody may.
    Payer,
    /// Ever issued a passport, and where it is.
    Passport,
    /// Where the portrait comes from.
    Photo,
    /// By post or collected.
    Delivery,
}

/// A coded answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// 12 digits and valid.
    CardValid,
    /// 12 digits, expired.
    CardExpired,
    /// Nine digits.
    CardNineDigits,
    /// None, or lost.
    CardNone,
    /// 14 or over, for oneself.
    AgeAdult,
    /// For a child under 14.
    AgeChild,
    /// For a person who cannot act for themselves.
    AgeRepresented,
    /// Level 2, and the passcode is known.
    VneidReady,
    /// Level 2, but the passcode is forgotten or the app is on another phone.
    VneidLocked,
    /// No account, or level 1.
    VneidMissing,
    /// Not known.
    VneidUnsure,
    /// In one's own name under the 12-digit number.
    SimOwn,
    /// In somebody else's name, or a company's.
    SimOtherName,
    /// In one's own name, under the old 9-digit number.
    SimOldNumber,
    /// Not known.
    SimUnsure,
    /// By one's own bank app.
    PayerSelf,
    /// Somebody else pays.
    PayerOther,
    /// Nobody yet.
    PayerNone,
    /// Never issued, in any province.
    PassportNever,
    /// There, and still valid.
    PassportValid,
    /// There, and expired or full.
    PassportExpired,
    /// Lost.
    PassportLost,
    /// Damaged.
    PassportDamaged,
    /// None yet: it is taken here where there is a camera.
    PhotoHere,
    /// A file on one's own phone.
    PhotoOnPhone,
    /// By post; the address is known.
    DeliveryPost,
    /// Collected at the agency.
    DeliveryCollect,
}

/// What to do about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Advice {
    /// Have the card renewed first.
    RenewCard,
    /// Nine digits are no longer accepted: a new card first.
    ReplaceCard,
    /// A card first.
    GetCard,
    /// A child under 14: form `TK01a`, filed by a parent or guardian.
    ChildForm,
    /// A person without legal capacity: filed by the representative.
    RepresentedForm,
    /// Open the account, level 2.
    GetVneid,
    /// Unlock or move the account.
    UnlockVneid,
    /// Look at the level in the app.
    CheckVneid,
    /// Have the SIM put in one's own name.
    RenameSim,
    /// Have the SIM's papers brought to the 12-digit number.
    UpdateSim,
    /// Ask by TTTB to 1414.
    CheckSim,
    /// Tell the payer when: after acceptance, not before.
    TellPayer,
    /// Find somebody with a bank app.
    FindPayer,
    /// Hand in or post the valid passport.
    HandInPassport,
    /// Have number and date of the old passport at hand.
    BringPassport,
    /// Report the loss (TK05) within two working days.
    ReportLoss,
    /// Report the damage and bring the book.
    ReportDamage,
    /// Have the photograph on the phone.
    BringPhoto,
}

/// How much an advice weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know; nothing waits for it.
    GoOn,
    /// The dossier can be prepared now; this must be done before it is handed over on the portal.
    BeforeHandOver,
    /// Nothing can be prepared before this is done.
    ComeBack,
    /// Another form and another person: a checklist, and to whom to go.
    Refer,
}

impl Question {
    /// Every question, in the order asked.
    pub const ALL: [Self; 8] =
        [Self::Card, Self::Age, Self::Vneid, Self::Sim, Self::Payer, Self::Passport, Self::Photo, Self::Delivery];

    /// What may be answered, in the order shown.
    pub const fn replies(self) -> &'static [Reply] {
        use Reply as R;
        match self {
            Self::Card => &[R::CardValid, R::CardExpired, R::CardNineDigits, R::CardNone],
            Self::Age => &[R::AgeAdult, R::AgeChild, R::AgeRepresented],
            Self::Vneid => &[R::VneidReady, R::VneidLocked, R::VneidMissing, R::VneidUnsure],
            Self::Sim => &[R::SimOwn, R::SimOtherName, R::SimOldNumber, R::SimUnsure],
            Self::Payer => &[R::PayerSelf, R::PayerOther, R::PayerNone],
            Self::Passport => {
                &[R::PassportNever, R::PassportValid, R::PassportExpired, R::PassportLost, R::PassportDamaged]
            }
            Self::Photo => &[R::PhotoHere, R::PhotoOnPhone],
            Self::Delivery => &[R::DeliveryPost, R::DeliveryCollect],
        }
    }
}

impl Reply {
    /// What it answers.
    pub const fn question(self) -> Question {
        match self {
            Self::CardValid | Self::CardExpired | Self::CardNineDigits | Self::CardNone => Question::Card,
            Self::AgeAdult | Self::AgeChild | Self::AgeRepresented => Question::Age,
            Self::VneidReady | Self::VneidLocked | Self::VneidMissing | Self::VneidUnsure => Question::Vneid,
            Self::SimOwn | Self::SimOtherName | Self::SimOldNumber | Self::SimUnsure => Question::Sim,
            Self::PayerSelf | Self::PayerOther | Self::PayerNone => Question::Payer,
            Self::PassportNever
            | Self::PassportValid
            | Self::PassportExpired
            | Self::PassportLost
            | Self::PassportDamaged => Question::Passport,
            Self::PhotoHere | Self::PhotoOnPhone => Question::Photo,
            Self::DeliveryPost | Self::DeliveryCollect => Question::Delivery,
        }
    }

    /// What follows from it, if anything.
    pub const fn advice(self) -> Option<Advice> {
        match self {
            Self::CardExpired => Some(Advice::RenewCard),
            Self::CardNineDigits => Some(Advice::ReplaceCard),
            Self::CardNone => Some(Advice::GetCard),
            Self::AgeChild => Some(Advice::ChildForm),
            Self::AgeRepresented => Some(Advice::RepresentedForm),
            Self::VneidLocked => Some(Advice::UnlockVneid),
            Self::VneidMissing => Some(Advice::GetVneid),
            Self::VneidUnsure => Some(Advice::CheckVneid),
            Self::SimOtherName => Some(Advice::RenameSim),
            Self::SimOldNumber => Some(Advice::UpdateSim),
            Self::SimUnsure => Some(Advice::CheckSim),
            Self::PayerOther => Some(Advice::TellPayer),
            Self::PayerNone => Some(Advice::FindPayer),
            Self::PassportValid => Some(Advice::HandInPassport),
            Self::PassportExpired => Some(Advice::BringPassport),
            Self::PassportLost => Some(Advice::ReportLoss),
            Self::PassportDamaged => Some(Advice::ReportDamage),
            Self::PhotoOnPhone => Some(Advice::BringPhoto),
            Self::CardValid
            | Self::AgeAdult
            | Self::VneidReady
            | Self::SimOwn
            | Self::PayerSelf
            | Self::PassportNever
            | Self::PhotoHere
            | Self::DeliveryPost
            | Self::DeliveryCollect => None,
        }
    }
}

impl Advice {
    /// Every advice, in the order of the questions.
    pub const ALL: [Self; 18] = [
        Self::RenewCard,
        Self::ReplaceCard,
        Self::GetCard,
        Self::ChildForm,
        Self::RepresentedForm,
        Self::UnlockVneid,
        Self::GetVneid,
        Self::CheckVneid,
        Self::RenameSim,
        Self::UpdateSim,
        Self::CheckSim,
        Self::TellPayer,
        Self::FindPayer,
        Self::HandInPassport,
        Self::BringPassport,
        Self::ReportLoss,
        Self::ReportDamage,
        Self::BringPhoto,
    ];

    /// Name in counts, on the wire and on the hand-over page; never changes.
    pub const fn key(self) -> &'static str {
        match self {
            Self::RenewCard => "renew-card",
            Self::ReplaceCard => "replace-card",
            Self::GetCard => "get-card",
            Self::ChildForm => "child-form",
            Self::RepresentedForm => "represented-form",
            Self::GetVneid => "get-vneid",
            Self::UnlockVneid => "unlock-vneid",
            Self::CheckVneid => "check-vneid",
            Self::RenameSim => "rename-sim",
            Self::UpdateSim => "update-sim",
            Self::CheckSim => "check-sim",
            Self::TellPayer => "tell-payer",
            Self::FindPayer => "find-payer",
            Self::HandInPassport => "hand-in-passport",
            Self::BringPassport => "bring-passport",
            Self::ReportLoss => "report-loss",
            Self::ReportDamage => "report-damage",
            Self::BringPhoto => "bring-photo",
        }
    }

    /// How much it weighs.
    pub const fn weight(self) -> Weight {
        match self {
            Self::RenewCard | Self::ReplaceCard | Self::GetCard => Weight::ComeBack,
            Self::ChildForm | Self::RepresentedForm => Weight::Refer,
            Self::GetVneid
            | Self::UnlockVneid
            | Self::CheckVneid
            | Self::RenameSim
            | Self::UpdateSim
            | Self::CheckSim
            | Self::FindPayer
            | Self::HandInPassport
            | Self::ReportLoss
            | Self::ReportDamage
            | Self::BringPhoto => Weight::BeforeHandOver,
            Self::TellPayer | Self::BringPassport => Weight::GoOn,
        }
    }
}

/// The answers so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers([Option<Reply>; Question::ALL.len()]);

/// The code's beginning names its shape, so that an older slip is told from a newer one.
const SHAPE: &str = "t1.";

impl Answers {
    /// Answers the reply's question.
    pub fn give(&mut self, reply: Reply) {
        self.0[reply.question() as usize] = Some(reply);
    }

    /// What was answered to it.
    pub const fn to(&self, question: Question) -> Option<Reply> {
        self.0[question as usize]
    }

    /// The first question that is still open. After an answer that ends the matter nothing more is asked.
    pub fn open(&self) -> Option<Question> {
        let ended = self.weight() >= Weight::ComeBack;
        Question::ALL.into_iter().find(|question| self.to(*question).is_none()).filter(|_| !ended)
    }

    /// What is to be done, in the order of the questions.
    pub fn advice(&self) -> impl Iterator<Item = Advice> {
        self.0.into_iter().flatten().filter_map(Reply::advice)
    }

    /// The heaviest advice decides how it goes on.
    pub fn weight(&self) -> Weight {
        self.advice().map(Advice::weight).max().unwrap_or(Weight::GoOn)
    }

    /// The fragment of the small slip: `t1.` and for each question the number of its reply, or `-`.
    pub fn code(&self) -> String {
        let digits = Question::ALL.into_iter().map(|question| {
            let given = self.to(question);
            let at = given.and_then(|given| question.replies().iter().position(|reply| *reply == given));
            at.and_then(|at| char::from_digit(at as u32, 10)).unwrap_or('-')
        });
        SHAPE.chars().chain(digits).collect()
    }

    /// From the fragment of a small slip; nothing from anything else.
    pub fn parse(code: &str) -> Option<Self> {
        let digits = code.strip_prefix(SHAPE)?;
        let mut answers = Self::default();
        let mut given = digits.chars();
        for question in Question::ALL {
            match given.next()? {
                '-' => {}
                digit => answers.give(*question.replies().get(digit.to_digit(10)? as usize)?),
            }
        }
        given.next().is_none().then_some(answers)
    }
}

#[cfg(test)]
mod tests;
