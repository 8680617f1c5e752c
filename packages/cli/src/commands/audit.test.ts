import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBelay } from "../__fixtures__/run-command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "belay-audit-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A log as it is exported; hashed here once more, so that the format of an export is held to what is documented. */
function entries(count: number): Record<string, unknown>[] {
  let previous = "0".repeat(64);
  return Array.from({ length: count }, (_, index) => {
    const content = ["2026-03-01T12:00:00.000Z", "acme", "key:0123456789ab", "support", "messages.read", "id=7", "read", 200, "", 1, null];
    const hash = createHash("sha256")
      .update(JSON.stringify([previous, index + 1, ...content]))
      .digest("hex");
    const [at, tenant, actor, role, action, object, outcome, status, code, times, address] = content;
    const entry = {
      number: index + 1,
      at,
      tenant,
      actor,
      role,
      action,
      object,
      outcome,
      status,
      code,
      count: times,
      address,
      previous,
      hash,
    };
    previous = hash;
    return entry;
  });
}

async function verify(log: readonly object[], ...more: string[]): Promise<{ code: number | null; answer: Record<string, unknown> }> {
  const file = join(folder, "log.ndjson");
  writeFileSync(file, log.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  await using command = runBelay("audit", "verify", "--json", "--file", file, ...more);
  const { code, stdout } = await command.ended;
  return { code, answer: stdout === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>) };
}

test("an export is checked without a server, also one that begins in the middle", async () => {
  const log = entries(6);
  expect(await verify(log)).toMatchObject({ code: 0, answer: { ok: true, entries: 6, head: { number: 6, hash: log[5]!["hash"] } } });
  expect(await verify(log.slice(3), "--head", `6:${String(log[5]!["hash"])}`)).toMatchObject({ code: 0, answer: { ok: true, entries: 3 } });
});

test("the first broken entry is named, and a head shows that the end is missing", async () => {
  const log = entries(6);
  const changed = log.map((entry) => (entry["number"] === 4 ? { ...entry, actor: "key:ffffffffffff" } : entry));
  expect(await verify(changed)).toMatchObject({ code: 1, answer: { ok: false, broken: { number: 4, kind: "changed" } } });
  expect(await verify(log.filter(({ number }) => number !== 2))).toMatchObject({
    code: 1,
    answer: { broken: { number: 2, kind: "removed" } },
  });
  const head = `6:${String(log[5]!["hash"])}`;
  expect(await verify(log.slice(0, 4), "--head", head)).toMatchObject({ code: 1, answer: { broken: { number: 5, kind: "truncated" } } });
  expect((await verify([{ no: "entry" }])).code).not.toBe(0);
});
