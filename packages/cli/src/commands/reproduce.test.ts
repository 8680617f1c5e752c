import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config, Reproduction } from "@belay/sdk";
import { type BelayClient, createBelayClient } from "@belay/sdk/client";
import { type Belay, startBelay } from "@belay/server";
import { type FaultRule, reproduce, simulateConfig, type Simulation } from "@belay/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshPostgres } from "../../../../test/setup/database.ts";
import config, { kinds } from "../__fixtures__/failing.config.ts";
import { runBelayIn } from "../__fixtures__/run-command.ts";
import { testMasterKey } from "../../../../test/setup/vault.ts";

type Kind = (typeof kinds)[number][0];

const configUrl = new URL("../__fixtures__/failing.config.ts", import.meta.url).href;
const token = "the-token-of-the-administrator";
const person = { title: "Ada Lovelace", email: "ada@acme.example", phone: "+49 30 1234567" };

const reply = (status: number, text: string): FaultRule["fault"] => ({
  kind: "reply",
  status,
  headers: { "content-type": "application/json" },
  text,
});
/** What befalls the write of each kind; the others go wrong by themselves. */
const faults: Partial<Record<Kind, FaultRule["fault"]>> = {
  refused: reply(422, '{"error":"title is taken by ada@acme.example"}'),
  unauthorized: reply(401, "{}"),
  forbidden: reply(403, "{}"),
  unavailable: reply(503, "{}"),
  limited: { kind: "answer", failure: "limited", retryAfterSeconds: 1 },
  "timed-out": { kind: "timeout-after-commit" },
  lost: { kind: "reset-before-commit" },
  drifted: reply(201, '{"id":7,"title":"x","email":"ada@acme.example"}'),
  "not-json": { kind: "reply", status: 200, headers: { "content-type": "text/html" }, text: "<html>Sign in</html>" },
  "unknown-outcome": { kind: "reset-after-commit" },
};

const expected: Record<Kind, readonly [code: string, step: string]> = {
  refused: ["DESK_TITLE_TAKEN", "create"],
  unauthorized: ["HTTP_UNAUTHORIZED", "create"],
  forbidden: ["HTTP_FORBIDDEN", "create"],
  unavailable: ["HTTP_UNAVAILABLE", "create"],
  limited: ["HTTP_RATE_LIMITED", "create"],
  "timed-out": ["HTTP_TIMEOUT", "create"],
  lost: ["HTTP_CONNECTION_LOST", "create"],
  drifted: ["CLIENT_RESPONSE_INVALID", "create"],
  "not-json": ["CLIENT_CONTENT_TYPE_UNEXPECTED", "create"],
  "unknown-outcome": ["HTTP_OUTCOME_UNKNOWN", "note"],
  "wrong-input": ["CLIENT_INPUT_INVALID", "create"],
  thrown: ["FLOW_FAILED", "count"],
  circle: ["FLOW_STEP_RESULT_INVALID", ""],
  repeated: ["FLOW_STEP_REPEATED", ""],
  mapping: ["CLIENT_MAPPING_FAILED", "odd"],
  old: ["MINE_TOO_OLD", ""],
};

