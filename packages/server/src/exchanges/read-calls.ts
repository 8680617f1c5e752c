import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import type { Db } from "../db/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import type { KeptExchange } from "./attempt.ts";
import { callPurpose } from "./call-log.ts";
import { selectCalls, type StoredCall } from "./store.ts";

const decompress = promisify(zstdDecompress);

/** A proxied call as it is kept. */
export interface KeptCall extends Omit<StoredCall, "contents"> {
  readonly exchanges: readonly KeptExchange[];
  /** The contents could not be read any more: the tenant's key has been destroyed. */
  readonly sealed: boolean;
}

/** Proxied calls of a tenant that are kept, newest first. */
export async function readCalls(db: Db, cipher: Cipher, query: Parameters<typeof selectCalls>[1], limit: number): Promise<KeptCall[]> {
  const rows = await selectCalls(db, query, limit);
  const opened = await openEach(
    cipher,
    rows.map(({ tenant, contents }) => ({ tenant, purpose: callPurpose, value: contents })),
  );
  return await Promise.all(
    rows.map(async ({ contents: _contents, ...row }, index) => {
      const one = opened[index];
      const packed = one !== undefined && "bytes" in one ? one.bytes : undefined;
      // Written by `CallLog`, and nobody else can seal.
      const exchanges = packed === undefined ? [] : (JSON.parse((await decompress(packed)).toString("utf8")) as KeptExchange[]);
      return { ...row, exchanges, sealed: packed === undefined };
    }),
  );
}
