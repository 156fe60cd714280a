/** Money for people. Amounts are whole fen (1/100 yuan), so nothing is rounded. */

/** 12345600 → `¥123,456.00` */
export function yuan(fen: number): string {
  const whole = Math.trunc(fen / 100).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return `¥${whole}.${(fen % 100).toString().padStart(2, '0')}`;
}
