/** Finds the model of a key by the strings that its driver reports. Pure. The linter holds that no key can match two models. */
import type { MatchPattern, UkeyModelProfile } from './ukey-model-profile.ts';

/** @returns null when no model has a matching pattern */
export function matchUkeyModel(models: readonly UkeyModelProfile[], manufacturer: string, hardwareModel: string): UkeyModelProfile | null {
  const matches = (pattern: MatchPattern) => patternMatches(pattern.manufacturer, manufacturer) && patternMatches(pattern.model, hardwareModel);
  return models.find((model) => model.match.some(matches)) ?? null;
}

/** Whether the whole text fits the pattern. `*` is any run of characters. */
export function patternMatches(pattern: string, text: string): boolean {
  return patternsMeet(pattern, text, false);
}

/** Whether one string exists that fits both patterns. */
export function patternsOverlap(left: string, right: string): boolean {
  return patternsMeet(left, right, true);
}

/** Walks both from the left and remembers which pairs of positions are reachable; a star may take nothing or one more character. */
function patternsMeet(left: string, right: string, rightHasStars: boolean): boolean {
  const a = [...left.toLowerCase()];
  const b = [...right.toLowerCase()];
  const star = (symbols: readonly string[], at: number, allowed: boolean) => allowed && symbols[at] === '*';
  const reachable = new Set<number>([0]);
  const width = b.length + 1;
  for (let i = 0; i <= a.length; i++) {
    for (let j = 0; j <= b.length; j++) {
      if (!reachable.has(i * width + j)) continue;
      const leftStar = star(a, i, true);
      const rightStar = star(b, j, rightHasStars);
      if (leftStar) reachable.add((i + 1) * width + j);
      if (rightStar) reachable.add(i * width + j + 1);
      if (leftStar && j < b.length) reachable.add(i * width + j + 1);
      if (rightStar && i < a.length) reachable.add((i + 1) * width + j);
      if (i < a.length && j < b.length && !leftStar && !rightStar && a[i] === b[j]) reachable.add((i + 1) * width + j + 1);
    }
  }
  return reachable.has(a.length * width + b.length);
}
