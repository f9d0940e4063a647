//! What a client presents by OAUTHBEARER: a token that is taken is one that was
//! sent, and encodes to the same again.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use narrowgate_codec::postgres::frontend::OauthBearer;

fuzz_target!(|message: &[u8]| {
    if let Ok(presented) = OauthBearer::decode(&Bytes::copy_from_slice(message)) {
        if let OauthBearer::Token(token) = &presented {
            let token = token.as_bytes();
            assert!(!token.is_empty() && message.windows(token.len()).any(|part| part == token));
        }
        assert_eq!(OauthBearer::decode(&presented.encode()), Ok(presented));
    }
});
