/** A contact as these tests see it, at either system; what is missing is an empty text. */
export interface Person {
  readonly name: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly phone: string;
  readonly company: string;
  readonly jobTitle: string;
  readonly notes: string;
}

/** The same for the same number; no two have an address or a telephone number in common. */
export function personOf(number: number): Person {
  const [givenName, familyName] = [given[number % given.length] ?? "", `${family[number % family.length] ?? ""}-${number}`];
  return {
    name: `${givenName} ${familyName}`,
    givenName,
    familyName,
    email: `person-${number}@example.com`,
    phone: `+4144${2_000_000 + number}`,
    company: `Company ${number % 97}`,
    jobTitle: number % 3 === 0 ? "Engineer" : "",
    // What a card has to escape, and to fold.
    notes: number % 7 === 0 ? `Met in Zürich; likes tea, cake \\ and ${"long walks ".repeat(10).trim()}.\nSecond line.` : "",
  };
}

const given = ["Ada", "Zoë", "Łukasz", "Jean-Luc", "Søren", "María", "Nguyễn"];
const family = ["Lovelace", "Brontë", "Kowalski", "O'Neill", "Ångström"];

/** An object of Parse's class. */
export function toObject(person: Person): Readonly<Record<string, string>> {
  return { ...person };
}

/** Reads one. */
export function personOfObject(object: Readonly<Record<string, unknown>>): Person {
  const text = (name: string): string => (typeof object[name] === "string" ? object[name] : "");
  return toPerson(text);
}

/** The lines of a card, without its frame. Neither connector nor SDK have a hand in it. @see RFC 6350, RFC 2426 */
export function toLines({ name, givenName, familyName, email, phone, company, jobTitle, notes }: Person, uid: string): readonly string[] {
  return [
    `UID:${uid}`,
    `FN:${escaped(name)}`,
    `N:${escaped(familyName)};${escaped(givenName)};;;`,
    ...(email === "" ? [] : [`EMAIL;TYPE=work:${email}`]),
    ...(phone === "" ? [] : [`TEL;TYPE=work:${phone}`]),
    ...(company === "" ? [] : [`ORG:${escaped(company)}`]),
    ...(jobTitle === "" ? [] : [`TITLE:${escaped(jobTitle)}`]),
    ...(notes === "" ? [] : [`NOTE:${escaped(notes)}`]),
  ];
}

/** Reads a card. */
export function personOfCard(card: string): Person {
  const lines = card.replaceAll(/\r?\n[ \t]/g, "").split(/\r?\n/);
  const values = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^(?:[\w-]+\.)?([\w-]+)(?:;[^:]*)?:(.*)$/.exec(line) ?? [];
    if (!values.has(name.toUpperCase())) values.set(name.toUpperCase(), value);
  }
  const parts = (name: string): readonly string[] => (values.get(name) ?? "").split(/(?<!\\);/).map(unescaped);
  const [familyName = "", givenName = ""] = parts("N");
  const named: Readonly<Record<string, string>> = {
    name: unescaped(values.get("FN") ?? ""),
    givenName,
    familyName,
    email: values.get("EMAIL") ?? "",
    phone: values.get("TEL") ?? "",
    company: parts("ORG")[0] ?? "",
    jobTitle: unescaped(values.get("TITLE") ?? ""),
    notes: unescaped(values.get("NOTE") ?? ""),
  };
  return toPerson((name) => named[name] ?? "");
}

/** Reads a record of Belay's. */
export function personOfUnified(data: unknown): Person {
  const {
    emails = [],
    phones = [],
    ...texts
  } = Object(data) as {
    readonly emails?: readonly { readonly address: string }[];
    readonly phones?: readonly { readonly number: string }[];
    readonly [field: string]: unknown;
  };
  const lists: Readonly<Record<string, unknown>> = { email: emails[0]?.address, phone: phones[0]?.number };
  return toPerson((name) => {
    const value = lists[name] ?? texts[name];
    return typeof value === "string" ? value : "";
  });
}

function toPerson(text: (name: keyof Person) => string): Person {
  return {
    name: text("name"),
    givenName: text("givenName"),
    familyName: text("familyName"),
    email: text("email"),
    phone: text("phone"),
    company: text("company"),
    jobTitle: text("jobTitle"),
    notes: text("notes"),
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`);
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_whole, character: string) => (character === "n" || character === "N" ? "\n" : character));
}
