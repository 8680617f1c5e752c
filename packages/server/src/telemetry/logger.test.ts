import { expect, test } from "vitest";
import { Secret } from "@belay/sdk";
import { createLogger } from "./logger.ts";
import { describeError } from "./scrub.ts";

test("a log knows an error's name, code, message, stack and causes, and nothing that hangs on it", () => {
  const client = { connectionParameters: { password: "canary" }, secretKey: 4711 };
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", client });
  const described = describeError(Object.assign(new Error("The settlement failed.", { cause }), { client }));
  expect(described).toMatchObject({
    name: "Error",
    message: "The settlement failed.",
    cause: { code: "ECONNRESET", message: "read ECONNRESET" },
  });
  expect(JSON.stringify(described)).not.toMatch(/canary|4711|connectionParameters/);
  expect(describeError({ password: "canary" })).toBe("object");
});

test("whatever is logged, however deep, its secrets and personal data stay behind", () => {
  const lines: string[] = [];
  const logger = createLogger("debug", { write: (line) => void lines.push(line) });
  const canary = "canary-4711-s3cret";
  const address = "ada.canary@acme.example";
  const loop: Record<string, unknown> = { name: "loop" };
  loop["self"] = loop;
  logger.error(
    {
      secret: new Secret(canary),
      adminToken: canary,
      headers: { authorization: `Bearer ${canary}`, "x-api-key": canary, cookie: [canary] },
      error: new Error(`{"access_token":"${canary}"} for ${address}`, { cause: new Error(`Authorization: Bearer ${canary}`) }),
      deep: [{ deeper: { refresh_token: canary, note: `write to ${address}, +49 170 1234567` } }],
      query: `client_secret=${canary}&to=${encodeURIComponent(address)}`,
      jwt: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ",
      loop,
      big: 1n,
      mailbox: "acme-desk/event",
      token: 7,
    },
    `Nothing goes to ${address}.`,
  );
  expect(lines.join("")).not.toMatch(/canary|4711|1234567|eyJ/);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: 50,
    mailbox: "acme-desk/event",
    token: 7,
    msg: "Nothing goes to [email].",
    loop: { name: "loop" },
  });
  logger.debug({}, "a");
  createLogger("warn", { write: (line) => void lines.push(line) }).info({}, "b");
  expect(lines).toHaveLength(2);
});
