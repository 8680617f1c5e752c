import { isBelayError } from "../../errors/belay-error.ts";
import { memberOf } from "./decode-record.ts";

export interface WholeWrite {
  readonly id: unknown;
  /** What is changed; with the field `version`, only of that state. */
  readonly fields: unknown;
  /** The field that holds the entity tag. */
  readonly version: string;
}

export interface WholePorts {
  /** Undefined: there is no such record. */
  readonly read: (id: unknown) => Promise<{ readonly record: unknown; readonly fields: unknown } | undefined>;
  readonly send: (fields: unknown, headers: Readonly<Record<string, string>>) => Promise<unknown>;
  /** Whether all of `expected` is in `actual`. */
  readonly contains: (actual: unknown, expected: unknown) => boolean;
}

const mostTries = 3;

/** Changes part of a record whose provider takes whole ones, without undoing what somebody else changes meanwhile. */
export async function writeWhole({ id, fields, version }: WholeWrite, { read, send, contains }: WholePorts): Promise<unknown> {
  const { [version]: wished, ...changed } = Object(fields) as Readonly<Record<string, unknown>>;
  for (let tries = 1; ; tries += 1) {
    const current = await read(id);
    const tag = wished ?? memberOf(current?.record, version);
    try {
      // Of a record that is gone no state fits: "*" lets the provider refuse in its own words, rather than make a new one.
      return await send(Object.assign({}, current?.fields, changed), { "if-match": typeof tag === "string" ? tag : "*" });
    } catch (error) {
      if (!isBelayError(error) || error.details?.["status"] !== 412) throw error;
      // An attempt before this one may have been answered by nothing, and have changed it all the same.
      const now = await read(id);
      if (now !== undefined && contains(now.fields, changed)) return now.record;
      if (wished !== undefined || now === undefined || tries >= mostTries) throw error;
    }
  }
}
