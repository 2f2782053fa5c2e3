//! The engine against theory, the oracle's counts, and a reference that shares nothing with it.

/// For each theme of random programs a test of its name, which calls `$compare` with it.
macro_rules! themes {
    ($compare:ident) => {
        themes! { $compare:
            registers Registers,
            locks Locks,
            condvars Condvars,
            channels Channels,
            selects Selects,
            attempts Attempts,
            poison Poison,
            tasks Tasks,
            counting Counting,
            assumptions Assumptions,
            releases Releases,
            in_line InLine,
            rwlocks RwLocks,
            onces Onces,
            barriers Barriers,
            wait_groups WaitGroups,
            parking Parking,
            wakers Wakers,
            pipes Pipes,
            time Time,
            timers Timers,
            contexts Contexts,
            timeouts Timeouts,
            words Words,
            pairs Pairs,
            mixed Mixed,
            yields Yields,
        }
    };
    ($compare:ident: $($name:ident $theme:ident,)*) => {
        $(#[test] fn $name() { $compare(Theme::$theme); })*

        #[test]
        fn every_theme_is_compared() {
            assert_eq!([$(Theme::$theme,)*], Theme::ALL);
        }
    };
}

mod barriers;
mod base64url;
mod bounded;
mod commute;
mod determinism;
mod divided;
mod doubtful;
mod driver;
mod estimate;
mod first_adds;
mod first_failures;
mod generate;
mod guarded;
mod in_vain;
mod kept;
mod large;
mod leaves;
mod optimal;
mod oracle;
mod outcomes;
mod parts;
mod parts_of_parts;
mod places;
mod plain;
mod portfolio;
mod predictions;
mod program;
mod reference;
mod resume;
mod rich;
mod shares;
mod spurious;
mod strategies;
mod table;
mod theme;
mod tokens;
mod traces;
mod view;

/// How much a test of random programs does.
fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect(name))
}
mod words;
