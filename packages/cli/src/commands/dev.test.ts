import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { runBelay } from "../__fixtures__/run-command.ts";

const demo = "examples/demo/belay.config.ts";

describe("belay dev", () => {
  test("--simulate shows webhooks arrive and their effects at the simulated targets, without an account anywhere", async () => {
    await using command = runBelay("dev", "--simulate", "--config", demo, "--port", "0", "--events", "600");
    const started = await command.until(/look\n[^]*\n\n/);
    expect(started).toMatch(
      /acme-github +GitHub +http:\/\/127\.0\.0\.1:\d+\/acme-github +webhooks to http:\/\/127\.0\.0\.1:\d+\/in\/sim_\S{20}\n/,
    );
    // Which of the two is first is left to the workers.
    await command.until(/zendesk ← acme-zendesk {2}ticket 1001 created "[^"]+"\n/);
    const text = await command.until(/hubspot ← globex-hubspot {2}contact 1001 created "[^"]+"\n/);
    expect(text).toMatch(/github → acme-github {2}issues opened "[^"]+" {2}accepted\n/);
    expect(text).toMatch(/stripe → globex-stripe {2}customer\.created "[^"]+" {2}accepted\n/);
    await command.until(/updated "[^"]+\(revision \d+\)"\n/);
    await command.until(/ignored: no flow listens to it\n/);

    const [, authorization = "", figures = ""] = /-H 'authorization: ([^']+)' (http\S+\/v1\/figures)/.exec(text) ?? [];
    expect(await (await fetch(figures, { headers: { authorization } })).json()).toMatchObject({
      rejected: {},
      quarantined: 0,
      deadLettered: 0,
    });
    command.interrupt();
    expect(await command.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/Stopping\.\n/) });
  });

  test("--json says what runs and what happens, a line each", async () => {
    await using command = runBelay("dev", "--simulate", "--config", demo, "--port", "0", "--events", "600", "--json");
    const text = await command.until(/zendesk ← acme-zendesk {2}ticket 1001 created/);
    command.interrupt();
    const { code, stdout } = await command.ended;
    const lines = stdout
      .trim()
      .split("\n")
      .map((line): { is: string; url?: string } => JSON.parse(line));
    expect([code, text.startsWith("{")]).toEqual([0, true]);
    expect(lines[0]).toMatchObject({
      is: "ready",
      url: expect.stringMatching(/^http:/),
      connections: expect.arrayContaining([
        expect.objectContaining({ id: "acme-github", webhooksTo: expect.stringContaining(`${lines[0]?.url}/in/sim_`) }),
      ]),
      controls: { github: expect.stringMatching(/\/_simulator$/) },
    });
    expect(new Set(lines.slice(1).map(({ is }) => is))).toEqual(new Set(["happened", "stopping"]));
  });

  test("--events 0 lets nothing happen until somebody asks for it", async () => {
    await using command = runBelay("dev", "--simulate", "--config", demo, "--port", "0", "--events", "0");
    const text = await command.until(/Nothing happens by itself/);
    const [, control = ""] = /github: [^\n]*curl -s (http\S+)/.exec(text) ?? [];
    const sent = await fetch(`${control}/webhooks`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ account: "initech-github", type: "issues", payload: { issue: { title: "Asked for" } } }),
    });
    expect(sent.status).toBe(200);
    expect(await command.until(/zendesk ← initech-zendesk {2}ticket 1001 created "Asked for"/)).not.toContain("acme-github  issues");
  });

  test.each([
    [["dev", "--config", "nowhere.config.ts"], /CLI_CONFIG_MISSING: .*nowhere\.config\.ts does not exist/],
    [["dev", "--config", demo, "--events", "5"], /CLI_OPTION_INVALID: --events needs --simulate/],
    [["dev", "--config", demo, "--simulate", "--events", "many"], /CLI_OPTION_INVALID: --events/],
    [["dev", "--config", "packages/cli/src/errors.ts"], /CATALOG_CONFIG_UNREADABLE.*export default defineConfig/],
  ])("%j ends with 1 and says what to do", async (args, message) => {
    await using command = runBelay(...args);
    expect(await command.ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("a port in use is named, and nothing is left running", async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
    await using command = runBelay("dev", "--simulate", "--config", demo, "--port", String((other.address() as AddressInfo).port));
    expect(await command.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/CLI_PORT_TAKEN/) });
    other.close();
  });
});
