import type { Action, History, Setting } from "./steps.ts";

/** A history in words, one line a step. */
export function describeHistory({ setting, steps }: History): string[] {
  return [describeSetting(setting), ...steps.map((step) => `step ${step.number}, at ${describeTime(step.atMs)}: ${describeStep(step)}`)];
}

function describeSetting({ processes, requestsPer10s }: Setting): string {
  const limit = requestsPer10s === undefined ? "" : `, and each target account takes ${requestsPer10s} requests in 10 s`;
  return `${processes === 1 ? "One process" : `${processes} processes`} of Belay${limit}.`;
}

function describeTime(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}

/** What a step does. */
export function describeStep(step: Action): string {
  switch (step.kind) {
    case "event": {
      const what = step.source === "github" ? `issue ${step.entity}` : `customer ${step.entity}`;
      const times = step.copy === 0 ? "sends" : "sends again";
      const refused = step.refused ? ", which the target will refuse" : "";
      return `${step.source} of ${step.tenant} ${times} version ${step.version} of ${what}${refused}`;
    }
    case "request-fault":
      return `${requestFaultTexts[step.what]} (${ordinal(step.skip)} request from then on)`;
    case "outage":
      return `${step.target} of ${step.tenant} ${step.as === "refused" ? "refuses connections" : "answers 503"} for ${step.forMs} ms`;
    case "token-loss":
      return `${step.target} of ${step.tenant} answers 401 for ${step.forMs} ms`;
    case "delivery-fault": {
      const what = step.what === "never-arrives" ? "a delivery never arrives" : "the answer to a delivery is lost";
      return `${what}, so it comes again (${ordinal(step.skip)} delivery from then on)`;
    }
    case "crash":
      return `process ${step.process} dies for ${step.downMs} ms (at its ${ordinal(step.skip)} await from then on)`;
    case "standstill":
      return `process ${step.process} stands still for ${step.forMs} ms (at its ${ordinal(step.skip)} await from then on)`;
    case "deployment":
      return `process ${step.process} is stopped and started again`;
    case "database-fault":
      return `${databaseFaultTexts[step.what]} for process ${step.process} (${ordinal(step.skip)} statement from then on)`;
    case "clock-jump": {
      const clock = { all: "every clock", database: "the database's clock", process: `the clock of process ${step.process}` }[step.clock];
      return `${clock} jumps by ${step.byMs} ms`;
    }
  }
}

const requestFaultTexts = {
  refused: "a connection to a target is refused",
  lost: "a request is lost with its connection before the target has it",
  "answer-lost": "the target does what is asked, and the connection breaks before its answer",
  "no-answer": "the target does what is asked, and never answers",
  "never-arrives": "a request never arrives, and nobody answers",
  "too-many-requests": "the target answers 429",
  "server-error": "the target answers 500 and has done nothing",
  "error-after-commit": "the target does what is asked, and something in front of it answers 502",
  unauthorized: "the target answers 401",
  slow: "a request travels for up to two seconds",
} as const;

const databaseFaultTexts = {
  "lost-before": "the database connection is lost before a statement",
  "lost-after": "the database connection is lost after a statement took effect",
  serialisation: "a statement fails with a serialisation failure",
} as const;

/** How many chances it lets pass, in words. */
export function ordinal(skip: number): string {
  const number = skip + 1;
  const suffix = number % 100 >= 11 && number % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${suffix}`;
}
