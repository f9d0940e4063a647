-- Operators and functions of numbers.
SELECT 7 / 2, -7 / 2, 7 % -2, 2 ^ 10, |/ 25.0, ||/ 27.0, @ -5, 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 4, 256 >> 3;
SELECT gcd(12, 18), lcm(4, 6), div(7, 2), mod(7, 3), ceil(1.2), floor(-1.2), round(2.5), round(2.555, 2), trunc(-1.9), sign(-3), abs(-4);
SELECT sqrt(2.0), cbrt(8), exp(1.0), ln(2.0), log(100.0), log(2.0, 8.0), power(2, 0.5), pi(), degrees(1), radians(180), sind(30), cosd(60), atan2(1, 1), sinh(1);
SELECT width_bucket(5, 0, 10, 5), scale(1.20), min_scale(1.20), trim_scale(1.20), factorial(20), to_hex(255), 10::bit(8), 5::float8::int, 2.5::int, 3.5::int;
