//! The capabilities of the platform, the shell around them, and the executable `vneid`.
//!
//! In reading order:
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`app`] | the platform put together |
//! | [`shell`] | what every capability stands on |
//! | [`migrations`] | the schema |
//! | [`home`] | the first page |
//! | [`authenticity`] | is this really VNeID? |
//! | [`news`] | news and warnings for everybody |
//! | [`guide`] | a page for each utility, to read and to download |
//! | [`help`] | questions and answers, the hotline, outages |
//! | [`accounts`] | who has an account, at which level |
//! | [`registration`] | from a card's QR code to an account |
//! | [`signin`] | password, passcode, security questions |
//! | [`devices`] | the one device of a person, and how a new one takes its place |
//! | [`notices`] | what people are told: inbox, SMS, e-mail, push, daily runs |
//! | [`sso`] | one account for every service: the OpenID provider |
//! | [`consents`] | what people agreed to share, and taking it back |
//! | [`bundles`] | verified data for banks, to be checked again years later |
//! | [`linking`] | old accounts of portals that become a person's |
//! | [`partners`] | organisations that are connected: asked, granted, their developers |
//! | [`history`] | every look at a person's data |
//! | [`ledger`] | the tamper-evident log that outsiders can check |
//! | [`statistics`] | how many there are of what: charts, for officers and for everybody |
//! | [`officers`] | police officers: sign-in, roles, desk |
//! | [`applications`] | applications for level 1 and 2: evidence, limit, review, decision, activation |
//! | [`counter`] | applications for level 2, taken from people who are present |
//! | [`chips`] | chips: read by a reader, brought to a page, judged |
//! | [`eid`] | the electronic identity card |
//! | [`certificates`] | the criminal record certificate: issued, kept, checked |
//! | [`documents`] | the wallet of documents: all papers of a person, from their sources |
//! | [`locks`] | legal locks of the e-ID and the account |
//! | [`signals`] | relying parties are told of locks and changes |
//! | [`issuance`] | credentials for any standard wallet: signers, status lists, trust list |
//! | [`resealing`] | sealing personal data anew after a new key took over |
//! | [`recovery`] | the way back: forgotten secrets, a lost device, another phone |
//! | [`wallet`] | the card and documents on the holder's device, also without network |
//! | [`procedures`] | one way for every administrative procedure, from a new request to the result |
//! | [`payments`] | orders, the provider's page, its signed callback |
//! | [`inspection`] | inspectors who check an identity QR, also without network |
//! | [`residence`] | owners and household heads who agree to registering residence |
//! | [`stays`] | stay notifications: households, hotels, the police of the commune |
//! | [`presentation`] | verifiers who ask wallets online |
//! | [`declarations`] | declarations of health and movements, with a slip for checkpoints |
//! | [`reports`] | reports of crimes, feedback, petitions: anonymous or named, answered by the unit |
//! | [`registries`] | the clients of the source databases |
//! | [`biometrics`] | faces and fingers compared, portraits judged |
//! | [`evidence`] | pictures and chip files, sealed outside the database, no longer than needed |
//! | [`sandbox`] | everything in one process, for trying it out |

/// A seventh of what a sign-in costs is memory taken and given back: this one saves an eighth of a sign-in (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod accounts;
pub mod app;
pub mod applications;
pub mod authenticity;
pub mod biometrics;
pub mod bundles;
pub mod certificates;
pub mod chips;
pub mod consents;
pub mod counter;
pub mod declarations;
pub mod devices;
pub mod documents;
pub mod eid;
pub mod evidence;
pub mod guide;
pub mod help;
pub mod history;
pub mod home;
pub mod inspection;
pub mod issuance;
pub mod ledger;
pub mod linking;
pub mod locks;
pub mod migrations;
pub mod news;
pub mod notices;
pub mod officers;
pub mod partners;
pub mod payments;
pub mod presentation;
pub mod procedures;
pub mod recovery;
pub mod registration;
pub mod registries;
pub mod reports;
pub mod resealing;
pub mod residence;
pub mod sandbox;
pub mod shell;
pub mod signals;
pub mod signin;
pub mod sso;
pub mod statistics;
pub mod stays;
pub mod wallet;

#[cfg(test)]
mod journeys;
#[cfg(test)]
mod testing;
