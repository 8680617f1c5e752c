import type { ApiToldFailure } from "@belay/sdk/client";
import { alignColumns } from "../development/table.ts";

const whoActs = {
  tenant: "the tenant",
  support: "support",
  engineer: "an engineer",
  provider: "the provider",
  operator: "who runs this Belay",
} as const;

const goesOn = {
  "by-itself": "by itself, when the cause has passed",
  "after-mending": "when the cause has been mended",
  "after-looking": "when somebody has looked",
} as const;

/** How a message stands, for one reader. A tenant gets the two sentences and what a tenant can do. */
export function describeFailure(told: ApiToldFailure): string {
  const { id, state, happened, remedy, title, owner, recovery, actions, code, meaning, error } = told;
  const sentences = remedy === null ? happened : `${happened}\n${remedy}`;
  if (told.register === "tenant") return [sentences, ...actions.map(({ text }) => `- ${text}`)].join("\n");
  const facts = alignColumns([
    ...(title === null ? [] : [["what", `${title} (${told.class ?? ""})`]]),
    ...(owner === null ? [] : [["who acts", whoActs[owner]]]),
    ...(recovery === null ? [] : [["goes on", goesOn[recovery]]]),
    ...(code === null ? [] : [["cause", `${code}: ${meaning ?? ""}`]]),
    ...(error === null ? [] : [["in this case", error]]),
  ]);
  const list = alignColumns(actions.map(({ text, command }) => [text, command ?? ""]));
  return [
    `Message ${id} is ${state}.`,
    sentences,
    ...(facts === "" ? [] : [facts]),
    ...(actions.length === 0 ? [] : [`what can be done\n${list}`]),
  ].join("\n\n");
}
