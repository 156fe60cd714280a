/** The facts of an error that help a person. What only support understands stands beside the code (technicalFacts); the rest stays in the report. */
import { useTranslation } from 'react-i18next';
import type { ErrorDetails } from '#shared/errors/error-row.ts';
import { beijingTime } from '../lib/beijing-time.ts';
import { groupSerial } from '../lib/group-serial.ts';

/** Facts that are shown, in this order; each has a name in errorFacts.<name>. */
const SHOWN_FACTS = ['triesLeft', 'retryAtUtc', 'retryAfterSeconds', 'wantedSerial', 'certificates', 'rules', 'characters', 'wanted', 'found', 'paths', 'reason', 'state', 'step'] as const;
type ShownFact = (typeof SHOWN_FACTS)[number];

/** Driver function, its answer, mechanism: in one line, as the standard spells them. */
export function technicalFacts(details: ErrorDetails): string {
  return [details.functionName, details.returnCode, details.returnNumber === details.returnCode ? null : details.returnNumber, details.mechanism].filter((fact) => typeof fact === 'string' && fact !== '').join(' ');
}

export function ErrorFacts({ details }: { details: ErrorDetails }) {
  const { t } = useTranslation();
  const facts = SHOWN_FACTS.flatMap((name) => {
    const text = factText(name, details[name]);
    return text === null ? [] : [{ name, text }];
  });
  if (facts.length === 0) return null;
  return (
    <dl className="bk-facts">
      {facts.map(({ name, text }) => (
        <div key={name}>
          <dt>{t(`errorFacts.${name}`)}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function factText(name: ShownFact, value: ErrorDetails[string] | undefined): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (name === 'retryAtUtc') return beijingTime(String(value));
  if (name === 'wantedSerial') return groupSerial(String(value));
  return Array.isArray(value) ? (value.length > 0 ? value.join('\n') : null) : String(value);
}
