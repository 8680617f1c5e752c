import { parseArgs } from "node:util";
import { BelayError } from "@belay/sdk";

/** The options that all commands share. */
export interface CommandOptions {
  /** `--json`: the report as one line of JSON, for programs. */
  readonly json: boolean;
  /** `--quick`: less of everything; shows that it works, not how fast it is. */
  readonly quick: boolean;
  /** `--seed N`: repeats the random choices of an earlier run; otherwise chosen by `drawSeed`. */
  readonly seed: number;
  /** `--keep`: leaves data and servers in place afterwards, for a look at them. */
  readonly keep: boolean;
}

const maxSeed = 0xffff_ffff;

/**
 * Reads the common options, and a command's own ones if `own` names them: `{ messages: "number" }` takes `--messages 500`.
 *
 * @param drawSeed Gives the seed when none is asked for. The report should name it, so that the run can be repeated.
 * @throws `REPORT_OPTION_INVALID` naming the option and what to write instead.
 */
export function parseCommandOptions<
  const Own extends Readonly<Record<string, "number" | "string" | "boolean">> = Readonly<Record<never, never>>,
>(
  args: readonly string[],
  own?: Own,
  drawSeed: () => number = () => Math.floor(Math.random() * maxSeed),
): CommandOptions & { readonly [Name in keyof Own]?: OptionValue<Own[Name]> } {
  const kinds: Record<string, "number" | "string" | "boolean"> = {
    ...own,
    json: "boolean",
    quick: "boolean",
    seed: "number",
    keep: "boolean",
  };
  const values = parse(args, kinds);
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) given[name] = kinds[name] === "number" ? toNumber(name, value) : value;
  const common = { json: false, quick: false, keep: false, seed: drawSeed(), ...given };
  if (!Number.isInteger(common.seed) || common.seed < 0 || common.seed > maxSeed)
    throw invalid("seed", `a whole number from 0 to ${maxSeed}`);
  // The loop above gave each own option the type that `own` names.
  return common as CommandOptions & { readonly [Name in keyof Own]?: OptionValue<Own[Name]> };
}

type OptionValue<Kind> = Kind extends "number" ? number : Kind extends "boolean" ? boolean : string;

function parse(args: readonly string[], kinds: Readonly<Record<string, string>>): Record<string, unknown> {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, { type: kind === "boolean" ? ("boolean" as const) : ("string" as const) }]),
  );
  try {
    return { ...parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values };
  } catch (error) {
    const known = Object.entries(kinds).map(([name, kind]) => (kind === "boolean" ? `--${name}` : `--${name} <${kind}>`));
    const reason = error instanceof Error ? error.message : String(error);
    throw new BelayError("REPORT_OPTION_INVALID", `${reason} Known options: ${known.join(", ")}.`, { cause: error });
  }
}

function toNumber(name: string, value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) throw invalid(name, "a number");
  return number;
}

function invalid(name: string, what: string): BelayError {
  return new BelayError("REPORT_OPTION_INVALID", `--${name} takes ${what}.`);
}
