import { BelayError } from "../errors/belay-error.ts";
import type { WireBody } from "./body.ts";
import type { BodyFormat } from "./formats.ts";

interface MediaTypes {
  /** What a body of ours is called. */
  readonly sent: string;
  /** What we ask for. */
  readonly accept: string;
  /** What providers call it. */
  readonly known: RegExp;
}

const text = "^text/plain$";
const unnamed = "^application/octet-stream$";

/** Providers call the same thing by many names; a name that means something else is refused. */
export const mediaTypes: Readonly<Record<BodyFormat, MediaTypes>> = {
  json: {
    sent: "application/json",
    accept: "application/json",
    known: new RegExp(`^(application|text)/(x-)?(json|javascript)$|\\+json$|${text}`),
  },
  form: {
    sent: "application/x-www-form-urlencoded",
    accept: "application/x-www-form-urlencoded",
    known: new RegExp(`^application/x-www-form-urlencoded$|${text}`),
  },
  multipart: { sent: "multipart/form-data", accept: "multipart/form-data", known: /^multipart\/form-data$/ },
  xml: { sent: "application/xml", accept: "application/xml", known: new RegExp(`^(application|text)/xml$|\\+xml$|${text}`) },
  csv: {
    sent: "text/csv",
    accept: "text/csv",
    known: new RegExp(
      `^(text|application)/(x-)?(csv|comma-separated-values|tab-separated-values)$|^application/vnd.ms-excel$|${text}|${unnamed}`,
    ),
  },
  ndjson: {
    sent: "application/x-ndjson",
    accept: "application/x-ndjson",
    known: new RegExp(`^(application|text)/(x-)?(ndjson|jsonl|jsonlines|json-lines|json)$|${text}|${unnamed}`),
  },
  text: { sent: "text/plain; charset=utf-8", accept: "text/*", known: new RegExp(`^text/|${unnamed}`) },
};

/** By their first bytes, as `latin1`. A .docx is a ZIP archive. */
const files: readonly (readonly [string, string])[] = [
  ["PK\u0003\u0004", "a ZIP archive, such as a .docx or .xlsx document"],
  ["%PDF-", "a PDF document"],
  ["\u00D0\u00CF\u0011\u00E0", "an old Office document"],
  ["\u0089PNG", "a PNG image"],
  ["GIF8", "a GIF image"],
  ["\u00FF\u00D8\u00FF", "a JPEG image"],
  ["\u001F\u008B", "a gzip archive"],
];

/**
 * Refuses a body that is something else than `format`, by its media type or by its first bytes. A body without a media type may be
 * anything that is not a known kind of file.
 *
 * @throws `FORMAT_TYPE_UNEXPECTED` naming the type that is expected, and what came.
 */
export function refuseOtherType(format: BodyFormat, { text: body, bytes, contentType }: WireBody): void {
  const { sent, known } = mediaTypes[format];
  const named = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  const first = bytes === undefined ? body.slice(0, 8) : Buffer.from(bytes.subarray(0, 8)).toString("latin1");
  const file = files.find(([start]) => first.startsWith(start))?.[1];
  if (file === undefined && (named === "" || known.test(named))) return;
  const what = [named === "" ? undefined : named.slice(0, 100), file].filter((part) => part !== undefined).join(", ");
  throw new BelayError("FORMAT_TYPE_UNEXPECTED", `is of another type than expected: ${sent} is expected, this is ${what}`, {
    details: { expected: sent, found: named },
  });
}
