import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One way in which a value may stand somewhere. */
export interface Needle {
  readonly bytes: Buffer;
  /** `raw`, `base64` and so on. */
  readonly form: string;
  readonly value: string;
}

/** Texts that are shorter stand everywhere by chance. */
const shortestText = 10;
/** So much of a value is looked for: nobody else's begins alike. */
const longest = 64;

/** Every value that was seen, in all its forms. */
export function readNeedles(directory: string): Needle[] {
  const folder = join(directory, "seen");
  const lines = new Set(readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n")));
  return [...lines]
    .filter((line) => line !== "")
    .flatMap((line) => {
      const [kind, value] = JSON.parse(line) as ["text" | "bytes", string];
      return kind === "text" ? formsOfText(value) : formsOfBytes(value);
    });
}

/** As it is, percent-encoded, escaped in JSON, hexadecimal, and in base64 wherever it may begin in what was encoded. */
export function formsOfText(value: string): Needle[] {
  if (value.length < shortestText) return [];
  const bytes = Buffer.from(value);
  const texts = { raw: value, "percent-encoded": encodeURIComponent(value), json: JSON.stringify(value).slice(1, -1), ...hexOf(bytes) };
  return [...unique(value, texts), ...base64Of(value, bytes)];
}

/** Of random bytes: hexadecimal, given as such. They are in the open as they are, or as the text that was made of them. */
export function formsOfBytes(hex: string): Needle[] {
  const bytes = Buffer.from(hex, "hex");
  return [{ bytes: bytes.subarray(0, longest), form: "bytes", value: hex }, ...unique(hex, hexOf(bytes)), ...base64Of(hex, bytes)];
}

function hexOf(bytes: Buffer): Record<string, string> {
  return { hex: bytes.toString("hex") };
}

function unique(value: string, texts: Readonly<Record<string, string>>): Needle[] {
  const entries = Object.entries(texts).filter(([, text], index, all) => all.findIndex(([, other]) => other === text) === index);
  return entries.map(([form, text]) => ({ bytes: Buffer.from(text).subarray(0, longest), form, value }));
}

/** The part of it that does not depend on what stands before and behind, for each of the three places at which it may begin. */
function base64Of(value: string, bytes: Buffer): Needle[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const core = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    const forms = { base64: core, base64url: core.replaceAll("+", "-").replaceAll("/", "_") };
    return core.length < shortestText ? [] : unique(value, forms);
  });
}
