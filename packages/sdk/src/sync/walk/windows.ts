/** A page by its number, counted from 0, and its size: the positions from `number * size` on. */
export interface Window {
  readonly number: number;
  readonly size: number;
  readonly start: number;
}

/**
 * The numbered page that holds the position `from` and reaches farthest: pages of one size never overlap, pages of two sizes do, so by the
 * choice of the size any two can be made to. Undefined where none reaches beyond `edge`.
 *
 * @param most - the largest size. Only sizes down to half of it are tried: smaller ones cost more calls than the overlap is worth.
 */
export function windowOver(from: number, edge: number, most: number): Window | undefined {
  let best: Window | undefined;
  for (let size = most; size >= Math.max(1, Math.ceil(most / 2)); size -= 1) {
    const number = Math.floor(from / size);
    const start = number * size;
    if (start + size > edge && (best === undefined || start + size > best.start + best.size)) best = { number, size, start };
  }
  return best;
}

/** The numbered page that begins least behind `edge`, and not before it. */
export function windowAfter(edge: number, most: number): Window {
  let best: Window = { number: Math.ceil(edge / most), size: most, start: Math.ceil(edge / most) * most };
  for (let size = most - 1; size >= Math.max(1, Math.ceil(most / 2)); size -= 1) {
    const number = Math.ceil(edge / size);
    if (number * size < best.start) best = { number, size, start: number * size };
  }
  return best;
}
