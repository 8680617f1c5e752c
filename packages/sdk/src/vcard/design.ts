import ICAL from "ical.js";

type DesignSet = typeof ICAL.design.vcard;

/** What the parser knows of a version's properties, without its conversions: it makes of a time that is written otherwise another time. */
export function designOf(version: string): DesignSet {
  return version === "4.0" ? vcard4 : vcard3;
}

/**
 * Texts with their escapes. Semicolons are read with and without one wherever they stand, as Radicale and Apple write them in notes; the parser's
 * own text would keep the backslash.
 *
 * @see RFC 6350, section 3.4
 */
const text = {
  fromICAL: (value: string): string =>
    value.replaceAll(/\\([\\;,nN])/g, (_whole, character: string) => (/n/i.test(character) ? "\n" : character)),
  toICAL(value: string, separator?: string): string {
    const escaped = value.replaceAll(/[\\,]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`);
    return separator === undefined || separator === "" || separator === "," ? escaped : escaped.replaceAll(separator, `\\${separator}`);
  },
};

const vcard4: DesignSet = { ...ICAL.design.vcard, value: { text } };
const vcard3: DesignSet = { ...ICAL.design.vcard3, value: { text } };
