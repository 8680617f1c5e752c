import { type Part, startPart } from "../support/part.ts";
import { serverOptions } from "../support/server-options.ts";

export interface ReceiverFigures {
  readonly received: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoadFigures {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
}

export interface LoadOrder {
  readonly url: string;
  readonly events: number;
  readonly mailboxes: number;
  readonly bytes: number;
  readonly connections: number;
  /** Events a second, open loop; 0 for as fast as the connections allow. */
  readonly rate: number;
}

export type Receiver = Part<{ readonly url: string }>;
export type Load = Part<{ readonly ready: true }>;
export type Subject = Part<{ readonly url: string }>;

const here = (file: string): URL => new URL(file, import.meta.url);

export const startReceiver = (): Promise<Receiver> => startPart(here("receiver.ts"));
export const startLoad = (): Promise<Load> => startPart(here("load.ts"));
export const startBare = (target: string): Promise<Subject> => startPart(here("bare.ts"), [target], serverOptions);
export const startPassThrough = (target: string): Promise<Subject> => startPart(here("pass-through.ts"), [target], serverOptions);

export interface BelayPartOptions {
  readonly roles?: readonly ("ingest" | "worker" | "web")[];
  /** Default: the pipeline bench's own. */
  readonly config?: string;
  readonly flows?: { readonly threads?: number; readonly hangMs?: number };
  readonly dispatcher?: { readonly maxMessages?: number; readonly quantum?: number };
  /** How long a mailbox stays with a worker that does not answer. Default: Belay's own. */
  readonly leaseMs?: number;
  /** How far Belay's clock in the database is ahead. */
  readonly clockOffsetMs?: number;
}

export function startBelayPart(target: string, mailboxes: number, databaseUrl: string, options: BelayPartOptions = {}): Promise<Subject> {
  return startPart(here("belay.ts"), [target, String(mailboxes), databaseUrl, JSON.stringify(options)], serverOptions);
}

/** Belay with the defaults of the files at `root`, which may be an earlier commit's. */
export function startBelayAt(root: URL, target: string, mailboxes: number, databaseUrl: string): Promise<Subject> {
  return startPart(new URL("bench/pipeline/belay.ts", root), [target, String(mailboxes), databaseUrl], serverOptions);
}

export interface Throughput {
  /** Delivered at the receiver per second, from the first request sent to the last delivery. */
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Sends events through a subject and waits until the receiver has all of them. @throws when they do not arrive. */
export async function sendThrough(load: Load, receiver: Receiver, order: LoadOrder): Promise<Throughput> {
  await receiver.ask({ ask: "reset" });
  const startedAt = performance.now();
  const { accepted } = await load.ask<LoadFigures>(order);
  const figures = await untilReceived(receiver, accepted);
  return {
    perSecond: Math.round((accepted * 1_000) / (performance.now() - startedAt)),
    p50: figures.p50,
    p99: figures.p99,
    max: figures.max,
  };
}

/** Waits until the receiver has got `count`. @throws when nothing arrives for 30 s. */
export async function untilReceived(receiver: Receiver, count: number): Promise<ReceiverFigures> {
  let last = -1;
  let stillSince = performance.now();
  for (;;) {
    const figures = await receiver.ask<ReceiverFigures>({ ask: "figures" });
    if (figures.received >= count) return figures;
    if (figures.received !== last) {
      last = figures.received;
      stillSince = performance.now();
    } else if (performance.now() - stillSince > 30_000) {
      throw new Error(`Of ${count} events ${figures.received} arrived, and no more for 30 s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
