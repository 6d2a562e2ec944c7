//! A model of an owner and an attacker who holds some of the owner's things, driven by the same rules as the handlers.
//!
//! The passcode is in nobody's hand but the owner's: whoever sees it typed and steals the phone has both, and no rule can tell the two apart.

use jiff::{SignedDuration, Timestamp};

use super::rules::{
    Case, Event, PHONE_IS_FRESH, PhoneShown, RELATIVES, ResetShown, Right, Way, counts, may_reset, phone_changes,
    returns,
};
use crate::devices::rules::{Entry, Shown, may_enter, way};

#[cfg(test)]
mod tests;

/// What an attacker can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Password,
    /// The owner's device, unlocked, with the SIM in it.
    Phone,
    /// The owner's number, on another phone.
    Sim,
    Card,
    /// One trusted relative.
    Relative,
}

impl Thing {
    pub(super) const ALL: [Self; 5] = [Self::Password, Self::Phone, Self::Sim, Self::Card, Self::Relative];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Password => "the password",
            Self::Phone => "the phone, unlocked",
            Self::Sim => "the SIM",
            Self::Card => "the card",
            Self::Relative => "a relative",
        }
    }
}

/// What an attacker may want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    SignIn,
    SetPassword,
    BecomeDevice,
    ShowPapers,
    ChangePhone,
    StopRecovery,
}

impl Goal {
    pub(super) const ALL: [Self; 6] = [
        Self::SignIn,
        Self::SetPassword,
        Self::BecomeDevice,
        Self::ShowPapers,
        Self::ChangePhone,
        Self::StopRecovery,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "signs in",
            Self::SetPassword => "sets the password",
            Self::BecomeDevice => "becomes the device",
            Self::ShowPapers => "shows papers",
            Self::ChangePhone => "changes the phone",
            Self::StopRecovery => "stops a recovery",
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Owner,
    Attacker,
}

/// What can be done. Each is tried by either side at any time; the rules decide what comes of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    SignIn,
    ResetPassword,
    BindDevice,
    ChangePhone,
    BeginCase,
    ConfirmCase,
    FinishCase,
    Stop,
    ShowPapers,
}

impl Act {
    pub(super) const ALL: [Self; 9] = [
        Self::SignIn,
        Self::ResetPassword,
        Self::BindDevice,
        Self::ChangePhone,
        Self::BeginCase,
        Self::ConfirmCase,
        Self::FinishCase,
        Self::Stop,
        Self::ShowPapers,
    ];
}

/// The account as it stands, and what each side holds of it.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) now: Timestamp,
    held: Vec<Thing>,
    knows_password: [bool; 2],
    knows_passcode: [bool; 2],
    device: Who,
    signed_in: [bool; 2],
    number: Who,
    phone_fresh_until: Option<Timestamp>,
    change: Option<(Who, Timestamp)>,
    case: Option<(Who, Case, Vec<Who>)>,
    recovered: Option<(Way, Timestamp)>,
    /// When the owner was last alarmed by what the owner did not do.
    pub(super) alarmed_at: Option<Timestamp>,
    pub(super) reached: Vec<Goal>,
}

impl World {
    pub(super) fn new(held: &[Thing], now: Timestamp) -> Self {
        let has = |thing| held.contains(&thing);
        Self {
            now,
            held: held.to_vec(),
            knows_password: [true, has(Thing::Password)],
            knows_passcode: [true, false],
            device: Who::Owner,
            // Whoever holds the device, unlocked, is signed in on it.
            signed_in: [true, has(Thing::Phone)],
            number: Who::Owner,
            phone_fresh_until: None,
            change: None,
            case: None,
            recovered: None,
            alarmed_at: None,
            reached: if has(Thing::Phone) {
                vec![Goal::SignIn]
            } else {
                Vec::new()
            },
        }
    }

    fn has(&self, thing: Thing) -> bool {
        self.held.contains(&thing)
    }

