import { describe, expect, it } from "vitest";
import { normaliseDay, normaliseInstant } from "./date.ts";
import { normaliseTimeZone } from "./zone.ts";

describe("moments", () => {
  it.each([
    // RFC 3339, section 5.8.
    ["1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"],
    ["1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"],
    ["1990-12-31T23:59:60Z", "1990-12-31T23:59:59.000Z"],
    ["1990-12-31T15:59:60-08:00", "1990-12-31T23:59:59.000Z"],
    ["1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"],
    // RFC 5322, appendix A.1, and RFC 9110, section 5.6.7.
    ["Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06.000Z"],
    ["Thu, 13 Feb 1969 23:32 -0330", "1969-02-14T03:02:00.000Z"],
    ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    // As providers write them.
    ["2026-03-01 12:00:00Z", "2026-03-01T12:00:00.000Z"],
    ["2026-03-01T12:00:00+0100", "2026-03-01T11:00:00.000Z"],
    ["2026-03-01T12:00Z", "2026-03-01T12:00:00.000Z"],
    ["2026-03-01t12:00:00,5z", "2026-03-01T12:00:00.500Z"],
  ])("%s is %s", (raw, value) => {
    expect(normaliseInstant(raw)).toEqual({ value });
    expect(normaliseInstant(value)).toEqual({ value });
  });

  it("counts numbers in the unit that is said, and takes none without", () => {
    expect(normaliseInstant(1_772_366_400, { unit: "seconds" })).toEqual({ value: "2026-03-01T12:00:00.000Z" });
    expect(normaliseInstant("1772366400123", { unit: "milliseconds" })).toEqual({ value: "2026-03-01T12:00:00.123Z" });
    expect(normaliseInstant(1_772_366_400)).toEqual({ raw: "1772366400", flag: "date-invalid" });
    expect(normaliseInstant(1_772_366_400_123, { unit: "seconds" })).toEqual({ raw: "1772366400123", flag: "date-invalid" });
    expect(normaliseInstant("9".repeat(30), { unit: "seconds" })).toMatchObject({ flag: "date-invalid" });
  });

  // The changes of Europe/Zurich in 2026: 29 March 02:00 to 03:00, 25 October 03:00 to 02:00.
  it.each([
    ["2026-01-15T12:00:00", "2026-01-15T11:00:00.000Z"],
    ["2026-07-15T12:00:00", "2026-07-15T10:00:00.000Z"],
    ["2026-03-29T02:30:00", "2026-03-29T01:30:00.000Z"],
    ["2026-10-25T02:30:00", "2026-10-25T00:30:00.000Z"],
  ])("%s on Zurich's clocks is %s", (raw, value) => {
    expect(normaliseInstant(raw, { zone: "europe/zurich" })).toEqual({ value });
  });

  it.each([
    ["", "empty"],
    ["2026-03-01T12:00:00", "zone-missing"],
    ["03/04/2026", "date-ambiguous"],
    ["2026-02-30T12:00:00Z", "date-invalid"],
    ["2026-03-01T25:00:00Z", "date-invalid"],
    ["2026-03-01", "date-invalid"],
    ["yesterday", "date-invalid"],
  ])("%s stays as it is: %s", (raw, flag) => expect(normaliseInstant(raw)).toEqual({ raw, flag }));

  it("knows no clock of a zone that is not there", () => {
    expect(normaliseInstant("2026-03-01T12:00:00", { zone: "Mars/Olympus" })).toMatchObject({ flag: "zone-unknown" });
  });
});

it("cuts a day out of a moment as it is written, and takes no day that no month has", () => {
  expect(normaliseDay("2026-03-01")).toEqual({ value: "2026-03-01" });
  expect(normaliseDay("2026-03-01T23:30:00-08:00")).toEqual({ value: "2026-03-01" });
  expect(normaliseDay("2026-02-29")).toEqual({ raw: "2026-02-29", flag: "date-invalid" });
  expect(normaliseDay("2028-02-29")).toEqual({ value: "2028-02-29" });
  expect(normaliseDay("1.3.2026")).toEqual({ raw: "1.3.2026", flag: "date-ambiguous" });
});

it("knows time zones by their IANA names in any case", () => {
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    const once = normaliseTimeZone(zone.toLowerCase());
    if (!("value" in once)) throw new Error(`${zone} must be known`);
    expect(normaliseTimeZone(once.value)).toEqual(once);
  }
  expect(normaliseTimeZone("etc/utc")).toEqual({ value: "UTC" });
  expect(normaliseTimeZone("Mars/Olympus")).toEqual({ raw: "Mars/Olympus", flag: "zone-unknown" });
});
