/** When no answer says how long: as the protocol has it. */
const defaultSeconds = 60;

/**
 * For how long a server wants no more events, in milliseconds; 0 when it takes them.
 *
 * @see https://develop.sentry.dev/sdk/expected-features/rate-limiting/
 */
export function readPauseMs(status: number, headers: Pick<Headers, "get">): number {
  const limits = headers.get("x-sentry-rate-limits");
  if (limits !== null) {
    const seconds = limits.split(",").flatMap((limit) => {
      const [retryAfter = "", categories = ""] = limit.trim().split(":");
      const isOurs = categories === "" || categories.split(";").some((category) => category === "error" || category === "default");
      return isOurs ? [toSeconds(retryAfter)] : [];
    });
    return Math.max(0, ...seconds) * 1_000;
  }
  return status === 429 ? toSeconds(headers.get("retry-after") ?? "") * 1_000 : 0;
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  return text.trim() !== "" && Number.isFinite(seconds) && seconds >= 0 ? seconds : defaultSeconds;
}
