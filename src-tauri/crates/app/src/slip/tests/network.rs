//! Printers on the network, played by real sockets.

use super::samples;
use crate::slip::{Paper, PrintError, PrinterAddress, escpos, paper, print, printer};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

fn address(text: &str) -> PrinterAddress {
    text.parse().expect("an address")
}

fn listener() -> (TcpListener, PrinterAddress) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = address(&listener.local_addr().expect("an address").to_string());
    (listener, address)
}

#[test]
fn the_very_bytes_arrive() {
    let (listener, address) = listener();
    let printer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a till");
        // Some printers talk first; that must not disturb the slip.
        stream.write_all(&[0x14, 0, 0, 0x0f]).expect("status");
        let mut received = Vec::new();
        stream.read_to_end(&mut received).expect("a whole slip");
        received
    });
    let (slip, paper) = (samples::sale(), Paper::default());
    print(&slip, paper, &address).expect("sent");
    let expected = escpos::bytes(&paper::lines(&slip, paper), paper.page).expect("bytes");
    assert_eq!(printer.join().expect("received"), expected);
}

#[test]
fn a_refused_port_cannot_be_reached() {
    let (listener, address) = listener();
    drop(listener);
    let error = printer::send(&address, b"slip").expect_err("nobody is there");
    assert_eq!(error, PrintError::Unreachable { address: address.to_string() });
    assert_eq!(error.code(), "printer_unreachable");
    assert_eq!(error.facts()["address"], address.to_string());
}

#[test]
fn a_printer_that_takes_nothing_times_out() {
    let (listener, address) = listener();
    // More than the buffers of both ends hold, so that the write has to wait for a reader who never comes.
    let much = vec![b'x'; 64 << 20];
    let error = printer::send_within(&address, &much, Duration::from_millis(50)).expect_err("not taken");
    assert_eq!(error.code(), "printer_timeout");
    drop(listener);
}

/// What is typed, and where it leads.
#[test]
fn an_address_is_a_host_and_perhaps_a_port() {
    let table = [
        ("192.168.1.50", "192.168.1.50:9100"),
        (" 192.168.1.50:9101 ", "192.168.1.50:9101"),
        ("printer.local", "printer.local:9100"),
        ("epson_tm-t20:9100", "epson_tm-t20:9100"),
        ("fe80::1", "[fe80::1]:9100"),
        ("[::1]:9101", "[::1]:9101"),
        ("[::1]", "[::1]:9100"),
    ];
    for (typed, read) in table {
        assert_eq!(address(typed).to_string(), read, "{typed}");
        assert_eq!(address(read), address(typed), "{typed}");
    }
}

#[test]
fn what_is_no_address_is_refused_at_its_field() {
    let all = ["", ":9100", "host:", "host:0", "host:65536", "host:+9", "http://host", "a b", "a..b", "[::1", "[x]:1"];
    for typed in all.into_iter().chain(["192.168.1", "192.168.1.256", "host\u{1b}", "1::2::3"]) {
        let error = typed.parse::<PrinterAddress>().expect_err(typed);
        assert_eq!((error.code(), error.field()), ("printer_address_invalid", Some("address")), "{typed}");
    }
}
