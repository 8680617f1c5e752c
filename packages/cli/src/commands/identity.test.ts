import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runBelayIn, type RunningCommand } from "../__fixtures__/run-command.ts";

const contacts = new URL("../../../../examples/contacts/belay.config.ts", import.meta.url).pathname;

describe("belay identity", () => {
  let folder: string;
  let dev: RunningCommand;

  const run = async (...args: readonly string[]) => {
    await using command = runBelayIn(folder, ...args);
    return await command.ended;
  };
  const json = async <Result>(...args: readonly string[]): Promise<Result> => {
    const { code, stdout, stderr } = await run(...args, "--json");
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Result;
  };
  const walked = async (sync: string, records: number): Promise<void> => {
    await run("syncs", "run", sync);
    const kept = async () => (await json<{ items: { sync: string; records: number }[] }>("syncs")).items.find((one) => one.sync === sync);
    await vi.waitFor(async () => expect(await kept()).toMatchObject({ records }), { timeout: 60_000, interval: 200 });
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "belay-"));
    dev = runBelayIn(folder, "dev", "--simulate", "--config", contacts, "--port", "0", "--events", "0");
    await dev.until(/nothing happens by itself/);
    const create = async (connection: string, path: string, record: object) =>
      expect(await run("proxy", connection, "POST", path, "--data", JSON.stringify(record))).toMatchObject({ code: 0 });
    await create("acme-hubspot", "/crm/v3/objects/contacts", {
      properties: { firstname: "Grace", lastname: "Hopper", email: "grace@acme.example", phone: "+41446681801" },
    });
    await walked("contacts", 1);
    await create("acme-zendesk", "/api/v2/users", { user: { name: "G. Hopper", phone: "+41446681801" } });
    await walked("users", 1);
  });
  afterAll(async () => {
    await dev[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test("shows who is asked for, side by side; links them; takes it back; and says what can be done next", async () => {
    const listed = await run("identity", "--tenant", "acme");
    expect(listed.stdout).toMatch(
      /^1 +[\d:]+ +user \d+ at acme-zendesk +rec_\w+ \(same phone; 75 % sure\) +too little in common to be sure/m,
    );
    const shown = await run("identity", "show", "1", "--tenant", "acme");
    expect(shown.stdout).toMatch(/name +G\. Hopper +Grace Hopper\n/);
    expect(shown.stdout).toMatch(/phones +\+41446681801 +\+41446681801\n/);
    expect(shown.stdout).toContain("belay identity link 1 --tenant acme\n");

    const [review] = (await json<{ items: { record: string; candidates: { id: string }[] }[] }>("identity", "--tenant", "acme")).items;
    const thing = review!.candidates[0]!.id;
    const linked = await run("identity", "link", "1", "--tenant", "acme");
    expect(linked.stdout).toBe(`They are one thing now, ${thing}. To take it back: belay identity unmerge 1 --tenant acme\n`);
    expect((await run("identity", "--tenant", "acme")).stdout).toMatch(/^No reviews/);
    expect((await run("identity", "show", "1", "--tenant", "acme")).stdout).toMatch(/Decided by admin at [\d:]+: it is one\./);
    const merges = await run("identity", "merges", "--tenant", "acme", "--record", thing);
    expect(merges.stdout).toMatch(new RegExp(`^1 .* ${thing} +${review!.record} +user \\d+ at acme-zendesk +review 1 +admin$`, "m"));

    expect((await run("identity", "unmerge", "1", "--tenant", "acme")).stdout).toMatch(/two things again/);
    const merged = await json<{ id: number }>("identity", "merge", thing, review!.record, "--tenant", "acme", "--why", "asked by phone");
    expect(merged).toEqual({ id: 2 });
    const { items } = await json<{ items: { why: string; undoneAt: string | null }[] }>("identity", "merges", "--tenant", "acme");
    expect(items.map(({ why, undoneAt }) => [why, undoneAt === null])).toEqual([
      ["asked by phone", true],
      ["review 1", false],
    ]);
  });

  test.each([
    [["link", "1", "--tenant", "acme"], /IDENTITY_REVIEW_DECIDED: Review 1 was decided before, by admin at .*undo the merge/],
    [["apart", "9", "--tenant", "acme"], /API_NOT_FOUND: Tenant "acme" has no review 9/],
    [["show", "1", "--tenant", "globex"], /API_NOT_FOUND/],
    [["unmerge", "1", "--tenant", "acme"], /IDENTITY_MERGE_REFUSED: Merge 1 was undone before, by admin/],
    [["merge", "rec_1", "rec_1", "--tenant", "acme", "--why", "x"], /IDENTITY_MERGE_REFUSED: "rec_1" cannot be merged with itself/],
    [["reviews", "--tenant", "acme", "--limit", "many"], /CLI_OPTION_INVALID: --limit takes a number/],
    [["link", "first", "--tenant", "acme"], /Give a whole number above 0/],
    [[], /required option '--tenant/],
  ])("identity %j ends with 1 and says why", async (args, message) => {
    expect(await run("identity", ...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
  });
});
