//! A shared library that is loaded while the program runs, by the C library's `dlopen` and `dlsym`.

use nix::libc;
use std::ffi::{CStr, CString, c_void};
use std::marker::PhantomData;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// A loaded library; it is given back when this is dropped.
pub struct SharedLibrary(*mut c_void);

/// A function of a library, as long as that is loaded.
pub struct Function<'l, T>(T, PhantomData<&'l SharedLibrary>);

impl<T> Deref for Function<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl SharedLibrary {
    /// Loads a file.
    ///
    /// # Errors
    /// What the loader said.
    ///
    /// # Safety
    /// The library's initialisers run here, and what ends it when it is given back.
    pub unsafe fn load(path: &Path) -> Result<Self, String> {
        let name = CString::new(path.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
        // SAFETY: the name ends in a zero; the caller answers for what runs.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) };
        if handle.is_null() { Err(last_error()) } else { Ok(SharedLibrary(handle)) }
    }

    /// The function with this name.
    ///
    /// # Errors
    /// If there is none.
    ///
    /// # Safety
    /// `T` must be the type of a pointer to it.
    pub unsafe fn function<T: Copy>(&self, name: &str) -> Result<Function<'_, T>, String> {
        const { assert!(size_of::<T>() == size_of::<*mut c_void>()) };
        let missing = || format!("it has no `{name}`");
        let name = CString::new(name).map_err(|_| missing())?;
        // SAFETY: the handle is live, the name ends in a zero.
        let found = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        if found.is_null() {
            return Err(missing());
        }
        // SAFETY: as large as a pointer, and by the caller's promise the type of this one.
        Ok(Function(unsafe { std::mem::transmute_copy(&found) }, PhantomData))
    }
}

impl Drop for SharedLibrary {
    fn drop(&mut self) {
        // SAFETY: loaded once, given back once; functions borrow it.
        unsafe { libc::dlclose(self.0) };
    }
}

fn last_error() -> String {
    // SAFETY: a text of this thread, or null.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "it cannot be loaded".to_owned();
    }
    // SAFETY: it is not null, and is read before the next call.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_of_the_c_library_is_found_and_called() {
        // SAFETY: this program has it loaded already; the type is that of `abs`.
        let answer = unsafe {
            let library = SharedLibrary::load(Path::new("libc.so.6")).expect("the C library");
            let abs = library.function::<extern "C" fn(i32) -> i32>("abs").expect("it is there");
            abs(-7)
        };
        assert_eq!(answer, 7);
    }

    #[test]
    fn what_is_missing_is_named() {
        // SAFETY: no such file, and no function is called.
        unsafe {
            let error = SharedLibrary::load(Path::new("/no/such/library.so")).err().expect("no such file");
            assert!(error.contains("/no/such/library.so"), "{error}");
            let library = SharedLibrary::load(Path::new("libc.so.6")).expect("the C library");
            let error = library.function::<extern "C" fn()>("no_such_function").err();
            assert_eq!(error.as_deref(), Some("it has no `no_such_function`"));
        }
    }
}
