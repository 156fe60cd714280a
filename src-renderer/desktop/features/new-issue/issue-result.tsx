/** The result: both new certificates, and the way to the next key. */
import { CheckCircleFilled } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import { CertificateList } from '../../../components/certificate-list.tsx';
import { KeyLine } from '../../../components/key-line.tsx';
import { Section } from '../../../components/page.tsx';
import { Serial } from '../../../components/serial.tsx';
import { membersOf, newPair } from '../../../lib/key-certificates.ts';
import { sameKey } from '../../../lib/key-name.ts';
import { useTokens } from '../../../lib/queries.ts';

interface IssueResultProps {
  readonly deed: Deed;
  readonly fingerprintsBefore: readonly string[];
  readonly remaining: number;
  readonly onNextKey: () => void;
}

export function IssueResult({ deed, fingerprintsBefore, remaining, onNextKey }: IssueResultProps) {
  const { t } = useTranslation();
  const tokens = useTokens().data?.tokens ?? [];
  const token = tokens.find((candidate) => sameKey(candidate.ref, deed.token)) ?? null;
  const pair = token ? newPair(token, fingerprintsBefore) : null;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  return (
    <Section label={t('issue.result.title')}>
      <div className="bk-result-head">
        <CheckCircleFilled aria-hidden="true" />
        <div>
          <h2 ref={heading} tabIndex={-1}>{t('issue.result.title')}</h2>
          <p className="bk-secondary">{t('issue.result.meaning')}</p>
        </div>
      </div>
      <div className="bk-stack">
        {token ? <KeyLine token={token} /> : <p>{t('issue.result.pulled')} <Serial value={deed.token.serial} /></p>}
        {pair ? <CertificateList certificates={membersOf(pair)} /> : null}
        {remaining > 0 ? <NextKey deed={deed} remaining={remaining} onNextKey={onNextKey} /> : <AllDone />}
      </div>
    </Section>
  );
}

/** 拔出，插入下一把: follows what is plugged in. */
function NextKey({ deed, remaining, onNextKey }: { deed: Deed; remaining: number; onNextKey: () => void }) {
  const { t } = useTranslation();
  const tokens = useTokens().data?.tokens ?? [];
  const pulled = !tokens.some((token) => sameKey(token.ref, deed.token));
  const other = tokens.find((token) => !sameKey(token.ref, deed.token) && token.modelId === deed.tokenModelId);
  return (
    <div className="bk-next-key">
      <p aria-live="polite">
        <strong>{t('issue.result.remaining', { count: remaining })}</strong>{' '}
        {other ? t('issue.result.nextSeen') : pulled ? t('issue.result.plugNext') : t('issue.result.pull')}
        {other ? <> <Serial value={other.ref.serial} /></> : null}
      </p>
      <div className="bk-actions">
        <Button type="primary" size="large" onClick={onNextKey}>{t('issue.result.next')}</Button>
        <Link to="/keys">{t('nav.keys')}</Link>
      </div>
    </div>
  );
}

function AllDone() {
  const { t } = useTranslation();
  return (
    <div className="bk-next-key">
      <p><strong>{t('issue.result.allDone')}</strong> {t('issue.result.afterAll')}</p>
      <div className="bk-actions">
        <Link to="/keys" className="bk-button-link bk-button-link-primary">{t('issue.result.lookAtKey')}</Link>
        <Link to="/pending">{t('issue.backToList')}</Link>
      </div>
    </div>
  );
}