    /// Who reads what is sent to the registered number.
    fn reads_sms(&self, who: Who) -> bool {
        let taken = self.has(Thing::Phone) || self.has(Thing::Sim);
        match (self.number, who) {
            (Who::Owner, Who::Attacker) => taken,
            (Who::Owner, Who::Owner) => !taken,
            (number, who) => number == who,
        }
    }

    /// Who holds the person's present device.
    fn holds_device(&self, who: Who) -> bool {
        let stolen = self.has(Thing::Phone);
        match (self.device, who) {
            (Who::Owner, Who::Attacker) => stolen,
            (Who::Owner, Who::Owner) => !stolen,
            (device, who) => device == who,
        }
    }

    fn holds_card(&self, who: Who) -> bool {
        (who == Who::Attacker) == self.has(Thing::Card)
    }

    fn phone_is_fresh(&self) -> bool {
        self.phone_fresh_until.is_some_and(|until| self.now < until)
    }

    fn reach(&mut self, who: Who, goal: Goal) {
        if who == Who::Attacker && !self.reached.contains(&goal) {
            self.reached.push(goal);
        }
    }

    fn alarm(&mut self, who: Who) {
        if who == Who::Attacker && self.alarmed_at.is_none() {
            self.alarmed_at = Some(self.now);
        }
    }

    /// One side tries something.
    pub(super) fn act(&mut self, who: Who, act: Act) {
        match act {
            Act::SignIn => self.sign_in(who),
            Act::ResetPassword => self.reset(who),
            Act::BindDevice => self.bind(who),
            Act::ChangePhone => self.change_phone(who),
            Act::BeginCase => self.begin(who),
            Act::ConfirmCase => self.confirm(who),
            Act::FinishCase => self.finish(who),
            Act::Stop => self.stop(who),
            Act::ShowPapers => self.show_papers(who),
        }
    }

    fn sign_in(&mut self, who: Who) {
        let entry = Entry {
            device_elsewhere: !self.holds_device(who),
            password: self.knows_password[who as usize],
            passkey: false,
            phone: self.reads_sms(who),
            old_device: self.holds_device(who),
            phone_is_fresh: self.phone_is_fresh(),
        };
        if may_enter(entry) {
            self.signed_in[who as usize] = true;
            self.reach(who, Goal::SignIn);
        }
    }

    fn reset(&mut self, who: Who) {
        let shown = ResetShown {
            phone: self.reads_sms(who),
            // The date of issue stands on the card; the owner knows it.
            facts: who == Who::Owner || self.has(Thing::Card),
            code: self.reads_sms(who),
        };
        if may_reset(shown) {
            self.knows_password = [who == Who::Owner, who == Who::Attacker];
            self.signed_in = [false, false];
            self.phone_fresh_until = Some(self.now + PHONE_IS_FRESH);
            self.reach(who, Goal::SetPassword);
            self.alarm(who);
        }
    }

    fn bind(&mut self, who: Who) {
        let shown = Shown {
            has_device: true,
            passcode: self.knows_passcode[who as usize],
            old_device: self.holds_device(who),
            phone: self.reads_sms(who),
            card: self.holds_card(who),
            phone_is_fresh: self.phone_is_fresh(),
        };
        if self.signed_in[who as usize] && way(shown).is_ok() {
            self.device = who;
            self.held.retain(|thing| *thing != Thing::Phone || who == Who::Attacker);
            self.signed_in = [who == Who::Owner, who == Who::Attacker];
            self.reach(who, Goal::BecomeDevice);
            self.alarm(who);
        }
    }

    fn change_phone(&mut self, who: Who) {
        if let Some((changer, at)) = self.change
            && self.now >= at
        {
            self.number = changer;
            self.change = None;
            self.phone_fresh_until = Some(self.now + PHONE_IS_FRESH);
            self.reach(changer, Goal::ChangePhone);
        }
        let shown = PhoneShown {
            passcode: self.knows_passcode[who as usize],
            old_phone: self.reads_sms(who),
            own_device: self.holds_device(who),
        };
        let waits = self
            .recovered
            .is_some_and(|(way, at)| self.now < returns(Right::Change, way, at));
        if let (true, false, Some(at)) = (self.signed_in[who as usize], waits, phone_changes(shown, self.now)) {
            self.change = Some((who, at));
            self.alarm(who);
        }
    }