describe("a run that failed at a simulated provider", () => {
  let simulation: Simulation;
  let server: Belay;
  let belay: BelayClient;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "belay-"));
    simulation = await simulateConfig({ configUrl, config });
    for (const [kind, fault] of Object.entries(faults))
      simulation.simulator("desk").addFault({ account: `${kind}-desk`, method: "POST", fault });
    server = await startBelay({
      config: simulation.configUrl,
      database: { kind: "postgres", url: await freshPostgres() },
      adminToken: token,
      masterKey: testMasterKey,
      retry: { maxAttempts: 1 },
    });
    belay = createBelayClient({ url: server.url, token });
    const event = config.events!["thing.happened"]!;
    // All at once: the time-outs take half a minute.
    for (const [tenant, what] of kinds) await belay.emit(event, { tenant, id: tenant, data: { do: what, ...person } });
    await belay.emit(event, { tenant: "thrown", id: "misfit", data: { do: "x", ...person, email: "Ada Lovelace, 12 Long Road" } });
    await belay.emit(event, { tenant: "thrown", id: "keyless", data: { do: "have no order key", ...person } });
  });
  afterAll(async () => {
    await server.close(1_000);
    await simulation.close();
    rmSync(folder, { recursive: true });
  });

  /** The file of a dead message, as soon as its last attempt has been written down. */
  const made = async (tenant: string, key: string): Promise<Reproduction> => {
    for (;;) {
      for await (const { id, eventKey, attempts } of belay.deadLetters.list({ tenant })) {
        if (eventKey !== key) continue;
        const story = await belay.message(id);
        if (attempts === 0 || story.attempts.length > 0) return await belay.reproduction(id);
      }
    }
  };

  test.each(kinds.map(([kind]) => kind))("fails alike offline: %s", { timeout: 120_000 }, async (kind) => {
    const fixture = await made(kind, kind);
    expect([fixture.failed.code, fixture.failed.step]).toEqual(expected[kind]);
    expect(JSON.stringify(fixture)).not.toMatch(/ada@acme|lovelace|1234567|a-token-that|sim_/i);
    const reproduced = await reproduce(fixture, config);
    expect(reproduced).toMatchObject({
      alike: true,
      outcome: { code: expected[kind][0], step: expected[kind][1] },
      unmatched: [],
      unused: 0,
    });
  });

  test.each([
    ["misfit", "CONTRACT_PAYLOAD_INVALID"],
    ["keyless", "CONTRACT_KEY_INVALID"],
  ])("an event that was set aside before any run is set aside alike: %s", async (key, code) => {
    const fixture = await made("thrown", key);
    expect(fixture).toMatchObject({ attempt: 0, failed: { code }, exchanges: [] });
    expect(JSON.stringify(fixture)).not.toMatch(/ada@acme|lovelace|long road/i);
    expect(await reproduce(fixture, config)).toMatchObject({ alike: true, outcome: { code } });
  });

  test("a flow that has been mended does not fail any more, and one that goes another way is told so", async () => {
    const fixture = await made("thrown", "thrown");
    const withRun = (run: Config["flows"][number]["run"]): Config => {
      const [flow] = config.flows;
      return { ...config, flows: [{ ...flow!, run }] };
    };
    const mended = withRun(async () => {});
    expect(await reproduce(fixture, mended)).toMatchObject({ alike: false, outcome: { code: null }, unused: 1 });
    const elsewhere = withRun(async ({ target }: { target: { ticket: { get: (id: string) => Promise<unknown> } } }) => {
      await target.ticket.get("7");
    });
    const told = await reproduce(fixture, elsewhere);
    expect(told).toMatchObject({ alike: false, outcome: { code: "REPRODUCTION_CALL_UNMATCHED" } });
    expect(told.unmatched).toEqual([expect.stringMatching(/^GET .*\/tickets\/7$/)]);
    expect(
      await reproduce(
        fixture,
        withRun(() => new Promise(() => {})),
        { patienceMs: 50 },
      ),
    ).toMatchObject({ outcome: { code: "FLOW_TIMED_OUT" } });
  });

  test("the flow's clock stands where it stood, whatever the machine's says", async () => {
    const fixture = await made("old", "old");
    expect(await reproduce({ ...fixture, at: "2025-06-01T00:00:00.000Z" }, config)).toMatchObject({
      alike: false,
      outcome: { code: null },
    });
    expect(Math.abs(Date.now() - Date.parse(fixture.at))).toBeLessThan(600_000);
  });

  test("the command writes the file and runs it, and ends with 1 when it does not fail alike", { timeout: 120_000 }, async () => {
    const { message } = await made("refused", "refused");
    const run = async (...args: readonly string[]) => {
      await using command = runBelayIn(folder, "reproduce", ...args);
      return await command.ended;
    };
    const file = join(folder, "failed.json");
    const wrote = await run(String(message), "--out", file, "--url", server.url, "--token", token);
    expect([wrote.code, wrote.stderr, wrote.stdout]).toEqual([
      0,
      "",
      expect.stringContaining('failed with DESK_TITLE_TAKEN in step "create"'),
    ]);
    const path = new URL(configUrl).pathname;
    const alike = await run("--run", file, "--config", path);
    expect([alike.code, alike.stderr, alike.stdout]).toEqual([
      0,
      "",
      expect.stringMatching(/^It fails alike\.\n\n {2}then +DESK_TITLE_TAKEN/),
    ]);
    writeFileSync(
      file,
      JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), failed: { code: "OTHER", error: "", step: "" } }),
    );
    expect(await run("--run", file, "--config", path)).toMatchObject({ code: 1, stdout: expect.stringContaining("It fails otherwise.") });
    expect(await run("--run", path)).toMatchObject({ code: 1, stderr: expect.stringContaining("CLI_OPTION_INVALID: --run") });
    expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining("CLI_OPTION_INVALID: <id>") });
  });

  test("what is no reproduction is refused, and a message that never failed has none", async () => {
    await expect(reproduce({ format: 2 }, config)).rejects.toMatchObject({ code: "REPRODUCTION_INVALID" });
    await expect(reproduce({ ...(await made("thrown", "thrown")), flow: "gone" }, config)).rejects.toMatchObject({
      code: "REPRODUCTION_INVALID",
    });
    await expect(belay.reproduction(999_999)).rejects.toMatchObject({ code: "API_NOT_FOUND" });
    const { message } = await made("thrown", "thrown");
    await expect(belay.reproduction(message, { attempt: 7 })).rejects.toMatchObject({ code: "API_NOT_REPRODUCIBLE" });
  });
});
