//! What each child would otherwise map anew: the pages of code and of constants.
//!
//! A fork copies what is known of a mapping's pages only if something in it is the process's own; else each page of a file is
//! a fault of its own in every child. So one byte of each such mapping is written, as it is. Where the system refuses, children
//! are slower, and no different. To ask for all pages of them at once gains nothing: each is then copied, and given back.

use super::raw;

/// Prepares all mappings of files that are not written.
pub fn prepare() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    for line in maps.lines() {
        if let Some((start, end, access)) = of_file(line) {
            make_own(start, end - start, access);
        }
    }
}

/// The range and the access of a private mapping of a file that is not written, as a line of `maps` has it.
fn of_file(line: &str) -> Option<(usize, usize, usize)> {
    let mut words = line.split_ascii_whitespace();
    let (range, access, inode) = (words.next()?, words.next()?, words.nth(2)?);
    let access = match access {
        "r--p" => libc::PROT_READ,
        "r-xp" => libc::PROT_READ | libc::PROT_EXEC,
        _ => return None,
    };
    let (start, end) = range.split_once('-')?;
    let number = |text| usize::from_str_radix(text, 16).ok();
    (inode != "0").then_some((number(start)?, number(end)?, access as usize))
}

/// Writes a byte of it, as it is.
fn make_own(start: usize, size: usize, access: usize) {
    let writable = access | libc::PROT_WRITE as usize;
    // SAFETY: what is mapped stays so, with the same bytes, and stays readable and, if it is code, executable: one of these
    // mappings is of this very code.
    unsafe {
        if raw::call(libc::SYS_mprotect, [start, size, writable, 0, 0, 0]) != 0 {
            return;
        }
        let byte = start as *mut u8;
        byte.write_volatile(byte.read_volatile());
        raw::call(libc::SYS_mprotect, [start, size, access, 0, 0, 0]);
    }
}

#[cfg(test)]
mod tests {
    use super::of_file;

    #[test]
    fn mappings_of_files_are_found() {
        let code = "7f00a000-7f00b000 r-xp 00001000 fe:00 131 /lib/x.so (deleted)";
        assert_eq!(of_file(code), Some((0x7f00_a000, 0x7f00_b000, 5)));
        for other in [
            "7f00a000-7f00b000 rw-p 00001000 fe:00 131 /lib/x.so",
            "7f00a000-7f00b000 r--s 00001000 fe:00 131 /lib/x.so",
            "7f00a000-7f00b000 r--p 00000000 00:00 0",
            "7ffd1000-7ffd2000 r-xp 00000000 00:00 0 [vdso]",
            "nonsense",
            "",
        ] {
            assert_eq!(of_file(other), None, "{other}");
        }
    }
}
