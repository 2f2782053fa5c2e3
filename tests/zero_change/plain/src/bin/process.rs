fn main() {
    let echo = std::thread::spawn(|| std::process::Command::new("echo").arg("hi").output().unwrap().stdout);
    assert_eq!(echo.join().unwrap(), b"hi\n");
}
