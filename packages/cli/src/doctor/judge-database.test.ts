import type { ApiInstallation } from "@belay/sdk/client";
import { describe, expect, test } from "vitest";
import { judgeDatabase } from "./judge-database.ts";

const healthy: ApiInstallation["database"] = {
  kind: "postgres",
  version: "18.1",
  migrations: { applied: ["0001_mailbox"], pending: [] },
  settings: {
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    autovacuum: "on",
    max_connections: "100",
    server_encoding: "UTF8",
  },
  clockAheadMs: 3,
  bytes: 10_000_000,
};
const wrongs = (facts: Partial<ApiInstallation["database"]>): string[] =>
  judgeDatabase({ ...healthy, ...facts })
    .filter(({ verdict }) => verdict === "wrong")
    .map(({ what, remedy }) => `${what}: ${remedy!.length > 10}`);

describe("the doctor's judgement of a database", () => {
  test("finds nothing wrong with one as it should be", () => {
    expect(wrongs({})).toEqual([]);
  });

  test.each([
    ["database", { version: "14.9" }],
    ["schema", { migrations: { applied: [], pending: ["0001_mailbox"] } }],
    ["durability", { settings: { ...healthy.settings, fsync: "off" } }],
    ["durability", { settings: { ...healthy.settings, synchronous_commit: "off" } }],
    ["autovacuum", { settings: { ...healthy.settings, autovacuum: "off" } }],
    ["connections", { settings: { ...healthy.settings, max_connections: "10" } }],
    ["encoding", { settings: { ...healthy.settings, server_encoding: "SQL_ASCII" } }],
    ["clock", { clockAheadMs: -5_000 }],
  ])("names a wrong %s with its remedy", (what, facts) => {
    expect(wrongs(facts)).toEqual([`${what}: true`]);
  });
});
