import { describe, expect, test } from "vitest";
import { testMasterKey } from "../../../../test/setup/vault.ts";
import { readOptions } from "./start.ts";

const options = { config: "belay.config.ts", roles: "ingest,worker,web", host: "127.0.0.1", port: "4000", grace: "20", log: "info" };
const environment = {
  DATABASE_URL: "postgres://me@localhost/belay",
  BELAY_ADMIN_TOKEN: "0123456789abcdef",
  BELAY_MASTER_KEY: testMasterKey,
};

describe("belay start", () => {
  test("reads roles, port and grace", () => {
    const { belayOptions, graceMs } = readOptions({ ...options, roles: "worker, web", port: "0", grace: "1.5" }, environment);
    expect(belayOptions).toMatchObject({ roles: ["worker", "web"], http: { port: 0 }, database: { kind: "postgres" } });
    expect(graceMs).toBe(1_500);
  });

  test("reads whose word is taken for where a request came from", () => {
    const { belayOptions } = readOptions(options, { ...environment, BELAY_TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8,fd00::/8" });
    expect(belayOptions.http?.trustedProxies).toEqual(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);
  });

  test("takes the new and the old of what is rotated, the newest first", () => {
    const { belayOptions } = readOptions(options, {
      ...environment,
      BELAY_ADMIN_TOKEN: "the-new-token-of-all \n the-old-token-of-all",
      BELAY_OIDC_ISSUER: "https://login.example",
      BELAY_OIDC_CLIENT_ID: "belay",
      BELAY_OIDC_CLIENT_SECRET: "new,with-comma old",
      BELAY_OIDC_ROLES: "admins=admin",
    });
    expect(belayOptions.adminToken).toEqual(["the-new-token-of-all", "the-old-token-of-all"]);
    expect(belayOptions.oidc?.clientSecret).toEqual(["new,with-comma", "old"]);
  });

  test.each([
    ["--roles", { roles: "worker,cook" }, {}],
    ["--roles", { roles: "" }, {}],
    ["--port", { port: "http" }, {}],
    ["--port", { port: "70000" }, {}],
    ["--grace", { grace: "-1" }, {}],
    ["--log", { log: "loud" }, {}],
    ["DATABASE_URL", {}, { DATABASE_URL: undefined }],
    ["DATABASE_URL", {}, { DATABASE_URL: "mysql://localhost" }],
    ["BELAY_ADMIN_TOKEN", {}, { BELAY_ADMIN_TOKEN: "short" }],
    ["BELAY_TRUSTED_PROXIES", {}, { BELAY_TRUSTED_PROXIES: "10.0.0.0/8, everybody" }],
    ["BELAY_TRUSTED_PROXIES", {}, { BELAY_TRUSTED_PROXIES: "10.0.0.0/33" }],
    ["BELAY_ADMIN_TOKEN", {}, { BELAY_ADMIN_TOKEN: "one-that-is-long-enough short" }],
    ["BELAY_ADMIN_TOKEN", {}, { BELAY_ADMIN_TOKEN: " " }],
    ["belay keys new-master", {}, { BELAY_MASTER_KEY: undefined }],
    ["BELAY_MASTER_KEY_FILE", {}, { BELAY_MASTER_KEY: undefined, BELAY_MASTER_KEY_FILE: "/nowhere/master-key" }],
  ])("refuses a wrong %s and says what it takes", (name, wrongOptions, wrongEnvironment) => {
    expect(() => readOptions({ ...options, ...wrongOptions }, { ...environment, ...wrongEnvironment })).toThrow(
      expect.objectContaining({ code: "CLI_OPTION_INVALID", message: expect.stringContaining(name) as string }) as Error,
    );
  });
});
