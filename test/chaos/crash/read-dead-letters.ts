import { openDatabase } from "../../../packages/server/src/db/index.ts";
import { listDeadLetters } from "../../../packages/server/src/mailbox/index.ts";
import { vaultOf } from "../../setup/vault.ts";

const most = 100_000;

/** What was given up, and why: what errors say is sealed at rest. */
export async function readDeadLetters(url: string): Promise<{ id: string; code: string; error: string }[]> {
  await using database = openDatabase({ kind: "postgres", url, connections: 1 });
  const letters = await listDeadLetters(database.db, vaultOf(database.db), {}, most);
  return letters.map(({ eventKey, code, error }) => ({ id: eventKey, code, error }));
}
