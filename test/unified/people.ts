/* Fifty people, and how three providers write each of them. */

export interface Person {
  readonly given: string;
  readonly family: string;
  /** Before the `@`. */
  readonly box: string;
  readonly domain: string;
  readonly country: "CH" | "DE" | "US" | "GB" | "FR";
  /** In E.164. */
  readonly phone: string;
}

const given = ["Ada", "Grace", "Björn", "Zoë", "Linus", "Mary-Jane", "Søren", "José María", "Ngọc", "O’Neil"] as const;
const family = ["Lovelace", "Hopper", "van Beethoven", "Müller-Lüdenscheidt", "de la Cruz"] as const;
const homes = [
  ["CH", "acme.example", "+414466818"],
  ["DE", "bücher.example", "+493012345"],
  ["US", "Corp.Example", "+121337342"],
  ["GB", "mail.shop.example", "+442070313"],
  ["FR", "société.example", "+331707788"],
] as const;

export const people: readonly Person[] = given.flatMap((first, row) =>
  family.map((last, column) => {
    const [country, domain, prefix] = homes[(row + column) % homes.length] ?? homes[0];
    const serial = String(10 + row * family.length + column);
    // National numbers of Germany's capital are one digit longer here, those of Great Britain as well.
    const phone = `${prefix}${serial}${country === "GB" || country === "DE" ? "0" : ""}`;
    return { given: first, family: last, box: `${row}.${column}+belay`, domain, country, phone };
  }),
);
