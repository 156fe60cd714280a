/** What a deed did: the certificates that are on the key now, and what became of the old ones. */
import { CheckCircleFilled } from '@ant-design/icons';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import { CertificateList } from '../../../components/certificate-list.tsx';
import { KeyLine } from '../../../components/key-line.tsx';
import { Section } from '../../../components/page.tsx';
import { membersOf, newPair } from '../../../lib/key-certificates.ts';
import { sameKey } from '../../../lib/key-name.ts';
import { useTokens } from '../../../lib/queries.ts';
import type { CarriedOutKind } from '../../../lib/carried-out-kinds.ts';

export function CarryOutResult({ deed, kind, fingerprintsBefore }: { deed: Deed; kind: CarriedOutKind; fingerprintsBefore: readonly string[] }) {
  const { t } = useTranslation();
  const token = useTokens().data?.tokens.find((candidate) => sameKey(candidate.ref, deed.token)) ?? null;
  const pair = token && kind !== 'unlock' ? newPair(token, fingerprintsBefore) : null;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Section label={t(`services.${kind}.done`)}>
      <div className="bk-result-head">
        <CheckCircleFilled aria-hidden="true" />
        <div>
          <h2 ref={heading} tabIndex={-1}>{t(`services.${kind}.done`)}</h2>
          <p className="bk-secondary">{t(`services.${kind}.doneMeaning`)}</p>
        </div>
      </div>
      <div className="bk-stack">
        {token ? <KeyLine token={token} /> : null}
        {pair ? <CertificateList certificates={membersOf(pair)} /> : null}
        <div className="bk-actions">
          <Link to="/keys" className="bk-button-link bk-button-link-primary">{t('issue.result.lookAtKey')}</Link>
          <Link to="/requests">{t('requests.title')}</Link>
        </div>
      </div>
    </Section>
  );
}
