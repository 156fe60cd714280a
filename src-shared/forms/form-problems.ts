/** Forms of a tender (bid letter, price …): what is wrong with the values, and amounts in words. Pure; engine and screens ask here, so that both mean the same. */

/** What a field wants; the field of the desktop contract is one. */
export interface FieldRules {
  readonly id: string;
  readonly kind: 'text' | 'integer' | 'amount' | 'date' | 'choice';
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly maxLength: number | null;
}

export interface FormProblem {
  readonly fieldId: string;
  readonly problem: 'missing' | 'too-long' | 'not-a-number' | 'too-small' | 'too-large' | 'not-a-date' | 'not-a-choice' | 'unknown-field';
}

const MONEY = /^\d{1,15}(\.\d{1,2})?$/;
const INTEGER = /^-?\d{1,15}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

export function formProblems(fields: readonly FieldRules[], values: Readonly<Record<string, string>>): FormProblem[] {
  const unknown = Object.keys(values).filter((id) => !fields.some((field) => field.id === id));
  const found = fields.flatMap((field) => {
    const problem = fieldProblem(field, (values[field.id] ?? '').trim());
    return problem ? [{ fieldId: field.id, problem }] : [];
  });
  return [...found, ...unknown.map((fieldId) => ({ fieldId, problem: 'unknown-field' as const }))];
}

export function fieldProblem(field: FieldRules, value: string): FormProblem['problem'] | null {
  if (value === '') return field.required ? 'missing' : null;
  if (field.maxLength !== null && [...value].length > field.maxLength) return 'too-long';
  if (field.kind === 'amount' || field.kind === 'integer') return numberProblem(field, value);
  if (field.kind === 'date') return isDate(value) ? null : 'not-a-date';
  if (field.kind === 'choice') return field.choices.includes(value) ? null : 'not-a-choice';
  return null;
}

function numberProblem(field: FieldRules, value: string): FormProblem['problem'] | null {
  if (!(field.kind === 'amount' ? MONEY : INTEGER).test(value)) return 'not-a-number';
  if (field.minimum !== null && Number(value) < field.minimum) return 'too-small';
  return field.maximum !== null && Number(value) > field.maximum ? 'too-large' : null;
}

function isDate(value: string): boolean {
  if (!DATE.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

const DIGITS = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES = ['', '拾', '佰', '仟'];
const GROUPS = ['', '万', '亿', '万亿'];

/** 大写金额, as bid letters want it: `1200.50` → 壹仟贰佰元伍角. @param yuan as the form takes it (MONEY) */
export function moneyInWords(yuan: string): string {
  const [whole = '0', fraction = ''] = yuan.split('.');
  const [jiao = 0, fen = 0] = [...fraction.padEnd(2, '0')].map(Number);
  const words = wholeInWords(BigInt(whole));
  const small = `${jiao > 0 ? `${DIGITS[jiao]}角` : fen > 0 && words !== '' ? '零' : ''}${fen > 0 ? `${DIGITS[fen]}分` : ''}`;
  if (words === '' && small === '') return '零元整';
  return `${words === '' ? '' : `${words}元`}${small === '' ? '整' : small}`;
}

function wholeInWords(value: bigint): string {
  if (value === 0n) return '';
  const groups: number[] = [];
  for (let rest = value; rest > 0n; rest /= 10_000n) groups.unshift(Number(rest % 10_000n));
  let words = '';
  for (const [i, group] of groups.entries()) {
    const place = groups.length - 1 - i;
    if (group === 0) continue;
    // A gap (a whole group of zeros, or a group below a thousand) is said once.
    if (words !== '' && (group < 1000 || groups[i - 1] === 0)) words += '零';
    words += groupInWords(group) + (GROUPS[place] ?? '');
  }
  return words;
}

function groupInWords(group: number): string {
  let words = '';
  let gap = false;
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(group / 10 ** place) % 10;
    if (digit === 0) {
      gap = words !== '';
      continue;
    }
    words += `${gap ? '零' : ''}${DIGITS[digit]}${PLACES[place]}`;
    gap = false;
  }
  return words;
}
