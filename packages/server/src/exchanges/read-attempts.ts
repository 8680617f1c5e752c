import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import type { Db } from "../db/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import type { AttemptContents, KeptAttempt } from "./attempt.ts";
import { selectAttempts } from "./store.ts";
import { contentsPurpose } from "./write-down.ts";

const decompress = promisify(zstdDecompress);

/** A message that was tried for days has more attempts than anybody reads. */
const mostRead = 50;

/** The newest 50 attempts that are kept of a message, oldest first. */
export async function readAttempts(db: Db, cipher: Cipher, tenant: string, message: number): Promise<KeptAttempt[]> {
  const rows = await selectAttempts(db, tenant, message, mostRead);
  const opened = await openEach(
    cipher,
    rows.map(({ contents }) => ({ tenant, purpose: contentsPurpose, value: contents })),
  );
  return await Promise.all(
    rows.map(async ({ contents: _contents, ...row }, index) => {
      const one = opened[index];
      const packed = one !== undefined && "bytes" in one ? one.bytes : undefined;
      const sealed = packed === undefined;
      // Written by `writeDown`, and nobody else can seal.
      const contents = sealed ? unreadable : (JSON.parse((await decompress(packed)).toString("utf8")) as AttemptContents);
      return { ...row, ...contents, sealed };
    }),
  );
}

const unreadable: AttemptContents = {
  target: "",
  error: null,
  spanId: null,
  suspect: false,
  firstAttemptAt: null,
  known: null,
  steps: [],
  exchanges: [],
};
