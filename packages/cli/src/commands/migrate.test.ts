import { expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import { runBelayWith } from "../__fixtures__/run-command.ts";

test("belay migrate says what it did, and the second time that there was nothing to do", async () => {
  await using database = await openFreshPostgres();
  await database.db.schema.dropSchema("belay").cascade().execute();
  const environment = { DATABASE_URL: database.url ?? "" };
  await using first = runBelayWith(environment, "migrate");
  expect(await first.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/Applied now:\n {2}0001_mailbox\n/) });
  await using second = runBelayWith(environment, "migrate", "--json");
  expect(await second.ended).toMatchObject({ code: 0, stdout: '{"applied":[]}\n' });
});

test("belay migrate without a database says what to set", async () => {
  await using command = runBelayWith({ DATABASE_URL: "" }, "migrate");
  expect(await command.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/CLI_OPTION_INVALID: DATABASE_URL must be set/) });
});
