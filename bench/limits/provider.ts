/*
 * The provider: a process of its own, with a clock of its own that runs two seconds ahead. It counts exactly what reaches it, refuses what is too much, and remembers it.
 */
import { createServer } from "node:http";
import { type Counted, countedBy } from "./counted.ts";

/** What it has seen of the connections that are counted together. */
interface Tally {
  readonly by: Counted;
  readonly arrivals: number[];
  refused: number;
}

export interface Seen {
  readonly connector: string;
  /** Requests beyond what was allowed, all windows together. */
  readonly overshoot: number;
  /** Of what was allowed between the two times, the share that was used; the mean of those who are counted apart. */
  readonly used: number;
  /** The same of the one of them that used the least. */
  readonly leastUsed: number;
  readonly arrived: number;
}

export type Question =
  | { readonly ask: "seen"; readonly fromMs: number; readonly untilMs: number }
  /** The next request to this connector is refused, with a Retry-After. */
  | { readonly ask: "refuse"; readonly connector: string; readonly seconds: number }
  /** When the refusal was answered, and when requests came after it. */
  | { readonly ask: "refusal"; readonly connector: string };

const aheadMs = 2_000;
const now = (): number => Date.now() + aheadMs;
const tallies = new Map<string, Tally>();
let refusal: { readonly connector: string; readonly seconds: number; at?: number } | undefined;

function tallyOf(index: number): Tally {
  const by = countedBy(index);
  const name = by.scope === "app" ? by.connector : `${by.connector}/${index}`;
  const known = tallies.get(name);
  if (known !== undefined) return known;
  const made: Tally = { by, arrivals: [], refused: 0 };
  tallies.set(name, made);
  return made;
}

/** Whether one more fits into the window that it falls into; those that were refused are not counted, as providers do. */
function isTooMuch({ by: { counts, requests, perMs }, arrivals }: Tally, at: number): boolean {
  const since = counts === "sliding" ? at - perMs : Math.floor(at / perMs) * perMs - 1;
  let inWindow = 0;
  for (let index = arrivals.length - 1; index >= 0 && (arrivals[index] ?? 0) > since; index -= 1) inWindow += 1;
  return inWindow >= requests;
}

const server = createServer((request, response) => {
  const at = now();
  const tally = tallyOf(Number(request.url?.split("/")[1]));
  request.resume();
  request.on("end", () => {
    if (refusal?.connector === tally.by.connector && refusal.at === undefined) {
      refusal.at = at;
      response.writeHead(429, { "retry-after": String(refusal.seconds) }).end();
      return;
    }
    if (isTooMuch(tally, at)) {
      tally.refused += 1;
      response.writeHead(429).end();
      return;
    }
    tally.arrivals.push(at);
    setTimeout(() => response.writeHead(201, { "content-type": "application/json" }).end('{"id":"1"}'), 20 + Math.random() * 60);
  });
});
server.keepAliveTimeout = 60_000;

function look(fromMs: number, untilMs: number): Seen[] {
  return [...Map.groupBy(tallies.values(), ({ by }) => by)].map(([by, of]) => {
    const shares = of.map((tally) => usedBy(tally, fromMs + aheadMs, untilMs + aheadMs));
    return {
      connector: by.connector,
      overshoot: of.reduce((sum, { refused }) => sum + refused, 0),
      used: shares.reduce((sum, { used }) => sum + used, 0) / shares.length,
      leastUsed: Math.min(...shares.map(({ used }) => used)),
      arrived: shares.reduce((sum, { arrived }) => sum + arrived, 0),
    };
  });
}

/**
 * A window's worth of requests takes a window at best: how long it takes from each request until as many as a window allows have followed. Counting between two times would count five
 * bursts or six, as it happens to lie.
 */
function usedBy({ by: { requests, perMs }, arrivals }: Tally, from: number, until: number): { used: number; arrived: number } {
  let [arrived, tookMs] = [0, 0];
  for (const [index, at] of arrivals.entries()) {
    if (at < from || at >= until) continue;
    arrived += 1;
    tookMs += (arrivals[index + requests] ?? now()) - at;
  }
  return { used: arrived === 0 ? 0 : perMs / (tookMs / arrived), arrived };
}

process.on("message", (question: Question) => {
  if (question.ask === "seen") process.send?.(look(question.fromMs, question.untilMs));
  else if (question.ask === "refuse") {
    refusal = { connector: question.connector, seconds: question.seconds };
    process.send?.({ done: true });
  } else {
    const at = refusal?.at;
    const arrivals = [...tallies.values()].filter(({ by }) => by.connector === question.connector).flatMap((tally) => tally.arrivals);
    process.send?.({
      atMs: at === undefined ? null : at - aheadMs,
      arrivalsMs: at === undefined ? [] : arrivals.filter((each) => each > at).map((each) => each - aheadMs),
    });
  }
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}` });
});
