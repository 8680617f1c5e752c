import type { Db } from "../db/index.ts";
import type { ExchangeReport } from "../flow/index.ts";
import type { Clock, Counters, Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { insertCalls } from "./store.ts";
import { tokenize } from "./tokenize.ts";
import { WriteBehind } from "./write-behind.ts";
import { compress, type PersonalFields, prepareExchange } from "./write-down.ts";

/** What contents of proxied calls are sealed as. */
export const callPurpose = "proxied_call.contents";

/** A call through the proxy that has ended. */
export interface ProxiedCall {
  readonly tenant: string;
  readonly connection: string;
  /** On whose behalf it was made. */
  readonly actor: string;
  /** Epoch milliseconds. */
  readonly endedAt: number;
  /** Of the provider's last answer. */
  readonly status: number | null;
  /** Of Belay's refusal. */
  readonly code: string | null;
  readonly ok: boolean;
  readonly exchanges: readonly ExchangeReport[];
}

export interface CallLogParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly personalFields: Pick<PersonalFields, "ofCall">;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly logger: Logger;
}

/** Writes down proxied calls, behind them and never in their way; see `WriteBehind`. */
export class CallLog {
  readonly #behind: WriteBehind<ProxiedCall>;

  constructor({ db, cipher, personalFields, ...parts }: CallLogParts) {
    const write = async (calls: readonly ProxiedCall[]): Promise<void> => {
      const contents = await writeDownCalls(calls, cipher, personalFields);
      await insertCalls(
        db,
        calls.map(({ tenant, connection, actor, endedAt, status, code }, index) => {
          return { tenant, connection, actor, ended_at: endedAt, status, code, contents: contents[index] ?? Buffer.alloc(0) };
        }),
      );
    };
    this.#behind = new WriteBehind({ ...parts, write, what: "Proxied calls" });
  }

  /** Takes note of a call. Costs a push: everything else happens later. */
  add(call: ProxiedCall): void {
    this.#behind.add(call, sizeOf(call), call.ok);
  }

  /** Writes what waits and ends. Calling it twice is safe. */
  async close(): Promise<void> {
    await this.#behind.close();
  }
}

/** Personal values become tokens, the rest is compressed and sealed. Same order. */
async function writeDownCalls(
  calls: readonly ProxiedCall[],
  cipher: Cipher,
  { ofCall }: Pick<PersonalFields, "ofCall">,
): Promise<readonly Uint8Array[]> {
  const texts: { tenant: string; text: string; fields: readonly string[] }[] = [];
  const finish = calls.map(({ tenant, exchanges }) =>
    exchanges.map((exchange) =>
      prepareExchange(exchange, ofCall(exchange.label), (text, fields) => texts.push({ tenant, text, fields }) - 1),
    ),
  );
  const clean = await tokenize(cipher, texts);
  const packed = await Promise.all(
    finish.map((ones) => compress(JSON.stringify(ones.map((one) => one((index) => clean[index]?.text ?? ""))))),
  );
  return await cipher.seal(calls.map(({ tenant }, index) => ({ tenant, purpose: callPurpose, value: packed[index] ?? Buffer.alloc(0) })));
}

/** Roughly what it takes in memory. */
function sizeOf({ exchanges }: ProxiedCall): number {
  return exchanges.reduce((sum, { request, response }) => sum + 1_000 + (request.body?.length ?? 0) + (response?.body.length ?? 0), 1_000);
}
