//! The toolchain's own LLVM, by its C interface: bitcode in, an object with ThreadSanitizer's instrumentation out.

use super::shared_library::{Function, SharedLibrary};
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::path::Path;
use std::ptr::null_mut;

type Ref = *mut c_void;

/// LLVM, loaded.
pub struct Llvm {
    library: SharedLibrary,
}

/// For all functions, whatever they return.
const FUNCTION: c_uint = u32::MAX;
/// The kind of file to emit.
const OBJECT_FILE: c_int = 1;
/// What rustc uses for std: optimised, position-independent.
const OPTIMISE: c_int = 2;
const POSITION_INDEPENDENT: c_int = 2;

impl Llvm {
    /// Loads LLVM from its shared library and prepares it for this processor.
    ///
    /// # Errors
    /// If the file is no such library, or lacks a function.
    pub fn load(path: &Path) -> Result<Self, String> {
        // SAFETY: the toolchain's own library, whose initialisers rustc runs too.
        let library = unsafe { SharedLibrary::load(path) }?;
        let llvm = Llvm { library };
        for part in ["TargetInfo", "Target", "TargetMC", "AsmPrinter", "AsmParser"] {
            let name = format!("LLVMInitializeX86{part}");
            // SAFETY: these take and give nothing.
            unsafe { llvm.function::<unsafe extern "C" fn()>(&name)?() };
        }
        Ok(llvm)
    }

    /// # Safety
    /// `T` must be the function's type.
    unsafe fn function<T: Copy>(&self, name: &str) -> Result<Function<'_, T>, String> {
        // SAFETY: the caller's promise.
        unsafe { self.library.function(name) }
    }

    /// Instruments a module and gives the object file.
    ///
    /// # Errors
    /// What LLVM said.
    pub fn instrument(&self, bitcode: &[u8], triple: &CStr) -> Result<Vec<u8>, String> {
        type Message = *mut c_char;
        // SAFETY: each function has the type that LLVM's headers give it (llvm-c/Core.h, BitReader.h, TargetMachine.h,
        // Transforms/PassBuilder.h); the module and what belongs to it live in a context of their own, which is
        // disposed of at the end; pointers are to live values.
        unsafe {
            let context = self.function::<unsafe extern "C" fn() -> Ref>("LLVMContextCreate")?();
            let buffer = self.function::<unsafe extern "C" fn(*const u8, usize, *const c_char) -> Ref>(
                "LLVMCreateMemoryBufferWithMemoryRangeCopy",
            )?(bitcode.as_ptr(), bitcode.len(), c"std".as_ptr());
            let mut module = null_mut();
            let parse = self.function::<unsafe extern "C" fn(Ref, Ref, *mut Ref) -> c_int>(
                "LLVMParseBitcodeInContext2",
            )?;
            if parse(context, buffer, &raw mut module) != 0 {
                return Err("it does not read the bitcode".to_owned());
            }
            self.sanitize_all(context, module)?;
            let mut message: Message = null_mut();
            let mut target = null_mut();
            let find = self
                .function::<unsafe extern "C" fn(*const c_char, *mut Ref, *mut Message) -> c_int>(
                    "LLVMGetTargetFromTriple",
                )?;
            if find(triple.as_ptr(), &raw mut target, &raw mut message) != 0 {
                return Err(self.text(message)?);
            }
            type Make = unsafe extern "C" fn(
                Ref,
                *const c_char,
                *const c_char,
                *const c_char,
                c_int,
                c_int,
                c_int,
            ) -> Ref;
            let machine = self.function::<Make>("LLVMCreateTargetMachine")?(
                target,
                triple.as_ptr(),
                c"x86-64".as_ptr(),
                c"".as_ptr(),
                OPTIMISE,
                POSITION_INDEPENDENT,
                0,
            );
            let options = self.function::<unsafe extern "C" fn() -> Ref>("LLVMCreatePassBuilderOptions")?();
            let run =
                self.function::<unsafe extern "C" fn(Ref, *const c_char, Ref, Ref) -> Ref>("LLVMRunPasses")?;
            let failed = run(module, c"tsan-module,function(tsan)".as_ptr(), machine, options);
            self.function::<unsafe extern "C" fn(Ref)>("LLVMDisposePassBuilderOptions")?(options);
            if !failed.is_null() {
                let text =
                    self.function::<unsafe extern "C" fn(Ref) -> Message>("LLVMGetErrorMessage")?(failed);
                return Err(CStr::from_ptr(text).to_string_lossy().into_owned());
            }
            let mut object = null_mut();
            let emit = self
                .function::<unsafe extern "C" fn(Ref, Ref, c_int, *mut Message, *mut Ref) -> c_int>(
                    "LLVMTargetMachineEmitToMemoryBuffer",
                )?;
            if emit(machine, module, OBJECT_FILE, &raw mut message, &raw mut object) != 0 {
                return Err(self.text(message)?);
            }
            let start =
                self.function::<unsafe extern "C" fn(Ref) -> *const u8>("LLVMGetBufferStart")?(object);
            let size = self.function::<unsafe extern "C" fn(Ref) -> usize>("LLVMGetBufferSize")?(object);
            let bytes = std::slice::from_raw_parts(start, size).to_vec();
            self.function::<unsafe extern "C" fn(Ref)>("LLVMDisposeMemoryBuffer")?(object);
            self.function::<unsafe extern "C" fn(Ref)>("LLVMDisposeTargetMachine")?(machine);
            self.function::<unsafe extern "C" fn(Ref)>("LLVMDisposeModule")?(module);
            self.function::<unsafe extern "C" fn(Ref)>("LLVMContextDispose")?(context);
            Ok(bytes)
        }
    }

    /// Gives every function of the module the attribute without which the passes leave plain accesses alone.
    ///
    /// # Safety
    /// The module must be of the context.
    unsafe fn sanitize_all(&self, context: Ref, module: Ref) -> Result<(), String> {
        let name = CString::new("sanitize_thread").unwrap_or_default();
        // SAFETY: as in `instrument`.
        unsafe {
            let kind = self.function::<unsafe extern "C" fn(*const c_char, usize) -> c_uint>(
                "LLVMGetEnumAttributeKindForName",
            )?(name.as_ptr(), name.as_bytes().len());
            let attribute = self
                .function::<unsafe extern "C" fn(Ref, c_uint, u64) -> Ref>("LLVMCreateEnumAttribute")?(
                context, kind, 0,
            );
            let next = self.function::<unsafe extern "C" fn(Ref) -> Ref>("LLVMGetNextFunction")?;
            let is_declaration = self.function::<unsafe extern "C" fn(Ref) -> c_int>("LLVMIsDeclaration")?;
            let add = self.function::<unsafe extern "C" fn(Ref, c_uint, Ref)>("LLVMAddAttributeAtIndex")?;
            let mut function =
                self.function::<unsafe extern "C" fn(Ref) -> Ref>("LLVMGetFirstFunction")?(module);
            while !function.is_null() {
                if is_declaration(function) == 0 {
                    add(function, FUNCTION, attribute);
                }
                function = next(function);
            }
        }
        Ok(())
    }

    /// # Safety
    /// A text of LLVM's, or null.
    unsafe fn text(&self, message: *mut c_char) -> Result<String, String> {
        if message.is_null() {
            return Ok("it failed and said nothing".to_owned());
        }
        // SAFETY: the caller's promise.
        unsafe {
            let text = CStr::from_ptr(message).to_string_lossy().into_owned();
            self.function::<unsafe extern "C" fn(*mut c_char)>("LLVMDisposeMessage")?(message);
            Ok(text)
        }
    }
}
