import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runBelayIn, type RunningCommand } from "../__fixtures__/run-command.ts";

const example = new URL("../../../../examples/two-way/belay.config.ts", import.meta.url).pathname;

describe("belay two-ways and belay conflicts", () => {
  let folder: string;
  let dev: RunningCommand;

  const run = async (...args: readonly string[]) => {
    await using command = runBelayIn(folder, ...args);
    return await command.ended;
  };
  const standing = async (counts: RegExp): Promise<void> => {
    await vi.waitFor(async () => expect((await run("two-ways")).stdout).toMatch(counts), { timeout: 100_000, interval: 500 });
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "belay-"));
    dev = runBelayIn(folder, "dev", "--simulate", "--config", example, "--port", "0", "--events", "0");
    await dev.until(/Nothing happens by itself/);
  });
  afterAll(async () => {
    await dev[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test("say how they stand, what waits for a decision and how to decide it", { timeout: 240_000 }, async () => {
    expect((await run("conflicts")).stdout).toBe("No conflicts: nothing waits for a decision.\n");
    const form = ["--header", "content-type: application/x-www-form-urlencoded", "--data", "name=Alan Turing&email=alan@acme.example"];
    expect(await run("proxy", "acme-stripe", "POST", "/v1/customers", ...form)).toMatchObject({ code: 0 });
    const user = JSON.stringify({ user: { name: "A. M. Turing", email: "alan@acme.example" } });
    expect(await run("proxy", "acme-zendesk", "POST", "/api/v2/users", "--data", user)).toMatchObject({ code: 0 });
    await run("syncs", "run", "customers");
    await run("syncs", "run", "users");
    await standing(/^people +acme +acme-stripe +acme-zendesk +runs +0 +0 +1 +0 +0 +1$/m);

    const listed = await run("conflicts", "--tenant", "acme");
    const [, thing = ""] = /^people +acme +(rec_\w+) +name +Alan Turing +A\. M\. Turing +/m.exec(listed.stdout) ?? [];
    expect(listed.stdout).toContain(`belay conflicts decide people ${thing} name --tenant acme --side a\n`);
    const shown = await run("two-ways", "show", "people", thing);
    const values = 'name: "Alan Turing" in Stripe, "A\\. M\\. Turing" in Zendesk Support';
    expect(shown.stdout).toMatch(new RegExp(`^${thing}: held\n${values}\\. Changed at both sides, or never agreed on`));
    expect(shown.stdout).toMatch(/^name +Alan Turing +A\. M\. Turing$/m);
    const toTenant = await run("two-ways", "show", "people", thing, "--for", "tenant");
    expect(toTenant.stdout).toMatch(
      /^It is not the same in Stripe and in Zendesk Support.*name\.\nWrite the right value in both, or tell our support which it is\.\n$/,
    );
    expect((await run("two-ways", "links", "people", "--stands", "held")).stdout).toMatch(
      new RegExp(`^${thing} +held +cus_\\w+ +\\d+`, "m"),
    );

    for (const [args, why] of [
      [["conflicts", "decide", "people", thing, "name"], /CLI_OPTION_INVALID: --side a or b says whose/],
      [["conflicts", "decide", "people", thing, "name", "--value", "42"], /API_REQUEST_INVALID: value: name: .*expected string/],
      [["conflicts", "decide", "people", thing, "nickname", "--side", "a"], /TWO_WAY_DECIDED: Field "nickname"/],
      [
        ["conflicts", "decide", "folk", thing, "name", "--side", "a"],
        /API_NOT_FOUND: There is no two-way sync "folk": see belay two-ways\./,
      ],
      [["two-ways", "show", "people", "rec_0"], /API_NOT_FOUND: Tenant "acme" has nothing called "rec_0"/],
    ] as const)
      expect(await run(...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(why) });

    const decided = await run("conflicts", "decide", "people", thing, "name", "--value", "Alan M. Turing");
    expect(decided.stdout).toMatch(/^name of rec_\w+ is to be “Alan M\. Turing”\./);
    await standing(/runs +1 +0 +0 +0 +0 +0$/m);
    expect((await run("two-ways", "show", "people", thing)).stdout).toMatch(/^name +Alan M\. Turing +Alan M\. Turing +Alan M\. Turing$/m);
    expect((await run("two-ways", "retry", "people")).stdout).toBe("Nothing was given up.\n");

    for (const name of ["Grace Hopper", "Edsger Dijkstra"]) {
      const [first = "", last = ""] = name.split(" ");
      const email = `${first.toLowerCase()}@acme.example`;
      await run("proxy", "acme-stripe", "POST", "/v1/customers", ...form.slice(0, -1), `name=${name}&email=${email}`);
      await run("proxy", "acme-zendesk", "POST", "/api/v2/users", "--data", JSON.stringify({ user: { name: last, email } }));
    }
    await run("syncs", "run", "customers");
    await run("syncs", "run", "users");
    await standing(/runs +1 +0 +2 +0 +0 +2$/m);
    const nothing = await run("conflicts", "decide-all", "people", "--side", "b", "--field", "phones");
    expect(nothing.stdout).toBe("Nothing of people, phones, waits for a decision.\n");
    const all = await run("conflicts", "decide-all", "people", "--side", "b");
    expect(all.stdout).toBe("2 conflicts of people are decided: what b has is to hold.\n");
    await standing(/runs +3 +0 +0 +0 +0 +0$/m);
  });
});
