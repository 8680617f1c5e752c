import { attributes } from "../../packages/server/src/tracing/index.ts";

const begin = "<!-- attributes: npm run docs:attributes -->\n";
const end = "<!-- end of attributes -->";

/** The table of a page, from the one file that has the names. */
function attributesTable(): string {
  const rows = Object.entries(attributes).map(([name, { on, meaning }]) => `| \`${name}\` | ${on.join(", ")} | ${meaning} |`);
  return ["| attribute | on | meaning |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

/** The page with the table as it is now. @throws when the page has no place for it. */
export function withAttributes(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`The page has no "${begin.trim()}" before "${end}".`);
  return page.slice(0, from + begin.length) + attributesTable() + page.slice(to);
}
