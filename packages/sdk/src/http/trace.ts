import type { Layer } from "./outbound.ts";

/**
 * Passes the operation's trace on: each attempt is a span of its own, whose id the provider is given as its parent. Sets the header in place: the layer in front
 * made the request a copy of its own for this attempt.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function trace(random: () => number): Layer {
  return (next) => (request) => {
    const parent = request.operation?.context.traceparent;
    if (parent !== undefined) request.headers["traceparent"] = `${parent.slice(0, 36)}${newSpanId(random)}${parent.slice(52)}`;
    return next(request);
  };
}

/** 16 hexadecimal digits, not all of them zero. */
export function newSpanId(random: () => number): string {
  return word(random) + word(random);
}

/** Numbers of this size take Node a microsecond to write in hexadecimal, and every event has several ids. */
const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function word(random: () => number): string {
  const value = 1 + Math.floor(random() * 0xffff_fffe);
  return `${pairs[value >>> 24]}${pairs[(value >>> 16) & 255]}${pairs[(value >>> 8) & 255]}${pairs[value & 255]}`;
}
