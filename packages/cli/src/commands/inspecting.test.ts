import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runBelayIn, type RunningCommand } from "../__fixtures__/run-command.ts";

const demo = new URL("../../../../examples/demo/belay.config.ts", import.meta.url).pathname;

const run = async (folder: string, ...args: readonly string[]) => {
  await using command = runBelayIn(folder, ...args);
  return await command.ended;
};

describe("commands that look into a running belay dev", () => {
  let folder: string;
  let dev: RunningCommand;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "belay-"));
    dev = runBelayIn(folder, "dev", "--simulate", "--config", demo, "--port", "0", "--events", "0");
    await dev.until(/Nothing happens by itself/);
  });
  afterAll(async () => {
    await dev[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const json = async <Result>(...args: readonly string[]): Promise<Result> => {
    const { code, stdout, stderr } = await run(folder, ...args, "--json");
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Result;
  };

  test("find it by its note, which only its owner may read", () => {
    expect(statSync(join(folder, ".belay", "dev.json")).mode & 0o077).toBe(0);
  });

  test("send an event, list what became of it, and tell its story", async () => {
    const sent = await run(folder, "send", "acme-github", "issues");
    expect([sent.code, sent.stderr]).toEqual([0, ""]);
    const [, id = ""] = /^issues \S+ of acme-github was accepted\.\n  issues-to-tickets: message (\d+), /.exec(sent.stdout) ?? [];
    await dev.until(/zendesk ← acme-zendesk {2}ticket 1001 created/);
    const { items, more } = await json<{ items: { id: number }[]; more: boolean }>("messages", "--tenant", "acme", "--since", "1h");
    expect([items.map((item) => item.id), more]).toEqual([[Number(id)], false]);
    const made = await json<{ items: { message: { id: number }; foundBy: string[] }[] }>("messages", "--ref", "1001", "--tenant", "acme");
    expect(made.items).toMatchObject([{ message: { id: Number(id) }, foundBy: ["zendesk.ticket"] }]);
    expect((await run(folder, "messages")).stdout).toMatch(
      new RegExp(
        `^id  received  state +tenant  event +flow\\n${id}   \\d\\d:\\d\\d:\\d\\d  \\w+ +acme    acme-github issues  issues-to-tickets`,
      ),
    );
    const told = await run(folder, "show", id, "--payload");
    expect(told.stdout).toMatch(/Its signature was verified over the raw bytes/);
    expect(told.stdout).toMatch(/payload\n {2}\{\n {4}"action": "opened"/);
  });

  test("call a provider as a tenant", async () => {
    const read = await run(folder, "proxy", "acme-zendesk", "GET", "/api/v2/tickets.json?page=1");
    expect([read.code, read.stderr]).toEqual([read.stdout.includes("tickets") ? 0 : 1, expect.stringMatching(/^\d+ from the provider\n$/)]);
    const told = await run(folder, "proxy", "acme-zendesk", "POST", "/api/v2/tickets", "--data", "{}", "--json");
    expect(JSON.parse(told.stdout)).toMatchObject({ source: "provider", status: expect.any(Number) });
    const climbing = await run(folder, "proxy", "acme-zendesk", "GET", "/../../health");
    expect([climbing.code, climbing.stderr]).toEqual([1, expect.stringMatching(/no dot segments/)]);
    expect((await run(folder, "proxy", "acme-zendesk", "FETCH", "/")).stderr).toMatch(/is one of GET/);
  });

  test("send what no flow listens to, and what does not fit, which becomes a dead letter to look at and discard", async () => {
    expect((await run(folder, "send", "acme-github", "push")).stdout).toMatch(/was ignored\. No flow listens to "push"\.\n$/);
    const file = join(folder, "event.json");
    writeFileSync(file, '{"action":"opened"}');
    const { outcome, messages } = await json<{ outcome: string; messages: { id: number }[] }>(
      "send",
      "globex-stripe",
      "customer.created",
      "--example",
    );
    expect([outcome, messages.length]).toEqual(["accepted", 1]);
    expect((await run(folder, "send", "acme-github", "issues", "--file", file)).stdout).toMatch(/was set aside as a dead letter/);
    const [letter] = (await json<{ items: { id: number; code: string }[] }>("dead-letters", "list", "--tenant", "acme")).items;
    expect(letter).toMatchObject({ code: "CONTRACT_PAYLOAD_INVALID" });
    const shown = await run(folder, "dead-letters", "show", String(letter!.id));
    expect(shown.stdout).toMatch(/It was set aside before any flow ran: CONTRACT_PAYLOAD_INVALID/);
    expect(shown.stdout).toContain(`belay dead-letters replay ${letter!.id}\n`);
    const toTenant = await run(folder, "show", String(letter!.id), "--for", "tenant");
    expect(toTenant.stdout).toMatch(/told us something in a form that we do not know yet/);
    expect(toTenant.stdout).not.toMatch(/[A-Z]+_[A-Z]+|belay/);
    expect(await json("dead-letters", "replay", String(letter!.id))).toEqual({ count: 0 });
    expect(await json("dead-letters", "discard", "--tenant", "acme", "--code", "CONTRACT_PAYLOAD_INVALID")).toEqual({ count: 1 });
    expect((await run(folder, "dead-letters", "list")).stdout).toBe("No dead letters: nothing waits for you.\n");
  });

  test("measures show what was counted, by connection and flow", async () => {
    // The sixty seconds of the test are enough for what was sent above to be written down.
    let told = "";
    while (!/acme-zendesk +issues-to-tickets +[1-9]/.test(told)) told = (await run(folder, "measures", "--tenant", "acme")).stdout;
    expect(told).toMatch(/^events +connection +received/m);
    expect(told).toMatch(/^ +acme-zendesk +zendesk\.ticket\.\w+ +issues-to-tickets +\d+ +\d+ +\d/m);
    const { series } = await json<{ series: { kind: string; tenant: string }[] }>("measures", "--tenant", "acme");
    expect(new Set(series.map(({ tenant }) => tenant))).toEqual(new Set(["acme"]));
    expect((await run(folder, "measures", "--tenant", "nobody")).stdout).toMatch(/nothing was counted/);
  });

  test("doctor finds nothing wrong, and a database that does not answer", async () => {
    const { ok, findings } = await json<{ ok: boolean; findings: { what: string; verdict: string }[] }>("doctor");
    expect([ok, findings.filter(({ verdict }) => verdict === "wrong")]).toEqual([true, []]);
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["node", "disk", "configuration", "server", "database", "health"]),
    );
  });

  test.each([
    [["send", "nobody", "issues"], /CLI_SAMPLE_IMPOSSIBLE: There is no connection "nobody"; there are: acme-github/],
    [["send", "acme-github", "isues"], /CLI_SAMPLE_IMPOSSIBLE: .* has no event "isues"; it has issues, /],
    [["send", "acme-zendesk", "ticket"], /CLI_SAMPLE_IMPOSSIBLE: .*declares no webhooks/],
    [["send", "acme-github", "issues", "--file", "nowhere.json"], /CLI_OPTION_INVALID: --file nowhere\.json/],
    [["show", "12345678"], /API_NOT_FOUND: There is no message 12345678/],
    [["show", "1", "--for", "everybody"], /CLI_OPTION_INVALID: --for takes tenant, support, engineer/],
    [["show", "first"], /CLI_OPTION_INVALID: <id> is a number/],
    [["messages", "--state", "asleep"], /CLI_OPTION_INVALID: --state takes one of waiting/],
    [["messages", "--since", "yesterday"], /CLI_OPTION_INVALID: --since/],
    [["messages", "--token", "not-the-right-token-at-all"], /API_UNAUTHORIZED: .*does not take this token/],
    [["dead-letters", "discard"], /CLI_OPTION_INVALID: <id> is missing/],
    [["dead-letters", "discard", "1", "--tenant", "acme"], /CLI_OPTION_INVALID: <id> and a filter/],
  ])("%j ends with 1 and says what to do", async (args, message) => {
    expect(await run(folder, ...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
  });
});

describe("commands without a server", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "belay-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    [["messages"], /CLI_SERVER_UNKNOWN: No server is known here\. Start one with belay dev/],
    [["messages", "--url", "http://127.0.0.1:1"], /CLI_SERVER_UNKNOWN: The token of http:\/\/127\.0\.0\.1:1 is not known/],
    [
      ["messages", "--url", "http://127.0.0.1:1", "--token", "t"],
      /CLI_SERVER_SILENT: Nothing answers at http:\/\/127\.0\.0\.1:1: .*Start one/,
    ],
    [["messages", "--url", "here", "--token", "t"], /CLI_OPTION_INVALID: --url/],
  ])("%j say how to start one", async (args, message) => {
    expect(await run(folder, ...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("doctor says what is missing, and ends with 1 when the server that is named does not answer", async () => {
    const before = await run(folder, "doctor");
    expect([before.code, before.stdout]).toEqual([
      0,
      expect.stringMatching(/note +configuration .*does not exist\n[^]*note +server +none is known here/),
    ]);
    const silent = await run(folder, "doctor", "--url", "http://127.0.0.1:1", "--token", "t");
    expect([silent.code, silent.stdout]).toEqual([1, expect.stringMatching(/WRONG +server .*API_UNREACHABLE[^]*→ Start it/)]);
  });
});
