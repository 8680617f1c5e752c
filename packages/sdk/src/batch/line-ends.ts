/** Goes through the bytes of a text, and knows where its lines end. */
export interface LineEnds {
  /** Whether a line ends with this byte, the next of the text. */
  readonly isEnd: (byte: number) => boolean;
  /** Whether a value is open: it began with a quote, and nothing has closed it yet. */
  readonly isOpen: () => boolean;
}

const [lineFeed, quote] = [10, 34];

/**
 * Line ends of a text in which values may stand in quotes, and hold line ends there. Only a quote with which a value begins opens one, as `splitLine` has it: one in the middle of a value,
 * `5" pipe`, would otherwise take all lines up to the next quote for one.
 *
 * @param separator What stands between values; `null`: quotes mean nothing.
 */
export function lineEnds(separator: string | null): LineEnds {
  if (separator === null) return { isEnd: (byte) => byte === lineFeed, isOpen: () => false };
  const between = new TextEncoder().encode(separator);
  let place: "start" | "inside" | "quoted" | "closing" = "start";
  let matched = 0;
  const isEnd = (byte: number): boolean => {
    if (place === "quoted") {
      if (byte === quote) place = "closing";
      return false;
    }
    if (byte === quote && place !== "inside") {
      place = "quoted";
      matched = 0;
      return false;
    }
    place = byte === lineFeed ? "start" : "inside";
    if (place === "inside") matched = byte === between[matched] ? matched + 1 : Number(byte === between[0]);
    if (place === "start" || matched === between.length) {
      place = "start";
      matched = 0;
    }
    return byte === lineFeed;
  };
  return { isEnd, isOpen: () => place === "quoted" };
}
