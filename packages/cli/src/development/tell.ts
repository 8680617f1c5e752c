import { timed } from "./timed.ts";

/** Tells on standard output what happens, as it happens. */
export interface Tell {
  /** What there is from the beginning: facts for programs, a text for people. */
  ready(facts: object, text: () => string): void;
  happened(line: string): void;
  stopping(): void;
}

/** For people: texts, and lines with the time of day. */
const people: Tell = {
  ready: (_facts, text) => void process.stdout.write(text()),
  happened: (line) => void process.stdout.write(timed(line)),
  stopping: () => void process.stdout.write("Stopping.\n"),
};

/** For programs: a line of JSON each, told apart by `is`. */
const programs: Tell = {
  ready: (facts) => write({ is: "ready", ...facts }),
  happened: (line) => write({ is: "happened", line }),
  stopping: () => write({ is: "stopping" }),
};

export function tellAs(json: true | undefined): Tell {
  return json === true ? programs : people;
}

function write(what: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...what })}\n`);
}
