import { eventTypes } from "../../packages/server/src/stream/index.ts";

/** The table of `docs/taxonomy.md`. */
export function taxonomyTable(): string {
  const rows = Object.entries(eventTypes).map(([type, { meaning, data }]) => {
    const members = Object.entries(data).map(([name, what]) => `\`${name}\`: ${what}`);
    return `| \`${type}\` | ${meaning} | ${members.join("; ")} |`;
  });
  return ["| type | when | data |", "| --- | --- | --- |", ...rows, ""].join("\n");
}
