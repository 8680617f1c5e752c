/** A value: a text, or the parts of a structured one, each a text or several. */
export type JCardValue = string | readonly (string | readonly string[])[];

/** Name in lower case, parameters with names in lower case, type, values. */
export type JCardProperty = readonly [
  name: string,
  parameters: Readonly<Record<string, string | readonly string[]>>,
  type: string,
  ...values: JCardValue[],
];

/** A vCard as JSON; its first property is the version. @see RFC 7095 */
export type JCard = readonly ["vcard", readonly JCardProperty[]];

/** All properties of this name, the preferred first: vCard 4 says it by `PREF=1`, vCard 3 by `TYPE=pref`. */
export function propertiesOf([, properties]: JCard, name: string): readonly JCardProperty[] {
  return properties.filter(([own]) => own === name).toSorted((left, right) => preferenceOf(left) - preferenceOf(right));
}

/** Its first value where that is a text; empty where there is none. Parts of a structured value are joined by a space. */
export function textOfProperty(property: JCardProperty | undefined): string {
  const value = property?.[3];
  return typeof value === "string" ? value : (value ?? []).flat().filter(Boolean).join(" ");
}

/** The card with these properties in the place of all of that name; the others stay as they are, and where they are. */
export function withProperties([kind, properties]: JCard, name: string, replaced: readonly JCardProperty[]): JCard {
  const at = properties.findIndex(([own]) => own === name);
  const others = properties.filter(([own]) => own !== name);
  return [kind, others.toSpliced(at === -1 ? others.length : at, 0, ...replaced)];
}

/** From 1, the most preferred, to 100; without a word of it 101. */
function preferenceOf([, { pref, type }]: JCardProperty): number {
  if (typeof pref === "string" && /^\d{1,3}$/.test(pref)) return Number(pref);
  const types = typeof type === "string" ? type.split(",") : (type ?? []);
  return types.some((one) => one.toLowerCase() === "pref") ? 1 : 101;
}
