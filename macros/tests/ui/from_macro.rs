macro_rules! tests {
    ($visibility:vis, $name:ident, $type:ty, $seed:expr, $strategy:literal) => {
        #[gorace::checked_test(seed = $seed, strategy = $strategy)]
        $visibility fn $name() -> $type {}

        #[gorace::checked_test]
        $visibility fn $name(_: $type) {}
    };
}

tests!(pub(crate), test, Result<(), ()>, 1.5, "fast");

macro_rules! item {
    ($item:item) => {
        #[gorace::checked_test]
        $item
    };
}

item!(struct Test;);
item!(unsafe fn test() {});

fn main() {}
