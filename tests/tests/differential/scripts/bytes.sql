-- Functions of bytes and bits.
SELECT '\x01ff'::bytea || '\x02', get_byte('\x01ff', 1), set_byte('\x01ff', 0, 9), get_bit('\x01', 0), bit_count('\xff'), length('\x0102'::bytea), substring('\x010203'::bytea FROM 2), trim('\x00'::bytea FROM '\x000100'::bytea);
SELECT B'101' & B'110', B'101' | B'010', B'101' # B'111', ~ B'101', B'101' << 1, B'101' || B'0', bit_length(B'101'), get_bit(B'101', 1), overlay(B'1111' PLACING B'00' FROM 2), B'1010'::int;
