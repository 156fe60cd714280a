/** One line of the benchmark table. A ratio is always ours beside a peer measured in the same run; a figure without a peer has `peer: null`. */
export interface BenchRow {
  readonly name: string;
  readonly ours: number;
  readonly peer: number | null;
  /** What the peer is, or what the figure stands beside. */
  readonly peerName: string | null;
  readonly unit: string;
  /** ours / peer. */
  readonly ratio: number | null;
  /** What the ratio should be: `≥ 4`, `≤ 0.5`; null when the figure is for information. */
  readonly wanted: string | null;
}

export interface Bench {
  readonly name: string;
  run(): Promise<readonly BenchRow[]>;
}

export function benchRow(name: string, unit: string, ours: number, peer?: { readonly name: string; readonly value: number; readonly wanted?: string }): BenchRow {
  return { name, unit, ours, peer: peer?.value ?? null, peerName: peer?.name ?? null, ratio: peer ? ours / peer.value : null, wanted: peer?.wanted ?? null };
}

/** Whether a ratio is what was wanted; null when nothing was. */
export function meetsWanted(row: BenchRow): boolean | null {
  const match = /^([≥≤])\s*([\d.]+)$/.exec(row.wanted ?? '');
  if (!match || row.ratio === null) return null;
  return match[1] === '≥' ? row.ratio >= Number(match[2]) : row.ratio <= Number(match[2]);
}

/** The p-th percentile (0 to 1) of some figures; the nearest rank. */
export function percentile(figures: readonly number[], p: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}
