import { BelayError } from "@belay/sdk";

/** The error for an option that cannot be used; `remedy` says what to write instead. */
export function invalidOption(option: string, remedy: string): BelayError {
  return new BelayError("CLI_OPTION_INVALID", `${option} ${remedy}`);
}

/** The port of `--port`; 0 is any that is free. @throws `CLI_OPTION_INVALID`. */
export function readPort(text: string): number {
  return readWholeNumber("--port", text, 65_535);
}

/** A number from 0 to `most`. @throws `CLI_OPTION_INVALID`. */
export function readWholeNumber(option: string, text: string, most: number): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isInteger(number) || number < 0 || number > most)
    throw invalidOption(option, `takes a number from 0 to ${most}; this was "${text}".`);
  return number;
}

/** Secrets of a variable, the newest first, with white space between them: none of them holds any. Empty when the variable is not set. */
export function secretsIn(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((part) => part !== "");
}

/** The Postgres of `DATABASE_URL`. @throws `CLI_OPTION_INVALID`. */
export function readDatabaseUrl({ DATABASE_URL: url }: Readonly<Record<string, string | undefined>>): string {
  if (url === undefined || !/^postgres(ql)?:\/\//.test(url))
    throw invalidOption("DATABASE_URL", "must be set to postgres://user:password@host:5432/database.");
  return url;
}
