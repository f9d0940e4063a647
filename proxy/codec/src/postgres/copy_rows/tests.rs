use proptest::prelude::*;

use super::*;

fn text() -> CopyFormat {
    CopyFormat::Text {
        delimiter: b'\t',
        null: "\\N".into(),
        header: false,
    }
}

fn csv() -> CopyFormat {
    CopyFormat::Csv {
        delimiter: b',',
        null: String::new(),
        quote: b'"',
        escape: b'"',
        header: false,
    }
}

fn cells(format: &CopyFormat, data: &'static [u8], columns: usize) -> Result<CopyRow, CopyError> {
    CopyRows::new(format, columns).decode(&Bytes::from_static(data))
}

fn row(values: &[Option<&'static str>]) -> Result<CopyRow, CopyError> {
    Ok(CopyRow::Cells(
        values
            .iter()
            .map(|v| v.map(|v| Bytes::from_static(v.as_bytes())))
            .collect(),
    ))
}

#[test]
fn text_rows() {
    assert_eq!(
        cells(&text(), b"1\t\\N\t\n", 3),
        row(&[Some("1"), None, Some("")])
    );
    assert_eq!(
        cells(&text(), b"a\\tb\\\\\\n\n", 1),
        row(&[Some("a\tb\\\n")])
    );
    assert_eq!(cells(&text(), b"a\\\tb\n", 1), row(&[Some("a\tb")]));
    assert_eq!(cells(&text(), b"1", 1), Err(CopyError::Row));
    assert_eq!(cells(&text(), b"1\n2\n", 1), Err(CopyError::Row));
    assert_eq!(
        cells(&text(), b"1\n", 2),
        Err(CopyError::Columns {
            found: 1,
            expected: 2
        })
    );
}

#[test]
fn csv_rows() {
    assert_eq!(
        cells(&csv(), b"1,,\"\"\n", 3),
        row(&[Some("1"), None, Some("")])
    );
    assert_eq!(
        cells(&csv(), b"\"a\"\"b,\nc\",x\n", 2),
        row(&[Some("a\"b,\nc"), Some("x")])
    );
    assert_eq!(cells(&csv(), b"\"open\n", 1), Err(CopyError::Row));
    assert_eq!(cells(&csv(), b"1\n2\n", 1), Err(CopyError::Row));
}

#[test]
fn a_header_is_no_row() {
    let format = CopyFormat::Text {
        delimiter: b'\t',
        null: "\\N".into(),
        header: true,
    };
    let mut copy = CopyRows::new(&format, 1);
    assert_eq!(
        copy.decode(&Bytes::from_static(b"name\n")),
        Ok(CopyRow::Frame)
    );
    assert_eq!(
        copy.decode(&Bytes::from_static(b"name\n")),
        row(&[Some("name")])
    );
}

#[test]
fn binary_stream() {
    let mut copy = CopyRows::new(&CopyFormat::Binary, 2);
    let mut decode = |data: &'static [u8]| copy.decode(&Bytes::from_static(data));
    let header = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    assert_eq!(decode(header), Ok(CopyRow::Frame));
    assert_eq!(
        decode(b"\0\x02\0\0\0\x01x\xff\xff\xff\xff"),
        row(&[Some("x"), None])
    );
    assert_eq!(decode(b"\xff\xff"), Ok(CopyRow::Frame));
    assert_eq!(decode(b"\0\x02\0\0\0\x09x"), Err(CopyError::Row));
}

#[test]
fn what_is_not_understood_is_an_error() {
    assert_eq!(
        cells(&CopyFormat::Unknown, b"1\n", 1),
        Err(CopyError::Format)
    );
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        values in prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..12)), 1..5),
        which in 0usize..3,
    ) {
        let format = [text(), csv(), CopyFormat::Binary][which].clone();
        let mut copy = CopyRows::new(&format, values.len());
        if which == 2 {
            copy.header = false;
        }
        let given: Vec<_> = values.iter().map(|value| value.as_deref()).collect();
        let mut out = BytesMut::new();
        copy.encode(&given, &mut out).unwrap();
        let expected = values.iter().map(|v| v.clone().map(Bytes::from)).collect();
        prop_assert_eq!(copy.decode(&out.freeze()), Ok(CopyRow::Cells(expected)));
    }

    #[test]
    fn garbage_is_an_error_or_a_row(data in prop::collection::vec(any::<u8>(), 0..64), which in 0usize..3) {
        let format = [text(), csv(), CopyFormat::Binary][which].clone();
        let mut copy = CopyRows::new(&format, 2);
        let data = Bytes::from(data);
        for _ in 0..2 {
            if let Ok(CopyRow::Cells(cells)) = copy.decode(&data) {
                prop_assert_eq!(cells.len(), 2);
            }
        }
    }
}
