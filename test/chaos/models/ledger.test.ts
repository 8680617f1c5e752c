import { defineConnector, defineFlow } from "@belay/sdk";
import { currentOperation } from "@belay/sdk/http";
import { hmacSignature } from "@belay/sdk/webhook";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases } from "../../setup/database.ts";
import type { Database, Db } from "../../../packages/server/src/db/index.ts";
import { claimOne, commit, empty, leaseMs, letPass, newMessage } from "../../../packages/server/src/mailbox/__fixtures__/mailbox.ts";
import { recordSteps } from "../../../packages/server/src/mailbox/index.ts";
import { fetchMessages } from "../../../packages/server/src/mailbox/fetch-messages.ts";
import { claimDue } from "../../../packages/server/src/mailbox/__fixtures__/claim-due.ts";
import type { RunRequest } from "../../../packages/server/src/flow/protocol.ts";
import { runMessage } from "../../../packages/server/src/flow/run-message.ts";
import { RunWatch } from "../../../packages/server/src/flow/run-report.ts";
import { vaultOf } from "../../setup/vault.ts";

/*
 * One message with a few steps, attempted again and again, cut off anywhere. What holds:
 *
 * 1. A step whose result was stored is never run again.
 * 2. A step begins only when the results of all steps before it are stored.
 * 3. In every attempt a step gets the results that the first attempt which finished it got.
 * 4. In every attempt a step has the same idempotency key.
 * 5. The run is delivered only when every step was run.
 */

const source = defineConnector({
  id: "source",
  title: "Source",
  baseUrl: "https://source.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x" }),
    maxBytes: 1_000,
    id: { header: "x", signed: false },
    type: { header: "x" },
    events: { changed: z.unknown() },
  },
});
const target = defineConnector({
  id: "target",
  title: "Target",
  baseUrl: "https://target.example",
  auth: { kind: "bearer" },
  resources: {},
});

const stepNames = ["find", "create", "constructor", "notify"];

/** How an attempt goes wrong, if it does. */
interface Attempt {
  /** The step that fails after it was begun; one beyond the last: none. */
  readonly failsAt: number;
  /** The step whose result the database does not take; its process learns of it. */
  readonly unstored: number;
  /** The process is gone when it has begun this step: nothing that follows is seen or stored. */
  readonly dies: boolean;
}

/** What the test saw of all attempts so far. */
interface Seen {
  /** Results as stored, by step. */
  readonly stored: Map<string, string>;
  readonly keys: Map<string, string>;
  readonly ran: Set<string>;
  /** What did not hold: a flow's own errors are caught by who runs it. */
  readonly broken: string[];
  values: number;
}

class Attempted extends Error {}

describe.each(databases)("the ledger on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
  });
  afterAll(() => database.close());

  test("a step that is stored is done, one that is not is done again with the same key, wherever an attempt is cut off", async () => {
    const attempt = fc.record({ failsAt: fc.nat(stepNames.length), unstored: fc.nat(stepNames.length * 2), dies: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 6 }), async (attempts) => {
        await empty(db);
        await commit(db, [newMessage("a")]);
        await claimOne(db);
        const seen: Seen = { stored: new Map(), keys: new Map(), ran: new Set(), broken: [], values: 0 };
        for (const one of attempts) await attemptOnce(db, one, seen);
        expect(seen.broken).toEqual([]);
        // Nothing goes wrong any more.
        expect(await attemptOnce(db, { failsAt: stepNames.length, unstored: stepNames.length, dies: false }, seen)).toBe("delivered");
        expect(seen.broken).toEqual([]);
        expect([...seen.ran].toSorted(), "5. delivered without every step").toEqual(stepNames.toSorted());
      }),
      { numRuns: 60 },
    );
  });

  async function attemptOnce(on: Db, { failsAt, unstored, dies }: Attempt, seen: Seen): Promise<string> {
    const request = await takeOver(on);
    const record = recordSteps(on, vaultOf(on));
    let dead = false;
    const never = new Promise<never>(() => {});
    const flow = defineFlow({
      id: "flow",
      on: source.events.changed,
      to: target,
      run: async ({ step }) => {
        for (const [index, name] of stepNames.entries()) {
          const result = await step(name, async () => {
            if (seen.stored.has(name)) seen.broken.push(`1. ${name} is stored and runs again`);
            for (const earlier of stepNames.slice(0, index))
              if (!seen.stored.has(earlier)) seen.broken.push(`2. ${earlier} is not stored when ${name} begins`);
            const key = currentOperation()?.nextKey() ?? "";
            if ((seen.keys.get(name) ?? key) !== key) seen.broken.push(`4. another key for ${name}`);
            seen.keys.set(name, key);
            seen.ran.add(name);
            if (index === failsAt) {
              if (!dies) throw new Attempted(name);
              dead = true;
              await never;
            }
            return { value: (seen.values += 1) };
          });
          if (JSON.stringify(result) !== (seen.stored.get(name) ?? JSON.stringify(result)))
            seen.broken.push(`3. another result of ${name}`);
        }
      },
    });
    const running = runMessage(request, {
      flow,
      target: { id: "acme-target", tenant: "acme", connector: "target" },
      client: {},
      connections: {},
      now: () => 1_000,
      enter: (code) => code(),
      watch: new RunWatch(
        null,
        () => 1_000,
        () => 0.5,
      ),
      runTimeoutMs: 60_000,
      signal: new AbortController().signal,
      leaseCheck: () => {},
      recordStep: async (step) => {
        if (step.name === stepNames[unstored]) throw new Error("the connection is lost");
        await record({ tenant: "acme", mailbox: "acme-desk/event", message: request.run, ...step });
        seen.stored.set(step.name, step.result);
      },
    });
    while (!dead) {
      const end = await Promise.race([running, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
      if (end !== undefined) return end.kind === "failed" ? end.code : end.kind;
    }
    return "dead";
  }

  /** The next attempt, by a worker that knows nothing but what is stored. */
  async function takeOver(on: Db): Promise<RunRequest> {
    await letPass(on, leaseMs + 1);
    const leases = await claimDue(on, 1, leaseMs);
    const [message] = await fetchMessages(
      on,
      vaultOf(on),
      leases.map((lease) => ({ ...lease, after: 0, limit: 1 })),
    );
    if (message === undefined) throw new Error("The message is gone.");
    const { id, tenant, flow, connection, eventKey, eventType, payload, attempts, suspect, firstAttemptAtMs, trace, steps } = message;
    return {
      run: id,
      lane: "event",
      slot: 0,
      tenant,
      flow,
      target: "acme-desk",
      connection,
      eventKey,
      eventType,
      payload,
      attempt: attempts + 1,
      suspect,
      firstAttemptAtMs,
      trace,
      steps,
    };
  }
});
