import type { Random } from "../random.ts";

const firstNames = ["Ada", "Grace", "Edsger", "Barbara", "Alan", "Radia", "Donald", "Frances", "Katherine", "Linus"];
const lastNames = ["Lovelace", "Hopper", "Dijkstra", "Liskov", "Turing", "Perlman", "Knuth", "Allen", "Johnson", "Torvalds"];
const problems = [
  "Login fails",
  "Export is empty",
  "Page flickers",
  "Search misses results",
  "Invoice shows the wrong date",
  "Upload stops at 99 %",
];
const occasions = ["after the update", "on a slow network", "for guests", "in dark mode", "with a long name", "on Mondays"];
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** One of `choices`. @throws RangeError when there are none. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new RangeError("There is nothing to choose from.");
  return choice;
}

/** `length` characters of letters and digits. */
export function letters(random: Random, length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}

/** `length` hexadecimal digits, in lower case. */
export function hex(random: Random, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
}

/** Shaped like a UUID of version 4. */
export function uuid(random: Random): string {
  return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${pick(random, ["8", "9", "a", "b"])}${hex(random, 3)}-${hex(random, 12)}`;
}

/** What a field of this name plausibly says; undefined for a name that says nothing. The same numbers make name and e-mail fit. */
export function plausibleText(name: string, random: Random): string | undefined {
  const [first, last] = [pick(random, firstNames), pick(random, lastNames)];
  const problem = `${pick(random, problems)} ${pick(random, occasions)}`;
  if (name === "action") return "opened";
  if (name === "state") return "open";
  if (/^(login|user_?name)$/i.test(name)) return first.toLowerCase();
  if (/(^|_)email$/.test(name)) return `${first}.${last}@customer.example`.toLowerCase();
  if (/^(title|subject|summary)$/.test(name)) return problem;
  if (/^(body|description|message|text|comment)$/.test(name)) return `${problem}. Reported by ${first} ${last}.`;
  if (/^(name|full_?name|customer_name)$/i.test(name)) return `${first} ${last}`;
  if (/^(first_?name)$/i.test(name)) return first;
  if (/^(last_?name)$/i.test(name)) return last;
  return undefined;
}
