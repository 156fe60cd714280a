/** The findings of one area, what is wrong first. */
import { CheckCircleFilled, CloseCircleFilled, InfoCircleFilled, WarningFilled } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DiagnosisArea, Finding } from '#shared/contract/desktop/diagnosis.ts';
import { Section } from '../../../components/page.tsx';
import { useFindingText } from '../../../lib/diagnosis-text.ts';

const ORDER: readonly Finding['severity'][] = ['problem', 'warning', 'note', 'good'];
const ICONS: Record<Finding['severity'], ReactNode> = { problem: <CloseCircleFilled />, warning: <WarningFilled />, note: <InfoCircleFilled />, good: <CheckCircleFilled /> };
const CLASSES: Record<Finding['severity'], string> = { problem: 'bk-bad', warning: 'bk-warn', note: 'bk-secondary', good: 'bk-ok' };

export function AreaFindings({ area, findings }: { area: DiagnosisArea; findings: readonly Finding[] }) {
  const { t } = useTranslation();
  if (findings.length === 0) return null;
  const ordered = [...findings].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return (
    <Section title={t(`diagnosis.area.${area}`)}>
      <ul className="bk-findings">
        {ordered.map((finding) => <FindingRow key={finding.id} finding={finding} />)}
      </ul>
    </Section>
  );
}

function FindingRow({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const text = useFindingText()(finding);
  return (
    <li data-code={finding.code} data-severity={finding.severity}>
      <span className={CLASSES[finding.severity]} aria-hidden="true">{ICONS[finding.severity]}</span>
      <div>
        <strong><span className="bk-visually-hidden">{t(`diagnosis.severity.${finding.severity}`)} </span>{text.title}</strong>
        {text.cause === '' ? null : <p className="bk-secondary">{finding.severity === 'problem' || finding.severity === 'warning' ? t('diagnosis.cause', { text: text.cause }) : text.cause}</p>}
        {text.next === '' || finding.severity === 'good' ? null : <p>{t('diagnosis.next', { text: text.next })}</p>}
      </div>
    </li>
  );
}
