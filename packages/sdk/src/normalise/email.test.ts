import { expect, it } from "vitest";
import { normaliseEmail } from "./email.ts";

const long = (length: number): string => "x".repeat(length);

it.each([
  // RFC 3696, section 3, with its erratum 246: all of these are addresses.
  [String.raw`"Abc\@def"@example.com`, '"Abc@def"@example.com'],
  [String.raw`"Fred\ Bloggs"@example.com`, '"Fred Bloggs"@example.com'],
  [String.raw`"Joe.\\Blow"@example.com`, String.raw`"Joe.\\Blow"@example.com`],
  ['"Abc@def"@example.com', '"Abc@def"@example.com'],
  ['"Fred Bloggs"@example.com', '"Fred Bloggs"@example.com'],
  ["user+mailbox@example.com", "user+mailbox@example.com"],
  ["customer/department=shipping@example.com", "customer/department=shipping@example.com"],
  ["$A12345@example.com", "$A12345@example.com"],
  ["!def!xyz%abc@example.com", "!def!xyz%abc@example.com"],
  ["_somename@example.com", "_somename@example.com"],
  // RFC 5322, appendix A.
  ["john.q.public@example.com", "john.q.public@example.com"],
  ["one@y.test", "one@y.test"],
  // RFC 5321, section 4.1.2: the quotes are not needed.
  ['"Joe"@Example.COM', "Joe@example.com"],
  // RFC 5321, section 4.1.3.
  ["user@[192.0.2.1]", "user@[192.0.2.1]"],
  ["user@[IPv6:2001:DB8::1]", "user@[IPv6:2001:db8::1]"],
  // RFC 6531 and 5890.
  ["Pelé@example.com", "Pelé@example.com"],
  ["用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"],
  ["  Ada@Bücher.Example ", "Ada@xn--bcher-kva.example"],
  [`${long(64)}@example.com`, `${long(64)}@example.com`],
])("%s is written %s", (raw, value) => {
  expect(normaliseEmail(raw)).toEqual({ value });
  expect(normaliseEmail(value)).toEqual({ value });
});

it.each([
  "plainaddress",
  "@example.com",
  "a@",
  "a@b",
  "a..b@example.com",
  ".a@example.com",
  "a.@example.com",
  "a b@example.com",
  "a@exa mple.com",
  "a@-example.com",
  "a@example.com.",
  "a@example..com",
  "a@127.0.0.1",
  "a@[300.1.1.1]",
  "Ada <ada@example.com>",
  "mailto:ada@example.com",
  '"a"b"@example.com',
  "a@example.com/path",
  "a@example.com:25",
  // RFC 5321, section 4.5.3.1.
  `${long(65)}@example.com`,
  `a@${long(64)}.com`,
  `a@${Array(50).fill("abcde").join(".")}.com`,
])("%s stays as it is", (raw) => {
  expect(normaliseEmail(raw)).toEqual({ raw, flag: "email-invalid" });
});
