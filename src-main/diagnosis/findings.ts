/** Makes findings: a code of the table, what it is about, and facts. Facts never hold a PIN or key. */
import { DIAGNOSIS_CODES, type DiagnosisCode, type Finding } from '#shared/contract/desktop/diagnosis.ts';

export type Facts = Finding['facts'];
export type Found = (code: DiagnosisCode, about: string, facts?: Facts) => void;

export function makeFinding(code: DiagnosisCode, about: string, facts: Facts = {}): Finding {
  const [area, severity] = DIAGNOSIS_CODES[code];
  return { id: about === '' ? code : `${code} ${about}`.slice(0, 300), code, area, severity, facts };
}
