import { expect, test } from "vitest";
import { refuseAddress } from "./address-guard.ts";

test.each([
  // address, public, private
  ["93.184.216.34", true, true],
  ["2606:4700::1111", true, true],
  ["::ffff:93.184.216.34", true, true],
  ["127.0.0.1", false, true],
  ["::1", false, true],
  ["[::1]", false, true],
  ["::ffff:127.0.0.1", false, true],
  ["10.1.2.3", false, true],
  ["192.168.0.1", false, true],
  ["fd00::1", false, true],
  ["100.64.0.1", false, true],
  ["169.254.169.254", false, false],
  ["::ffff:169.254.169.254", false, false],
  ["fe80::1", false, false],
  ["0.0.0.0", false, false],
  ["::", false, false],
  ["224.0.0.1", false, false],
  ["255.255.255.255", false, false],
  ["64:ff9b::7f00:1", false, false],
  ["2002:7f00:1::", false, false],
  ["not an address", false, false],
])("%s is open to public scope: %j, to private scope: %j", (address, open, openPrivate) => {
  expect(refuseAddress(address, "public") === undefined).toBe(open);
  expect(refuseAddress(address, "private") === undefined).toBe(openPrivate);
});
