import ICAL from "ical.js";

type DesignSet = typeof ICAL.design.vcard;

/** What the parser knows of a version's properties, without its conversions: it makes of a time that is written otherwise another time. */
export function designOf(version: string): DesignSet {
  return version === "4.0" ? vcard4 : vcard3;
}

const vcard4 = verbatim(ICAL.design.vcard);
const vcard3 = verbatim(ICAL.design.vcard3);

function verbatim(design: DesignSet): DesignSet {
  const { text } = design.value;
  return { ...design, value: { text } };
}
