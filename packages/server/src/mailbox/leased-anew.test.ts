import { sql } from "kysely";
import { expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { commit, newMessage } from "./__fixtures__/mailbox.ts";
import { type Script, ScriptedRunner, silent, until } from "./__fixtures__/scripted-runner.ts";
import { Dispatcher } from "./dispatcher.ts";
import { countWaiting } from "./store.ts";

test("whoever runs messages is told under which token a mailbox goes on that was leased anew", async () => {
  const database = await openFreshPostgres();
  const { db } = database;
  const tokens: { readonly told: number; readonly held: unknown }[] = [];
  const script: Script = async ({ orderKey }, { token }) => {
    // It comes while the mailbox is held, and is noticed when that is given back.
    if (orderKey === "first") await commit(db, [newMessage("second")]);
    const { rows } = await sql<{ token: number }>`select token from belay.mailbox where leased`.execute(db);
    tokens.push({ told: token, held: rows[0]?.token });
    return { kind: "delivered", stepped: false };
  };
  await commit(db, [newMessage("first")]);
  const dispatcher = new Dispatcher({
    db,
    cipher: vaultOf(db),
    runner: new ScriptedRunner(script),
    clock: systemClock,
    logger: silent,
    counters: new Counters(),
    options: { pollMs: 60_000, lingerMs: 0 },
  });
  dispatcher.start();
  await until(async () => (await countWaiting(db)) === 0);
  await dispatcher.stop(0);
  await database.close();
  expect(tokens).toEqual([
    { told: 1, held: 1 },
    { told: 2, held: 2 },
  ]);
});
