import type { Random } from "../random.ts";

/** How badly webhooks travel: each rate is a share of the deliveries between 0 and 1, drawn apart from the others. Default: 0 each. */
export interface DeliveryRates {
  /** The first attempt never arrives; the provider sends again as it declares, or never. */
  readonly dropped?: number;
  /** Sent twice, the second time straight after the first. */
  readonly doubled?: number;
  /** Sent late. */
  readonly delayed?: number;
  /** Shortest and longest delay in milliseconds. Default 100 to 2,000. */
  readonly delayMs?: readonly [number, number];
  /** Held back until the next event of the endpoint has been sent, 2 s at most. */
  readonly reordered?: number;
}

/** What befalls one delivery. */
export interface DeliveryFaults {
  /** How many attempts never arrive. Default 0. */
  readonly drops?: number;
  /** How often the event is sent, answered or not. Default 1. */
  readonly copies?: number;
  /** Milliseconds before the first attempt. Default 0. */
  readonly delayMs?: number;
  /** Sent after the next event of the endpoint. Default false. */
  readonly overtaken?: boolean;
}

/** Draws what befalls the next delivery: always five numbers, so that changed rates do not shift the draws of later ones. */
export function drawDeliveryFaults(random: Random, rates: DeliveryRates): DeliveryFaults {
  const hit = (rate: number | undefined): boolean => random() < (rate ?? 0);
  const [dropped, doubled, delayed, overtaken] = [hit(rates.dropped), hit(rates.doubled), hit(rates.delayed), hit(rates.reordered)];
  const magnitude = random();
  const [shortestMs, longestMs] = rates.delayMs ?? [100, 2_000];
  return {
    drops: dropped ? 1 : 0,
    copies: doubled ? 2 : 1,
    delayMs: delayed ? Math.round(shortestMs + magnitude * (longestMs - shortestMs)) : 0,
    overtaken,
  };
}
