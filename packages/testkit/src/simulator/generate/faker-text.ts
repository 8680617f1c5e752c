import type { Faker } from "@faker-js/faker";
import type { Random } from "../random.ts";
import { plausibleText } from "./plausible-text.ts";

/** What a field of this name says; undefined for a name that says nothing. */
export type Say = (name: string, random: Random) => string | undefined;

/**
 * Names, addresses and companies as they occur, drawn from `random` alone. Loaded only where records are made up: its word lists take
 * a while. E-mail addresses are of the domains that nobody owns (RFC 2606).
 */
export async function loadFakerText(random: Random): Promise<Say> {
  const { Faker: FakerClass, base, en } = await import("@faker-js/faker");
  const faker = new FakerClass({ locale: [en, base], randomizer: { next: () => random(), seed: () => {} } });
  // One person per record: first name, last name and e-mail address fit together until the first of them comes again.
  let person = newPerson(faker);
  const said = new Set<string>();
  return (name, itsRandom) => {
    const kind = kinds.find(([pattern]) => pattern.test(name))?.[1];
    if (kind === undefined) return plausibleText(name, itsRandom);
    if (said.has(name)) {
      person = newPerson(faker);
      said.clear();
    }
    said.add(name);
    return kind(faker, person);
  };
}

interface Person {
  readonly firstName: string;
  readonly lastName: string;
}

function newPerson(faker: Faker): Person {
  return { firstName: faker.person.firstName(), lastName: faker.person.lastName() };
}

const kinds: readonly (readonly [RegExp, (faker: Faker, person: Person) => string])[] = [
  [/^first_?name$/i, (_faker, { firstName }) => firstName],
  [/^last_?name$/i, (_faker, { lastName }) => lastName],
  [/^(name|full_?name|customer_name|contact_name)$/i, (_faker, { firstName, lastName }) => `${firstName} ${lastName}`],
  [/(^|_)e?mail$/i, (faker, person) => faker.internet.exampleEmail(person).toLowerCase()],
  [/^(login|user_?name|assignee)$/i, (faker, person) => faker.internet.username(person).toLowerCase()],
  [/^(company|organi[sz]ation|account)(_?name)?$/i, (faker) => faker.company.name()],
  [/(^|_)(phone|mobile|fax)(_?number)?$/i, (faker) => faker.phone.number({ style: "international" })],
  [/^(street|address|address_?line_?1|line1)$/i, (faker) => faker.location.streetAddress()],
  [/^(city|town)$/i, (faker) => faker.location.city()],
  [/^country(_?name)?$/i, (faker) => faker.location.country()],
  [/^country_?code$/i, (faker) => faker.location.countryCode()],
  [/^(zip|postal)(_?code)?$/i, (faker) => faker.location.zipCode()],
  [/^(job_?title|position|role)$/i, (faker) => faker.person.jobTitle()],
  [/^(product|item)(_?name)?$/i, (faker) => faker.commerce.productName()],
  [/^(tag|label)s?$/i, (faker) => faker.commerce.department().toLowerCase().replaceAll(" ", "-")],
];
