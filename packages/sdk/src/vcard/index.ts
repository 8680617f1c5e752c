/**
 * Visiting cards as providers keep them: vCard 3 and 4, read into jCard and written back.
 *
 * - *jCard*: a vCard as JSON (RFC 7095): `["vcard", [["fn", {}, "text", "Ada Lovelace"], …]]`. A property is its name, its parameters, the type of
 *   its value, and its value or values; where a vCard groups properties, `group` is a parameter of each.
 *
 * Invariants: what is read and written again says what it said: properties that nobody here knows, groups and parameters included. Values are
 * never converted, for half of the cards in the world write times, dates and numbers as no standard has it.
 *
 * A path of its own, so that only connectors that speak it load the parser.
 *
 * @module
 */
export { readVcard } from "./read-vcard.ts";
export { writeVcard } from "./write-vcard.ts";
export { propertiesOf, textOfProperty, withProperties } from "./properties.ts";
export type { JCard, JCardProperty, JCardValue } from "./properties.ts";
