import type { ApiStory } from "@belay/sdk/client";
import { alignColumns } from "../development/table.ts";
import { readableTime } from "./print.ts";

/** A story to read: what it is about, what happened when, and what a person can do. */
export function describeStory({ message, version, trace, story, explanation, payload, steps }: ApiStory, withPayload: boolean): string {
  const { id, tenant, state, flow, mailbox, connection, eventType, eventKey, orderKey } = message;
  const sections = [
    `Message ${id} is ${state}.`,
    alignColumns([
      ["tenant", tenant],
      ["event", `${eventType} ${eventKey} from ${connection}`],
      ["flow", flow],
      ["mailbox", mailbox],
      ["order key", `${orderKey}${version === null ? "" : `, version ${version}`}`],
      ...(trace === null ? [] : [["trace", trace]]),
      ["payload", `${payload.bytes} bytes${withPayload ? "" : "; --payload shows it"}`],
    ]),
    `what happened\n${alignColumns(story.map(({ at, text }) => [readableTime(at).padStart(8), text]))}`,
    ...(withPayload ? describeContents(payload, steps) : []),
    ...(state === "dead" && explanation !== null
      ? [
          `what to do (${explanation.class}; ${explanation.owner} acts)\n${alignColumns([
            ["when it is mended", `belay dead-letters replay ${id}`],
            ["never again", `belay dead-letters discard ${id}`],
            ["all of this cause", `belay dead-letters replay --tenant ${tenant} --code ${explanation.code}`],
          ])}`,
        ]
      : []),
  ];
  return sections.join("\n\n");
}

function describeContents(payload: ApiStory["payload"], steps: ApiStory["steps"]): string[] {
  return [
    `payload\n${indented(pretty(payload))}`,
    ...steps.map(({ name, result }) => `result of step ${name}\n${indented(pretty(result))}`),
  ];
}

function pretty({ text, bytes }: ApiStory["payload"]): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text.length < bytes ? `${text}\n… ${bytes} bytes in all` : text; // cut, or no JSON: as it is
  }
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
