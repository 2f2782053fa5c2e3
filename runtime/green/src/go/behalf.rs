//! Operations that the library does in the name of a line of the user's.

use std::panic::Location;

/// Runs `f`, whose operations are shown at `place`, where the user asked for them.
#[inline]
pub(crate) fn on_behalf<R>(place: &'static Location<'static>, f: impl FnOnce() -> R) -> R {
    #[cfg(feature = "check")]
    if let Some(inside) = crate::inside::context::inside() {
        struct Restore(crate::inside::context::Inside, Option<&'static Location<'static>>);
        impl Drop for Restore {
            #[inline]
            fn drop(&mut self) {
                self.0.set_behalf(self.1);
            }
        }
        let _restore = Restore(inside, inside.set_behalf(Some(place)));
        return f();
    }
    let _ = place;
    f()
}
