import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Finder } from "./find-needles.ts";
import { formsOfBytes, formsOfText } from "./forms.ts";
import { instrument } from "./watch-secrets.ts";

const secret = "s3cret/of+acme & more";

test.each([
  ["raw", secret],
  ["percent-encoded", `?key=${encodeURIComponent(secret)}&x=1`],
  ["json", JSON.stringify({ a: `${secret}` })],
  ["hex", Buffer.from(`x${secret}`).toString("hex")],
  ["base64", Buffer.from(`${secret}`).toString("base64")],
  ["base64 at its second place", Buffer.from(`u:${secret}:v`).toString("base64")],
  ["base64 at its third place", Buffer.from(`user:${secret}:v`).toString("base64url")],
])("a secret is found although it is %s", (_form, text) => {
  const finder = new Finder(formsOfText(secret));
  expect(finder.find(Buffer.from(`before ${text} behind`)).length).toBeGreaterThan(0);
  expect(finder.find(Buffer.from("before s3cret/of+acm & behind"))).toEqual([]);
});

test("random bytes are found as they are and as the text of a key that was made of them", () => {
  const bytes = Buffer.from("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "hex");
  const finder = new Finder(formsOfBytes(bytes.toString("hex")));
  const places = [bytes, Buffer.from(`belay_0123456789ab_${bytes.toString("base64url")}`), Buffer.from(bytes.toString("hex"))];
  expect(places.map((place) => finder.find(Buffer.concat([Buffer.from("…"), place])).length > 0)).toEqual([true, true, true]);
});

test("a file is searched to its end, where its pieces meet too", () => {
  const directory = mkdtempSync(join(tmpdir(), "belay-needles-"));
  try {
    const file = join(directory, "file");
    const meeting = 8 * 1024 * 1024;
    writeFileSync(file, Buffer.concat([Buffer.alloc(meeting - 5), Buffer.from(secret), Buffer.alloc(1_000_000), Buffer.from(secret)]));
    const { found, bytes } = new Finder(formsOfText(secret)).findInFile(file);
    expect([...new Set(found.map(({ offset }) => offset))]).toEqual([meeting - 5, meeting + secret.length - 5 + 1_000_000]);
    expect(bytes).toBe(meeting - 5 + 2 * secret.length + 1_000_000);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a module of secrets in which nothing could be watched is refused", () => {
  expect(() => instrument("export class Secret { #other; }")).toThrow(/mend/);
});
