/** The pairs of one key as the engine sees them: current ones and history, with what the CA says and how many bids wait for them. */
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import type { CertificatePair } from '#shared/contract/desktop/key-overview.ts';
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { CertificateState } from '#shared/contract/rest/certificates.ts';
import { CertificateList } from '../../../components/certificate-list.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { ToneTag, type Tone } from '../../../components/tone-tag.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { certificatePairs, membersOf } from '../../../lib/key-certificates.ts';
import { QUERY_KEYS } from '../../../lib/queries.ts';

const STATE_TONES: Record<CertificateState, Tone> = { pending: 'notice', active: 'ok', suspended: 'warn', revoked: 'bad' };

export function KeyPairs({ token }: { token: TokenSummary }) {
  const engine = useEngine();
  const overview = useQuery({
    queryKey: [...QUERY_KEYS.keyOverview, token.ref, token.certificates.map((one) => one.sha256Hex)],
    queryFn: () => engine.call('keys.overview', { token: token.ref }),
    staleTime: 0,
  });
  return (
    <>
      {overview.error ? <ErrorPanel error={overview.error} onRetry={() => void overview.refetch()} /> : null}
      {overview.data
        ? overview.data.pairs.map((pair) => <Pair key={pair.containerId} pair={pair} />)
        // Until the overview is there, what the driver shows.
        : certificatePairs(token.certificates).map((pair) => <CertificateList key={pair.containerId} certificates={membersOf(pair)} />)}
    </>
  );
}

function Pair({ pair }: { pair: CertificatePair }) {
  const { t } = useTranslation();
  const members = [pair.sign, pair.encrypt, pair.other].filter((one): one is TokenCertificate => one !== null);
  return (
    <div className="bk-pair">
      <p>
        {pair.projectName === null ? null : <span className="bk-secondary">{pair.projectName}</span>}
        {pair.standing === 'history' ? <ToneTag tone="plain">{t('keyCard.history')}</ToneTag> : null}
        {pair.caState === null ? null : <ToneTag tone={STATE_TONES[pair.caState]}>{t(`keyCard.caState.${pair.caState}`)}</ToneTag>}
        {pair.bidsToOpen === 0 ? null : <ToneTag tone="notice">{t('keyCard.bidsToOpen', { count: pair.bidsToOpen })}</ToneTag>}
      </p>
      <CertificateList certificates={members} />
    </div>
  );
}