    fn begin(&mut self, who: Who) {
        let over = |case: &Case| !matches!(case.state(self.now).slug(), "gathering" | "cooling" | "open");
        if self.case.as_ref().is_none_or(|(_, case, _)| over(case)) {
            self.case = Some((who, Case::begun(Way::Relatives, self.now), Vec::new()));
            self.alarm(who);
        }
    }

    /// Each side has relatives: the owner two, one of whom may be the attacker's.
    fn confirm(&mut self, who: Who) {
        let (has_relative, now) = (self.has(Thing::Relative), self.now);
        let may = who == Who::Owner || has_relative;
        let Some((beginner, case, words)) = &mut self.case else {
            return;
        };
        // A relative confirms only for the owner, whose voice is known; the attacker's confirms for the attacker.
        let trusted_since = case.started_at - SignedDuration::from_hours(24 * 30);
        if !may || *beginner != who || !counts(trusted_since, case.started_at) {
            return;
        }
        let own = if who == Who::Owner {
            if has_relative { 1 } else { 2 }
        } else {
            1
        };
        if words.len() < own {
            words.push(who);
        }
        if words.len() >= RELATIVES
            && let Some(proven) = case.after(Event::Proven, now)
        {
            *case = proven;
        }
    }

    fn finish(&mut self, who: Who) {
        let Some((beginner, case, _)) = &mut self.case else {
            return;
        };
        let Some(finished) = case.after(Event::Finished, self.now).filter(|_| *beginner == who) else {
            return;
        };
        *case = finished;
        self.recovered = Some((case.way, self.now));
        self.take_all(who);
        for goal in [Goal::SignIn, Goal::SetPassword, Goal::BecomeDevice] {
            self.reach(who, goal);
        }
        self.alarm(who);
    }

    fn take_all(&mut self, who: Who) {
        self.knows_password = [who == Who::Owner, who == Who::Attacker];
        self.knows_passcode = self.knows_password;
        self.signed_in = self.knows_password;
        self.device = who;
        self.held.retain(|thing| *thing != Thing::Phone || who == Who::Attacker);
    }

    /// By the link in the message, or signed in.
    fn stop(&mut self, who: Who) {
        let may = self.reads_sms(who) || self.signed_in[who as usize];
        let now = self.now;
        let Some((beginner, case, _)) = &mut self.case else {
            return;
        };
        if !may {
            return;
        }
        if let Some(stopped) = case.after(Event::Stopped, now) {
            let against = *beginner != who;
            *case = stopped;
            if against {
                self.reach(who, Goal::StopRecovery);
            }
        }
    }

    fn show_papers(&mut self, who: Who) {
        let waits = self
            .recovered
            .is_some_and(|(way, at)| self.now < returns(Right::Present, way, at));
        if self.holds_device(who) && self.knows_passcode[who as usize] && !waits {
            self.reach(who, Goal::ShowPapers);
        }
    }

    /// The owner, alarmed, says "this was not me", by whatever channel is left, and sets new secrets at the counter.
    pub(super) fn counter(&mut self) {
        self.case = None;
        self.change = None;
        self.number = Who::Owner;
        self.recovered = Some((Way::Counter, self.now));
        self.take_all(Who::Owner);
        // A new number and a new card: what was stolen is void.
        self.held.retain(|thing| *thing == Thing::Relative);
        self.phone_fresh_until = None;
        self.alarmed_at = None;
    }

    /// Whether the owner, and nobody else, has the account.
    pub(super) fn is_the_owners(&self) -> bool {
        self.device == Who::Owner && self.signed_in == [true, false] && self.knows_passcode == [true, false]
    }
}
